import { XgError } from '#shared/errors.ts';
import type { Channel } from '../lineup/channel.ts';
import {
  channelForVirtualNumber,
  type DiscoverAnswer,
  discoverAnswer,
  type LineupEntry,
  type LineupQuery,
  lineupAnswer,
  lineupStatusAnswer,
  statusAnswer,
  type TunerStatus,
} from './answers.ts';
import { type ChannelMap, mapChannels } from './channel-map.ts';
import type { ChannelMarks } from './channel-marks.ts';
import type { CodecNames } from './codecs.ts';
import type { DeviceBook, HdhrDevice } from './devices.ts';
import type { LineupScan } from './lineup-scan.ts';
import type { TunerReports } from './tuner-reports.ts';

export interface FaceOptions {
  readonly enabled: boolean;
  readonly devices: DeviceBook;
  readonly marks: ChannelMarks;
  readonly scan: LineupScan;
  readonly reports: TunerReports;
  readonly lineup: { readonly channels: readonly Channel[]; byNumber(number: number): Channel | null };
  codecsOf(channel: Channel): CodecNames;
}

interface DeviceChannels {
  /** Of which these are. */
  readonly of: readonly Channel[];
  readonly channels: readonly Channel[];
  readonly map: ChannelMap;
}

/** What the devices answer, over whichever protocol they are asked. */
export class HdhomerunFace {
  readonly enabled: boolean;
  readonly devices: DeviceBook;
  readonly scan: LineupScan;
  readonly reports: TunerReports;
  readonly #options: FaceOptions;
  readonly #channels = new Map<HdhrDevice, DeviceChannels>();

  constructor(options: FaceOptions) {
    this.enabled = options.enabled;
    this.devices = options.devices;
    this.scan = options.scan;
    this.reports = options.reports;
    this.#options = options;
  }

  discover(device: HdhrDevice, baseUrl: string): DiscoverAnswer {
    const { name, identity } = device;
    return discoverAnswer({ name, identity, tunerCount: device.tunerCount(), baseUrl });
  }

  /** Empty, not an error, while there is no lineup: a client that gets an error here forgets the device. */
  lineup(device: HdhrDevice, baseUrl: string, query: LineupQuery): LineupEntry[] {
    const { marks, codecsOf } = this.#options;
    const { deviceId } = device.identity;
    return lineupAnswer(this.channelsOf(device), baseUrl, {
      query,
      markOf: (channel) => marks.get(deviceId, channel.id),
      codecsOf,
    });
  }

  lineupStatus(): object {
    return lineupStatusAnswer(this.scan.report);
  }

  async status(device: HdhrDevice): Promise<TunerStatus[]> {
    return statusAnswer(await this.reports.all(device.slots), this.mapOf(device));
  }

  channelsOf(device: HdhrDevice): readonly Channel[] {
    return this.#of(device).channels;
  }

  mapOf(device: HdhrDevice): ChannelMap {
    return this.#of(device).map;
  }

  /** By what stands in a stream's address, or in a `vchannel`. Null for one that the device does not have. */
  channel(device: HdhrDevice, text: string): Channel | null {
    const { lineup } = this.#options;
    const byNumber = (number: number): Channel | null => {
      const channel = lineup.byNumber(number);
      return channel !== null && device.has(channel) ? channel : null;
    };
    return channelForVirtualNumber(text, { byNumber }, this.mapOf(device));
  }

  /**
   * `favorite=` of `lineup.post`: `+4` makes channel 4 a favourite, `x4` hides it, `-4` takes back either.
   *
   * @throws XgError `CHANNEL_UNKNOWN`, `HDHR_FAVORITE`.
   */
  mark(device: HdhrDevice, text: string): void {
    // A "+" that was not escaped in the query has become a blank.
    const [, sign, number] = /^([ +x-])(\d{1,6})$/.exec(text) ?? [];
    if (sign === undefined || number === undefined) {
      throw new XgError('HDHR_FAVORITE', 'favorite is + (favourite), x (hidden) or - (neither) and a channel number');
    }
    const channel = this.channel(device, number);
    if (channel === null) throw new XgError('CHANNEL_UNKNOWN', `There is no channel ${number}`);
    const mark = sign === 'x' ? 'hidden' : sign === '-' ? null : 'favourite';
    this.#options.marks.set(device.identity.deviceId, channel.id, mark);
  }

  /** Made anew when the lineup is another one. */
  #of(device: HdhrDevice): DeviceChannels {
    const { channels: of } = this.#options.lineup;
    let known = this.#channels.get(device);
    if (known === undefined || known.of !== of) {
      const channels = of.filter((channel) => device.has(channel));
      known = { of, channels, map: mapChannels(channels) };
      this.#channels.set(device, known);
    }
    return known;
  }
}
