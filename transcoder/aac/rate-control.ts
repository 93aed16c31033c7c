/**
 * Shares out bits over time. The average holds in the long run; what quiet frames leave goes into a reservoir that
 * difficult ones draw on. The reservoir is kept well filled, so that an attack that came too late for short windows can
 * be coded with twice the bits of its neighbours.
 *
 * Spec: ISO/IEC 14496-3:2019, 4.5.3 (decoder input buffer: 6144 bits per channel, an access unit never has more).
 */
const MOST_BITS_PER_CHANNEL = 6144;
/** How full the reservoir is kept, and which part of the distance is made good per frame. */
const KEPT = 0.8;
const RETURN = 0.15;
/** The part of the reservoir that a long frame with an attack in it may take, and how many times the mean at most. */
const URGENT = 0.8;
const LATE_MOST = 2;
/** Times the bits that a short frame looks as if it needs. */
const FOR_SHORT = 1.25;
/** Demand is compared with what it was over about 1 s. */
const MEMORY = 0.98;
const ADAPTION = 0.9;
const FRAME = 1024;

/** Short frames cannot tell tones from noise and bear less of it than they look; some long ones hold an attack. */
export type FrameKind = 'long' | 'short' | 'late attack';

export interface RateControlOptions {
  readonly sampleRate: number;
  /** Those of 6144 bits: all but the LFE. */
  readonly channels: number;
  readonly bitrate: number;
}

export class RateControl {
  /** No access unit may have more bits than that. */
  readonly most: number;
  readonly #mean: number;
  readonly #room: number;
  #reservoir: number;
  #usualDemand = 0;
  /** Bits by which an estimate is too low or too high, as a factor: of long and of short frames. */
  readonly #factors: [number, number] = [1, 1];

  constructor({ sampleRate, channels, bitrate }: RateControlOptions) {
    this.most = MOST_BITS_PER_CHANNEL * channels;
    this.#mean = Math.min((bitrate * FRAME) / sampleRate, 0.95 * this.most);
    this.#room = this.most - this.#mean;
    this.#reservoir = KEPT * this.#room;
  }

  /** What this frame must not exceed. */
  get limit(): number {
    return Math.floor(Math.min(this.most, this.#mean + this.#reservoir));
  }

  /** By what an estimate is to be multiplied. */
  factor(short: boolean): number {
    return this.#factors[short ? 1 : 0];
  }

  /** Bits to aim at for a frame that would take `demand` for noise just at the threshold; see `FrameKind`. */
  target(demand: number, kind: FrameKind): number {
    if (this.#usualDemand === 0) this.#usualDemand = demand;
    // Where the reservoir is full what is not spent is lost.
    const least = Math.max(0.6, (this.#reservoir / this.#room - KEPT) / (1 - KEPT));
    const ratio = Math.max(least, Math.min(2.5, (demand + 1) / (this.#usualDemand + 1)));
    this.#usualDemand = MEMORY * this.#usualDemand + (1 - MEMORY) * demand;
    const steady = this.#mean + RETURN * (this.#reservoir - KEPT * this.#room);
    const even = steady * ratio * (kind === 'short' ? FOR_SHORT : 1);
    const late = Math.min(this.#mean + URGENT * this.#reservoir, LATE_MOST * this.#mean);
    const aim = kind === 'late attack' ? Math.max(late, even) : even;
    return Math.max(0, Math.min(aim, this.#mean + 0.9 * this.#reservoir, 0.95 * this.most));
  }

  /** What became of it: bits written, of them those that were estimated, and the estimate without factor. */
  spent(bits: number, lineBits: number, estimate: number, short: boolean): void {
    // Never less than nothing: units of silence may be longer than the lowest bit rates allow.
    this.#reservoir = Math.max(0, Math.min(this.#room, this.#reservoir + this.#mean - bits));
    if (estimate < 100) return;
    const index = short ? 1 : 0;
    const found = Math.max(0.3, Math.min(3, lineBits / estimate));
    this.#factors[index] = ADAPTION * this.#factors[index] + (1 - ADAPTION) * found;
  }
}
