import type { Channel } from '../lineup/channel.ts';
import { displayName } from '../lineup/display-name.ts';
import { type ChannelMap, frequencyOf, placeOf, programOf } from './channel-map.ts';
import type { ChannelMark } from './channel-marks.ts';
import type { CodecNames } from './codecs.ts';
import type { HdhrIdentity } from './identity.ts';
import type { ScanReport } from './lineup-scan.ts';
import type { TunerReport } from './tuner-reports.ts';

/** A real European model without a transcoder, so that no client appends `?transcode=` by itself. */
export const MODEL = { number: 'HDHR5-4DT', firmware: 'hdhomerun5_dvbt', version: '20240101' } as const;

/** Clients want one; it gives access to the maker's guide, which an emulation has no part in. */
export const DEVICE_AUTH = 'xg2g';

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
    DeviceAuth: DEVICE_AUTH,
    TunerCount: options.tunerCount,
    BaseURL: options.baseUrl,
    LineupURL: `${options.baseUrl}/lineup.json`,
  };
}

/**
 * One channel. Flags are the number 1 or absent, as on the device: Jellyfin loses the whole lineup over a text. The URL
 * carries no query, because clients append one. `Enabled` is in the list of all channels only.
 */
export interface LineupEntry {
  readonly GuideNumber: string;
  readonly GuideName: string;
  readonly VideoCodec?: string;
  readonly AudioCodec?: string;
  readonly HD?: 1;
  readonly Favorite?: 1;
  readonly Enabled?: 0 | 1;
  readonly URL: string;
}

export interface LineupQuery {
  /** Those that are hidden, too. */
  readonly withHidden: boolean;
  readonly favouritesOnly: boolean;
}

/** `?show=` of the device: `found` and `all` list what is hidden, too; `favorites` the favourites. */
export function lineupQuery(show: string | null): LineupQuery {
  const wanted = show?.toLowerCase() ?? '';
  return { withHidden: wanted === 'found' || wanted === 'all', favouritesOnly: wanted === 'favorites' };
}

/**
 * The channels. `GuideNumber` is the channel's number, which the guide carries as a display name, so that clients match
 * the two by themselves.
 */
export function lineupAnswer(
  channels: Iterable<Channel>,
  baseUrl: string,
  options: {
    readonly query?: LineupQuery;
    readonly markOf?: (channel: Channel) => ChannelMark | null;
    readonly codecsOf?: (channel: Channel) => CodecNames;
  } = {},
): LineupEntry[] {
  const { withHidden, favouritesOnly } = options.query ?? { withHidden: false, favouritesOnly: false };
  const entries: LineupEntry[] = [];
  for (const channel of channels) {
    const mark = options.markOf?.(channel) ?? null;
    if ((mark === 'hidden' && !withHidden) || (mark !== 'favourite' && favouritesOnly)) continue;
    const { video = null, audio = null } = options.codecsOf?.(channel) ?? {};
    entries.push({
      GuideNumber: String(channel.number),
      GuideName: displayName(channel.name),
      ...(video === null ? {} : { VideoCodec: video }),
      ...(audio === null ? {} : { AudioCodec: audio }),
      ...(channel.definition === 'hd' || channel.definition === 'uhd' ? { HD: 1 as const } : {}),
      ...(mark === 'favourite' ? { Favorite: 1 as const } : {}),
      ...(withHidden ? { Enabled: mark === 'hidden' ? (0 as const) : (1 as const) } : {}),
      URL: `${baseUrl}/auto/v${channel.number}`,
    });
  }
  return entries;
}

/** The fields of each state are those of the device, and no others: clients take the present ones for the state. */
export function lineupStatusAnswer({ running, progress, found }: ScanReport): object {
  if (running) return { ScanInProgress: 1, Progress: progress, Found: found };
  return { ScanInProgress: 0, ScanPossible: 1, Source: 'Antenna', SourceList: ['Antenna'] };
}

/** One tuner in `/status.json`; the fields of a stream are absent while there is none. */
export interface TunerStatus {
  readonly Resource: string;
  readonly VctNumber?: string;
  readonly VctName?: string;
  readonly Frequency?: number;
  readonly SignalStrengthPercent?: number;
  readonly SignalQualityPercent?: number;
  readonly SymbolQualityPercent?: number;
  /** Bit/s. */
  readonly NetworkRate?: number;
  readonly TargetIP?: string;
}

export function statusAnswer(reports: readonly (TunerReport | null)[], map: ChannelMap): TunerStatus[] {
  return reports.map((report, tuner) => {
    const resource = { Resource: `tuner${tuner}` };
    if (report === null) return resource;
    const { channel, strength, quality, symbolQuality, bytesPerSecond, target } = report;
    const place = placeOf(map, channel);
    return {
      ...resource,
      VctNumber: String(channel.number),
      VctName: displayName(channel.name),
      ...(place === null ? {} : { Frequency: place.frequency }),
      ...(strength === null ? {} : { SignalStrengthPercent: Math.round(strength) }),
      ...(quality === null ? {} : { SignalQualityPercent: Math.round(quality) }),
      SymbolQualityPercent: symbolQuality,
      NetworkRate: bytesPerSecond * 8,
      ...(target === null ? {} : { TargetIP: target }),
    };
  });
}

/**
 * The channel that `/auto/v<n>` or `/tuner<k>/v<n>` asks for, by its number; or `ch<frequency>-<program>`, as a scan of
 * ours gave them. Null for what is neither, or names no channel.
 */
export function channelForVirtualNumber(
  text: string,
  lineup: { byNumber(number: number): Channel | null },
  map: ChannelMap | null = null,
): Channel | null {
  const number = /^v?(\d{1,6})$/.exec(text)?.[1];
  if (number !== undefined) return lineup.byNumber(Number(number));
  const [, frequency, program] = /^ch(\d{1,9})-(\d{1,5})$/.exec(text) ?? [];
  if (map === null || frequency === undefined) return null;
  const transponder = map.transponders.get(frequencyOf(map, frequency) ?? 0);
  return transponder?.channels.find((channel) => programOf(channel) === Number(program)) ?? null;
}
