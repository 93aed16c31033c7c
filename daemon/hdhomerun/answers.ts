import type { Channel } from '../lineup/channel.ts';
import { displayName } from '../lineup/display-name.ts';
import type { HdhrIdentity } from './identity.ts';

/** A real European model without a transcoder, so that no client appends `?transcode=`. */
const MODEL = { number: 'HDHR5-4DT', firmware: 'hdhomerun5_dvbt', version: '20240101' } as const;

/** What clients ask first. Strings are strings and numbers numbers: Plex reads a `"4"` here as 49 tuners. */
export interface DiscoverAnswer {
  readonly FriendlyName: string;
  readonly ModelNumber: string;
  readonly FirmwareName: string;
  readonly FirmwareVersion: string;
  readonly DeviceID: string;
  readonly DeviceAuth: string;
  readonly TunerCount: number;
  readonly BaseURL: string;
  readonly LineupURL: string;
}

export function discoverAnswer(options: {
  name: string;
  identity: HdhrIdentity;
  tunerCount: number;
  baseUrl: string;
}): DiscoverAnswer {
  return {
    FriendlyName: options.name,
    ModelNumber: MODEL.number,
    FirmwareName: MODEL.firmware,
    FirmwareVersion: MODEL.version,
    DeviceID: options.identity.deviceId,
    DeviceAuth: 'xg2g',
    TunerCount: options.tunerCount,
    BaseURL: options.baseUrl,
    LineupURL: `${options.baseUrl}/lineup.json`,
  };
}

/** One channel. `HD` is the number 1 or absent, as on the device; the URL carries no query, because clients append one. */
export interface LineupEntry {
  readonly GuideNumber: string;
  readonly GuideName: string;
  readonly HD?: 1;
  readonly URL: string;
}

/**
 * The TV channels. Radio is left out: Plex takes a channel without a picture for a broken one. `GuideNumber` is the
 * channel's number, which the guide carries as a display name, so that clients match the two by themselves.
 */
export function lineupAnswer(channels: readonly Channel[], baseUrl: string): LineupEntry[] {
  return channels
    .filter((channel) => !channel.radio)
    .map((channel) => ({
      GuideNumber: String(channel.number),
      GuideName: displayName(channel.name),
      ...(channel.definition === 'hd' || channel.definition === 'uhd' ? { HD: 1 as const } : {}),
      URL: `${baseUrl}/auto/v${channel.number}`,
    }));
}

export function lineupStatusAnswer(): object {
  return { ScanInProgress: 0, ScanPossible: 1, Source: 'Antenna', SourceList: ['Antenna'] };
}

/**
 * The channel that `/auto/v<n>` or `/tuner<k>/v<n>` asks for: `<n>` is the channel's number. Null for what is no number
 * or names no channel.
 */
export function channelForVirtualNumber(
  text: string,
  lineup: { byNumber(number: number): Channel | null },
): Channel | null {
  const number = /^v?(\d{1,6})$/.exec(text)?.[1];
  return number === undefined ? null : lineup.byNumber(Number(number));
}
