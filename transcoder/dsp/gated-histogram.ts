import { lufsToPower, powerToLufs } from './decibels.ts';

const ABSOLUTE_GATE_LUFS = -70;
const RELATIVE_GATE_LU = -10;
const TOP_LUFS = 10;
const BINS_PER_LU = 10;
const BINS = (TOP_LUFS - ABSOLUTE_GATE_LUFS) * BINS_PER_LU;

/**
 * Integrated loudness over any length of time in 12 KiB: powers of the gating blocks are summed by bins of 0.1 LU. The
 * mean is exact; only the relative gate falls on a border between bins.
 *
 * Spec: ITU-R BS.1770-5, Annex 1, equations (3)–(7); EBU Tech 3341, 2.3.
 */
export class GatedHistogram {
  readonly #counts = new Float64Array(BINS);
  readonly #powers = new Float64Array(BINS);

  /** Takes the power of one gating block (400 ms, every 100 ms). */
  add(power: number): void {
    const lufs = powerToLufs(power);
    if (!(lufs > ABSOLUTE_GATE_LUFS)) return;
    const bin = Math.min(BINS - 1, Math.floor((lufs - ABSOLUTE_GATE_LUFS) * BINS_PER_LU));
    this.#counts[bin] = (this.#counts[bin] as number) + 1;
    this.#powers[bin] = (this.#powers[bin] as number) + power;
  }

  /** LUFS; null while no block was above the absolute gate. */
  get loudness(): number | null {
    const ungated = this.#meanFrom(0);
    if (ungated === null) return null;
    const threshold = powerToLufs(ungated) + RELATIVE_GATE_LU;
    const from = Math.max(0, Math.round((threshold - ABSOLUTE_GATE_LUFS) * BINS_PER_LU));
    const gated = this.#meanFrom(from);
    return gated === null ? null : powerToLufs(gated);
  }

  reset(): void {
    this.#counts.fill(0);
    this.#powers.fill(0);
  }

  #meanFrom(bin: number): number | null {
    let count = 0;
    let power = 0;
    for (let i = bin; i < BINS; i++) {
      count += this.#counts[i] as number;
      power += this.#powers[i] as number;
    }
    return count === 0 ? null : power / count;
  }
}

/** Two-step gated mean of block powers, exact, for a short list. Returns null when there is none. */
export function gatedMeanPower(powers: Float64Array, count: number): number | null {
  const threshold = relativeGatePower(powers, count);
  if (threshold === null) return null;
  let sum = 0;
  let taken = 0;
  for (let i = 0; i < count; i++) {
    const power = powers[i] as number;
    if (power <= threshold) continue;
    sum += power;
    taken++;
  }
  return taken === 0 ? null : sum / taken;
}

/** The power 10 LU below the mean of those above the absolute gate. */
function relativeGatePower(powers: Float64Array, count: number): number | null {
  const absolute = lufsToPower(ABSOLUTE_GATE_LUFS);
  let sum = 0;
  let taken = 0;
  for (let i = 0; i < count; i++) {
    const power = powers[i] as number;
    if (power <= absolute) continue;
    sum += power;
    taken++;
  }
  return taken === 0 ? null : (sum / taken) * 10 ** (RELATIVE_GATE_LU / 10);
}
