/**
 * True peak: the peak of the signal between its samples, by 4-fold oversampling.
 *
 * Spec: ITU-R BS.1770-5, Annex 2: interpolating filter of 48 taps in four phases of 12. Phase 3 is phase 0 reversed and
 * phase 2 is phase 1 reversed, so each pair comes out of 12 products (sum and difference of mirrored samples) instead
 * of 24.
 */

const PHASE_0 = [
  0.001708984375, 0.010986328125, -0.0196533203125, 0.033203125, -0.0594482421875, 0.1373291015625, 0.97216796875,
  -0.102294921875, 0.047607421875, -0.026611328125, 0.014892578125, -0.00830078125,
] as const;
const PHASE_1 = [
  -0.0291748046875, 0.029296875, -0.0517578125, 0.089111328125, -0.16650390625, 0.465087890625, 0.77978515625,
  -0.2003173828125, 0.1015625, -0.0582275390625, 0.0330810546875, -0.0189208984375,
] as const;

export const TRUE_PEAK_TAPS = 12;

/** By how many samples the interpolated values lie behind the newest sample: between this one and the next newer. */
export const TRUE_PEAK_DELAY = 6;

/** No interpolated value exceeds the largest of its 12 samples by more than this factor (sum of |coefficients|). */
export const TRUE_PEAK_MAX_FACTOR = Math.max(sumOfMagnitudes(PHASE_0), sumOfMagnitudes(PHASE_1));

function sumOfMagnitudes(taps: readonly number[]): number {
  return taps.reduce((sum, tap) => sum + Math.abs(tap), 0);
}

// Even (E) and odd (O) halves of both phases, one constant each: the compiler puts them into the code.
const E0 = (PHASE_0[0] + PHASE_0[11]) / 2;
const E1 = (PHASE_0[1] + PHASE_0[10]) / 2;
const E2 = (PHASE_0[2] + PHASE_0[9]) / 2;
const E3 = (PHASE_0[3] + PHASE_0[8]) / 2;
const E4 = (PHASE_0[4] + PHASE_0[7]) / 2;
const E5 = (PHASE_0[5] + PHASE_0[6]) / 2;
const O0 = (PHASE_0[0] - PHASE_0[11]) / 2;
const O1 = (PHASE_0[1] - PHASE_0[10]) / 2;
const O2 = (PHASE_0[2] - PHASE_0[9]) / 2;
const O3 = (PHASE_0[3] - PHASE_0[8]) / 2;
const O4 = (PHASE_0[4] - PHASE_0[7]) / 2;
const O5 = (PHASE_0[5] - PHASE_0[6]) / 2;
const F0 = (PHASE_1[0] + PHASE_1[11]) / 2;
const F1 = (PHASE_1[1] + PHASE_1[10]) / 2;
const F2 = (PHASE_1[2] + PHASE_1[9]) / 2;
const F3 = (PHASE_1[3] + PHASE_1[8]) / 2;
const F4 = (PHASE_1[4] + PHASE_1[7]) / 2;
const F5 = (PHASE_1[5] + PHASE_1[6]) / 2;
const P0 = (PHASE_1[0] - PHASE_1[11]) / 2;
const P1 = (PHASE_1[1] - PHASE_1[10]) / 2;
const P2 = (PHASE_1[2] - PHASE_1[9]) / 2;
const P3 = (PHASE_1[3] - PHASE_1[8]) / 2;
const P4 = (PHASE_1[4] - PHASE_1[7]) / 2;
const P5 = (PHASE_1[5] - PHASE_1[6]) / 2;

/**
 * Raises `peaks[i]` to the largest magnitude of the four interpolated values, and of the sample itself, that become
 * known with sample `line[from + i]`: those TRUE_PEAK_DELAY samples back. The 11 samples before `from` shall be in
 * `line` too.
 */
export function raiseToTruePeaks(line: Float32Array, from: number, samples: number, peaks: Float64Array): void {
  for (let i = 0; i < samples; i++) {
    const at = from + i;
    const x5 = line[at - 5] as number;
    const x6 = line[at - 6] as number;
    const s0 = (line[at] as number) + (line[at - 11] as number);
    const d0 = (line[at] as number) - (line[at - 11] as number);
    const s1 = (line[at - 1] as number) + (line[at - 10] as number);
    const d1 = (line[at - 1] as number) - (line[at - 10] as number);
    const s2 = (line[at - 2] as number) + (line[at - 9] as number);
    const d2 = (line[at - 2] as number) - (line[at - 9] as number);
    const s3 = (line[at - 3] as number) + (line[at - 8] as number);
    const d3 = (line[at - 3] as number) - (line[at - 8] as number);
    const s4 = (line[at - 4] as number) + (line[at - 7] as number);
    const d4 = (line[at - 4] as number) - (line[at - 7] as number);
    const s5 = x5 + x6;
    const d5 = x5 - x6;
    // |even + odd| and |even − odd| are the magnitudes of a phase and its mirror; the larger is |even| + |odd|.
    const outer =
      Math.abs(E0 * s0 + E1 * s1 + E2 * s2 + (E3 * s3 + E4 * s4 + E5 * s5)) +
      Math.abs(O0 * d0 + O1 * d1 + O2 * d2 + (O3 * d3 + O4 * d4 + O5 * d5));
    const inner =
      Math.abs(F0 * s0 + F1 * s1 + F2 * s2 + (F3 * s3 + F4 * s4 + F5 * s5)) +
      Math.abs(P0 * d0 + P1 * d1 + P2 * d2 + (P3 * d3 + P4 * d4 + P5 * d5));
    const peak = Math.max(outer, inner, Math.abs(x6));
    if (peak > (peaks[i] as number)) peaks[i] = peak;
  }
}

/** Largest magnitude of `line[from, to)`. */
export function samplePeak(line: Float32Array, from: number, to: number): number {
  let peak = 0;
  for (let i = from; i < to; i++) {
    const magnitude = Math.abs(line[i] as number);
    if (magnitude > peak) peak = magnitude;
  }
  return peak;
}

const CHUNK = 64;
const HISTORY = TRUE_PEAK_TAPS - 1;

/** Highest true peak over all channels since the start. Where no new maximum is possible nothing is interpolated. */
export class TruePeakMeter {
  readonly #lines: readonly Float32Array[];
  readonly #peaks = new Float64Array(CHUNK);
  #peak = 0;

  constructor(channels: number) {
    this.#lines = Array.from({ length: channels }, () => new Float32Array(HISTORY + CHUNK));
  }

  /** Linear, 1 = full scale. The last 6 samples count as soon as those that follow are known. */
  get peak(): number {
    return this.#peak;
  }

  add(planes: readonly Float32Array[], offset: number, samples: number): void {
    const end = offset + samples;
    for (let at = offset; at < end; at += CHUNK) {
      const count = Math.min(CHUNK, end - at);
      for (let channel = 0; channel < this.#lines.length; channel++) {
        this.#addTo(this.#lines[channel] as Float32Array, planes[channel] as Float32Array, at, count);
      }
    }
  }

  #addTo(line: Float32Array, plane: Float32Array, from: number, count: number): void {
    for (let i = 0; i < count; i++) line[HISTORY + i] = plane[from + i] as number;
    if (samplePeak(line, 0, HISTORY + count) * TRUE_PEAK_MAX_FACTOR > this.#peak) {
      this.#peaks.fill(0, 0, count);
      raiseToTruePeaks(line, HISTORY, count, this.#peaks);
      for (let i = 0; i < count; i++) this.#peak = Math.max(this.#peak, this.#peaks[i] as number);
    }
    line.copyWithin(0, count, count + HISTORY);
  }
}
