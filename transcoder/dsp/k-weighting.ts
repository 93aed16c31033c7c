/**
 * K-weighting: a high shelf for the head, then a high-pass (RLB).
 *
 * Spec: ITU-R BS.1770-5, Annex 1, tables 1 and 2. The Recommendation prints coefficients for 48 kHz only and asks for
 * "the same frequency response" elsewhere: below are the analogue filters whose bilinear transforms at 48 kHz are the
 * printed ones, to the last digit but one.
 */

const SHELF_HZ = 1681.974450955533;
const SHELF_DB = 3.999843853973347;
const SHELF_Q = 0.7071752369554196;
/** Gain of the shelf's band-pass term, as a power of its gain at the top. */
const SHELF_SLOPE = 0.4996667741545416;
const HIGH_PASS_HZ = 38.13547087602444;
const HIGH_PASS_Q = 0.5003270373238773;
const PRINTED_RATE = 48_000;

/** Second-order section, a0 = 1. */
export interface Biquad {
  readonly b0: number;
  readonly b1: number;
  readonly b2: number;
  readonly a1: number;
  readonly a2: number;
}

export interface KWeighting {
  readonly shelf: Biquad;
  readonly highPass: Biquad;
}

/** The two sections for a sample rate in Hz. */
export function kWeighting(sampleRate: number): KWeighting {
  return { shelf: shelf(sampleRate), highPass: highPass(sampleRate) };
}

function shelf(sampleRate: number): Biquad {
  const w = Math.tan((Math.PI * SHELF_HZ) / sampleRate);
  const top = 10 ** (SHELF_DB / 20);
  const middle = top ** SHELF_SLOPE;
  const a0 = 1 + w / SHELF_Q + w * w;
  return {
    b0: (top + (middle * w) / SHELF_Q + w * w) / a0,
    b1: (2 * (w * w - top)) / a0,
    b2: (top - (middle * w) / SHELF_Q + w * w) / a0,
    a1: (2 * (w * w - 1)) / a0,
    a2: (1 - w / SHELF_Q + w * w) / a0,
  };
}

function highPass(sampleRate: number): Biquad {
  const w = Math.tan((Math.PI * HIGH_PASS_HZ) / sampleRate);
  const a0 = highPassA0(sampleRate);
  // The printed numerator is 1, −2, 1 without the division by a0: a gain of 0.04 dB that other rates must have too.
  const b0 = highPassA0(PRINTED_RATE) / a0;
  return { b0, b1: -2 * b0, b2: b0, a1: (2 * (w * w - 1)) / a0, a2: (1 - w / HIGH_PASS_Q + w * w) / a0 };
}

function highPassA0(sampleRate: number): number {
  const w = Math.tan((Math.PI * HIGH_PASS_HZ) / sampleRate);
  return 1 + w / HIGH_PASS_Q + w * w;
}

/** States smaller than this are silence; without the cut they would decay into denormal numbers, which are slow. */
const SILENT_STATE = 1e-30;

/** Sum of squares of one channel, K-weighted. In double precision. */
export class KWeightedEnergy {
  readonly #filter: KWeighting;
  /** Two states of each section (transposed direct form II), then the sum. */
  readonly #state = new Float64Array(5);

  constructor(filter: KWeighting) {
    this.#filter = filter;
  }

  add(plane: Float32Array, from: number, to: number): void {
    const { shelf, highPass } = this.#filter;
    const { b0, b1, b2, a1, a2 } = shelf;
    const { b0: c0, b1: c1, b2: c2, a1: d1, a2: d2 } = highPass;
    const state = this.#state;
    let s1 = state[0] as number;
    let s2 = state[1] as number;
    let t1 = state[2] as number;
    let t2 = state[3] as number;
    let sum = state[4] as number;
    for (let i = from; i < to; i++) {
      const x = plane[i] as number;
      const y = b0 * x + s1;
      s1 = b1 * x - a1 * y + s2;
      s2 = b2 * x - a2 * y;
      const z = c0 * y + t1;
      t1 = c1 * y - d1 * z + t2;
      t2 = c2 * y - d2 * z;
      sum += z * z;
    }
    state[0] = s1;
    state[1] = s2;
    state[2] = t1;
    state[3] = t2;
    state[4] = sum;
  }

  /**
   * Returns the sum of squares since the last call and starts a new one. A sum that is no number (the source held NaN or
   * infinity) is taken for silence and the filter starts afresh, so that it does not stay deaf for ever.
   */
  takeSum(): number {
    const state = this.#state;
    const sum = state[4] as number;
    state[4] = 0;
    if (!Number.isFinite(sum)) {
      this.reset();
      return 0;
    }
    for (let i = 0; i < 4; i++) if (Math.abs(state[i] as number) < SILENT_STATE) state[i] = 0;
    return sum;
  }

  reset(): void {
    this.#state.fill(0);
  }
}
