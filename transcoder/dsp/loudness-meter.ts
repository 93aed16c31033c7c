import { powerToLufs } from './decibels.ts';
import { GatedHistogram } from './gated-histogram.ts';
import { KWeightedEnergy, kWeighting } from './k-weighting.ts';
import { loudnessWeights, type SpeakerRole } from './speaker-weights.ts';

const MAX_STEP_SAMPLES = 64;
const MIN_STEP_SAMPLES = 32;
const HOP_SECONDS = 0.1;
const MOMENTARY_HOPS = 4;
const SHORT_TERM_HOPS = 30;

/**
 * Loudness meter in EBU mode: momentary (400 ms), short-term (3 s), integrated with gates. Blocks may have any size; the
 * result does not depend on it. Time runs in steps of about 1.3 ms, of which whole numbers make a hop of 100 ms.
 * Bounded: 3 s of step powers (18 KiB at 48 kHz) and the histogram of the integrated loudness.
 *
 * Spec: ITU-R BS.1770-5, Annex 1; EBU Tech 3341, 2.
 */
export class LoudnessMeter {
  /** Samples of a step, the grain of the windows. */
  readonly stepSamples: number;
  /** Steps of a hop of 100 ms. */
  readonly stepsPerHop: number;
  readonly #energies: readonly KWeightedEnergy[];
  readonly #weights: readonly number[];
  readonly #integrated = new GatedHistogram();
  /** Mean weighted power of each of the last steps: a ring of 3 s. */
  readonly #powers: Float64Array;
  #samplesInStep = 0;
  #steps = 0;

  constructor(sampleRate: number, roles: readonly SpeakerRole[]) {
    const { step, perHop } = gridOf(sampleRate);
    this.stepSamples = step;
    this.stepsPerHop = perHop;
    const filter = kWeighting(sampleRate);
    this.#weights = loudnessWeights(roles);
    this.#energies = roles.map(() => new KWeightedEnergy(filter));
    this.#powers = new Float64Array(SHORT_TERM_HOPS * perHop);
  }

  /** How many samples complete the step that is under way. */
  get samplesToStep(): number {
    return this.stepSamples - this.#samplesInStep;
  }

  /** Whether the last sample added completed a step. */
  get atStep(): boolean {
    return this.#samplesInStep === 0 && this.#steps > 0;
  }

  /** Whether it completed a hop of 100 ms. */
  get atHop(): boolean {
    return this.atStep && this.#steps % this.stepsPerHop === 0;
  }

  /** Mean power of the last whole step. */
  get stepPower(): number {
    if (this.#steps === 0) return 0;
    return this.#powers[(this.#steps - 1) % this.#powers.length] as number;
  }

  /** Mean power of the last 400 ms; null before they are full. */
  get momentaryPower(): number | null {
    return this.#meanPower(MOMENTARY_HOPS * this.stepsPerHop);
  }

  /** Mean power of the last 3 s; null before they are full. */
  get shortTermPower(): number | null {
    return this.#meanPower(SHORT_TERM_HOPS * this.stepsPerHop);
  }

  /** LUFS; null before the window is full and for digital silence. */
  get momentary(): number | null {
    return audible(this.momentaryPower);
  }

  /** LUFS; null before the window is full and for digital silence. */
  get shortTerm(): number | null {
    return audible(this.shortTermPower);
  }

  /** LUFS since the start; null while nothing was above −70 LUFS. */
  get integrated(): number | null {
    return this.#integrated.loudness;
  }

  add(planes: readonly Float32Array[], offset: number, samples: number): void {
    let at = offset;
    const end = offset + samples;
    while (at < end) {
      const to = Math.min(end, at + this.samplesToStep);
      for (let channel = 0; channel < this.#energies.length; channel++) {
        if (this.#weights[channel] === 0) continue;
        (this.#energies[channel] as KWeightedEnergy).add(planes[channel] as Float32Array, at, to);
      }
      this.#samplesInStep += to - at;
      at = to;
      if (this.#samplesInStep === this.stepSamples) this.#completeStep();
    }
  }

  /** Empties filters and windows; the integrated loudness goes on. */
  resetWindows(): void {
    for (const energy of this.#energies) energy.reset();
    this.#samplesInStep = 0;
    this.#steps = 0;
  }

  #completeStep(): void {
    let sum = 0;
    for (let channel = 0; channel < this.#energies.length; channel++) {
      const weight = this.#weights[channel] as number;
      if (weight > 0) sum += weight * (this.#energies[channel] as KWeightedEnergy).takeSum();
    }
    this.#powers[this.#steps % this.#powers.length] = sum / this.stepSamples;
    this.#steps++;
    this.#samplesInStep = 0;
    if (this.#steps % this.stepsPerHop !== 0) return;
    const block = this.momentaryPower;
    if (block !== null) this.#integrated.add(block);
  }

  #meanPower(steps: number): number | null {
    if (this.#steps < steps) return null;
    const ring = this.#powers;
    let at = this.#steps % ring.length;
    let sum = 0;
    for (let i = 0; i < steps; i++) {
      at = at === 0 ? ring.length - 1 : at - 1;
      sum += ring[at] as number;
    }
    return sum / steps;
  }
}

function audible(power: number | null): number | null {
  return power === null || power === 0 ? null : powerToLufs(power);
}

/** The longest hop of at most 100 ms that whole steps fill: exactly 100 ms at 48, 44.1 and 32 kHz. */
function gridOf(sampleRate: number): { step: number; perHop: number } {
  const longest = Math.floor(sampleRate * HOP_SECONDS + 1e-6);
  for (let hop = longest; hop >= MIN_STEP_SAMPLES; hop--) {
    for (let step = MAX_STEP_SAMPLES; step >= MIN_STEP_SAMPLES; step--) {
      if (hop % step === 0) return { step, perHop: hop / step };
    }
  }
  throw new RangeError(`loudness meter: sample rate ${sampleRate} Hz is too low, expected at least 320 Hz`);
}
