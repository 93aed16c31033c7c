import { dbToGain } from './decibels.ts';
import { GainControl } from './gain-control.ts';
import { Glide } from './glide.ts';
import { LoudnessMeter } from './loudness-meter.ts';
import { NightCompressor } from './night-mode.ts';
import type { SpeakerRole } from './speaker-weights.ts';
import { TruePeakLimiter } from './true-peak-limiter.ts';

export const DEFAULT_TARGET_LUFS = -23;
export const CEILING_DBTP = -1;

export interface LoudnessOptions {
  /** Bring the programme to the target. */
  readonly normalise: boolean;
  /** Compress its dynamic range around the target; without `normalise` dialogue is taken to lie there already. */
  readonly night: boolean;
  /** Default −23. */
  readonly targetLufs?: number;
  readonly sampleRate: number;
  /** What each plane is. */
  readonly roles: readonly SpeakerRole[];
}

export interface LoudnessStats {
  /** Loudness of the input in LUFS; null when unknown yet, or silent. */
  readonly momentaryLufs: number | null;
  readonly shortTermLufs: number | null;
  readonly integratedLufs: number | null;
  /** What the normaliser applies now. */
  readonly gainDb: number;
  /** What night mode applies now. */
  readonly nightGainDb: number;
  /** How often the limiter set in, and the most it took away. */
  readonly limiterHits: number;
  readonly maxReductionDb: number;
  /** Samples that were no sensible number (NaN, infinite, beyond +80 dBFS) and became 0. */
  readonly badSamples: number;
}

const MAX_SAMPLE = 1e4;

/** Null when there is nothing to do: then there is no delay either. */
export function createLoudnessStage(options: LoudnessOptions): LoudnessStage | null {
  return options.normalise || options.night ? new LoudnessStage(options) : null;
}

/**
 * Loudness of a live programme, in place: slow gain to the target, then night mode, then a true-peak limiter at −1 dBTP.
 * Output is the input `delaySamples` later, always and exactly. Gains come from what was heard before and glide over a
 * step of about 1.3 ms, so the result does not depend on the size of the blocks. Makes no array or object after
 * construction.
 */
export class LoudnessStage {
  readonly delaySamples: number;
  readonly #meter: LoudnessMeter;
  readonly #control: GainControl | null;
  readonly #night: NightCompressor | null;
  readonly #limiter: TruePeakLimiter;
  readonly #channels: number;
  /** The control's gain over the hop under way, in dB. */
  readonly #hopDb = new Glide(0);
  /** Linear gain over the step under way. */
  readonly #gain = new Glide(1);
  #stepOfHop = 0;
  #badSamples = 0;

  constructor(options: LoudnessOptions) {
    const target = options.targetLufs ?? DEFAULT_TARGET_LUFS;
    this.#channels = options.roles.length;
    this.#meter = new LoudnessMeter(options.sampleRate, options.roles);
    const stepSeconds = this.#meter.stepSamples / options.sampleRate;
    this.#control = options.normalise ? new GainControl(target) : null;
    this.#night = options.night ? new NightCompressor(target, stepSeconds) : null;
    this.#limiter = new TruePeakLimiter(options.sampleRate, this.#channels, CEILING_DBTP);
    this.delaySamples = this.#limiter.delaySamples;
  }

  process(planes: readonly Float32Array[], offset: number, samples: number): void {
    let at = offset;
    const end = offset + samples;
    while (at < end) {
      const inStep = this.#meter.stepSamples - this.#meter.samplesToStep;
      const to = Math.min(end, at + this.#meter.samplesToStep);
      for (let channel = 0; channel < this.#channels; channel++) {
        this.#muteBadSamples(planes[channel] as Float32Array, at, to);
      }
      this.#meter.add(planes, at, to - at);
      this.#applyGain(planes, at, to, inStep);
      if (this.#meter.atStep) this.#nextStep();
      at = to;
    }
    this.#limiter.process(planes, offset, samples);
  }

  /** After a jump: filters and the delayed samples are dropped; what was learnt about the programme stays. */
  reset(): void {
    this.#meter.resetWindows();
    this.#limiter.reset();
    this.#stepOfHop = 0;
    this.#hopDb.jumpTo(this.#hopDb.to);
    this.#gain.jumpTo(this.#gain.to);
  }

  /** Takes over the gains of a stage that did the same programme in another format, so that none has to be found anew. */
  continueFrom(other: LoudnessStage): void {
    if (this.#control !== null && other.#control !== null) this.#control.copyFrom(other.#control);
    if (this.#night !== null && other.#night !== null) this.#night.copyFrom(other.#night);
    this.#hopDb.jumpTo(this.#control?.gainDb ?? 0);
    this.#gain.jumpTo(dbToGain(this.#hopDb.to + (this.#night?.gainDb ?? 0)));
  }

  stats(): LoudnessStats {
    return {
      momentaryLufs: this.#meter.momentary,
      shortTermLufs: this.#meter.shortTerm,
      integratedLufs: this.#meter.integrated,
      gainDb: this.#control?.gainDb ?? 0,
      nightGainDb: this.#night?.gainDb ?? 0,
      limiterHits: this.#limiter.hits,
      maxReductionDb: this.#limiter.maxReductionDb,
      badSamples: this.#badSamples,
    };
  }

  #muteBadSamples(plane: Float32Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      if (Math.abs(plane[i] as number) <= MAX_SAMPLE) continue; // false for NaN
      plane[i] = 0;
      this.#badSamples++;
    }
  }

  #applyGain(planes: readonly Float32Array[], from: number, to: number, inStep: number): void {
    const first = this.#gain.from;
    const last = this.#gain.to;
    if (first === 1 && last === 1) return;
    const slope = (last - first) / this.#meter.stepSamples;
    for (let channel = 0; channel < this.#channels; channel++) {
      const plane = planes[channel] as Float32Array;
      for (let i = from; i < to; i++) {
        plane[i] = (plane[i] as number) * (first + slope * (inStep + i - from + 1));
      }
    }
  }

  /** A step is complete: sets the gain that the next one glides to. */
  #nextStep(): void {
    this.#stepOfHop++;
    if (this.#meter.atHop) this.#nextHop();
    const share = this.#stepOfHop / this.#meter.stepsPerHop;
    const slowDb = this.#hopDb.from + (this.#hopDb.to - this.#hopDb.from) * share;
    if (this.#night === null) {
      this.#gain.glideTo(dbToGain(slowDb));
      return;
    }
    this.#night.update(this.#meter.stepPower * dbToGain(2 * slowDb));
    this.#gain.glideTo(dbToGain(slowDb + this.#night.gainDb));
  }

  #nextHop(): void {
    this.#stepOfHop = 0;
    const momentary = this.#meter.momentaryPower;
    if (momentary !== null) this.#control?.update(momentary, this.#meter.shortTermPower);
    this.#hopDb.glideTo(this.#control?.gainDb ?? 0);
  }
}
