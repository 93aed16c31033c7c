import type { Channel } from '../lineup/channel.ts';
import type { Reception } from '../receiver/model.ts';
import type { SlotUse, TunerSlots } from './tuner-slots.ts';

/** What one of the tuners that clients see does. */
export interface TunerReport {
  readonly tuner: number;
  readonly channel: Channel;
  /** `tuning`: nothing has come yet. */
  readonly state: 'tuning' | 'locked';
  /**
   * Percent, as the box measures them: it does so for the transponder of its television only. Null for any other.
   */
  readonly strength: number | null;
  readonly quality: number | null;
  /** Share of packets without a fault, percent. */
  readonly symbolQuality: number;
  readonly bytesPerSecond: number;
  /** Of the client; null where the bytes go nowhere. */
  readonly target: string | null;
}

export interface TunerReportsOptions {
  /** The box whose tuner has the channel; whether its television is on the same transponder. Null: no tuner of a box. */
  leaseOf(channel: string): { readonly box: string; readonly isTelevision: boolean } | null;
  /** Packets of a channel's stream that were faulty or missing, and all of them, since it was opened. */
  packetsOf(channel: string): { readonly faulty: number; readonly all: number } | null;
  receptionOf(box: string): Promise<Reception | null>;
}

/** Looks after what tuners do: the box's own signal where it tells one, and our streams. */
export class TunerReports {
  readonly #options: TunerReportsOptions;

  constructor(options: TunerReportsOptions) {
    this.#options = options;
  }

  async all(slots: TunerSlots): Promise<(TunerReport | null)[]> {
    return Promise.all(Array.from({ length: slots.size }, (_, tuner) => this.of(slots.use(tuner))));
  }

  /** Null for a tuner that nobody uses. */
  async of(use: SlotUse | null): Promise<TunerReport | null> {
    if (use === null) return null;
    const { leaseOf, packetsOf, receptionOf } = this.#options;
    const { channel, ring, tuner } = use;
    const bytesPerSecond = ring === null ? 0 : use.rate.bytesPerSecond(ring.end);
    const lease = leaseOf(channel.id);
    const reception = ring !== null && lease?.isTelevision === true ? await receptionOf(lease.box) : null;
    const packets = packetsOf(channel.id);
    const share = packets === null || packets.all === 0 ? 1 : 1 - packets.faulty / packets.all;
    return {
      tuner,
      channel,
      state: ring === null ? 'tuning' : 'locked',
      strength: reception?.agc ?? null,
      quality: reception?.snr ?? null,
      symbolQuality: ring === null ? 0 : Math.max(0, Math.floor(share * 100)),
      bytesPerSecond,
      target: use.target,
    };
  }
}
