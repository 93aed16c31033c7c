import { dbToGain, gainToDb } from './decibels.ts';
import { raiseToTruePeaks, samplePeak, TRUE_PEAK_DELAY, TRUE_PEAK_MAX_FACTOR, TRUE_PEAK_TAPS } from './true-peak.ts';

const DELAY_SECONDS = 0.0015;
const MIN_DELAY_SAMPLES = 16;
const RELEASE_SECONDS = 0.1;
/** From here on a gain that recovers is whole again: 0.0001 dB. */
const WHOLE = 1 - 1e-5;
/** Gains in the smoothing window are integers of this scale, so that their running sum never drifts. */
const SCALE = 2 ** 24;
const CHUNK = 64;
const HISTORY_OF_PEAKS = TRUE_PEAK_TAPS - 1;

/**
 * Look-ahead true-peak limiter, its gain linked over all channels. The gain that a peak needs is held until the peak has
 * passed and smoothed by a moving average as long as the look-ahead, so it glides down in time and the peak meets no
 * more than it is allowed; then it recovers exponentially. Output is the input `delaySamples` later; while no peak is in
 * reach it is that bit for bit, and costs a copy.
 */
export class TruePeakLimiter {
  readonly delaySamples: number;
  readonly #ceiling: number;
  readonly #release: number;
  /** Per channel: the last `delaySamples` samples, then the chunk in work. */
  readonly #lines: readonly Float32Array[];
  readonly #peaks = new Float64Array(CHUNK);
  readonly #hold: SlidingMinimum;
  readonly #window: Float64Array;
  #windowAt = 0;
  #windowSum: number;
  /** The gain before smoothing. */
  #gain = 1;
  /** For how many samples it has been 1; beyond the window's length it does not matter. */
  #wholeFor: number;
  #hits = 0;
  #leastGain = 1;

  constructor(sampleRate: number, channels: number, ceilingDb: number) {
    this.delaySamples = Math.max(MIN_DELAY_SAMPLES, Math.round(sampleRate * DELAY_SECONDS));
    this.#ceiling = dbToGain(ceilingDb);
    this.#release = 1 - Math.exp(-1 / (sampleRate * RELEASE_SECONDS));
    this.#lines = Array.from({ length: channels }, () => new Float32Array(this.delaySamples + CHUNK));
    // A peak seen now lies between the samples TRUE_PEAK_DELAY and TRUE_PEAK_DELAY − 1 back. Window and hold are such
    // that all gains in the window belong to it while those two, and one on either side, leave.
    this.#window = new Float64Array(this.delaySamples - TRUE_PEAK_DELAY).fill(SCALE);
    this.#windowSum = this.#window.length * SCALE;
    this.#wholeFor = this.#window.length;
    this.#hold = new SlidingMinimum(this.delaySamples - TRUE_PEAK_DELAY + 3);
  }

  /** How often it set in. */
  get hits(): number {
    return this.#hits;
  }

  /** The most it ever took away, in dB, as a positive number. */
  get maxReductionDb(): number {
    return this.#leastGain === 1 ? 0 : -gainToDb(this.#leastGain);
  }

  process(planes: readonly Float32Array[], offset: number, samples: number): void {
    const end = offset + samples;
    for (let at = offset; at < end; at += CHUNK) this.#processChunk(planes, at, Math.min(CHUNK, end - at));
  }

  /** Forgets the samples it holds; the counters go on. */
  reset(): void {
    for (const line of this.#lines) line.fill(0);
    this.#hold.clear();
    this.#window.fill(SCALE);
    this.#windowSum = this.#window.length * SCALE;
    this.#gain = 1;
    this.#wholeFor = this.#window.length;
  }

  #processChunk(planes: readonly Float32Array[], from: number, count: number): void {
    const delay = this.delaySamples;
    let isLoud = false;
    for (let channel = 0; channel < this.#lines.length; channel++) {
      const line = this.#lines[channel] as Float32Array;
      const plane = planes[channel] as Float32Array;
      for (let i = 0; i < count; i++) line[delay + i] = plane[from + i] as number;
      if (samplePeak(line, delay - HISTORY_OF_PEAKS, delay + count) * TRUE_PEAK_MAX_FACTOR > this.#ceiling) {
        if (!isLoud) this.#peaks.fill(0, 0, count);
        isLoud = true;
        raiseToTruePeaks(line, delay, count, this.#peaks);
      }
    }
    const isIdle = !isLoud && this.#wholeFor >= this.#window.length;
    if (isIdle) this.#hold.clear();
    else this.#smoothedGains(isLoud, count);
    for (let channel = 0; channel < this.#lines.length; channel++) {
      const line = this.#lines[channel] as Float32Array;
      const plane = planes[channel] as Float32Array;
      if (isIdle) for (let i = 0; i < count; i++) plane[from + i] = line[i] as number;
      else for (let i = 0; i < count; i++) plane[from + i] = (line[i] as number) * (this.#peaks[i] as number);
      line.copyWithin(0, count, count + delay);
    }
  }

  /** Turns the chunk's peaks into the gains of the samples that leave. */
  #smoothedGains(isLoud: boolean, count: number): void {
    const peaks = this.#peaks;
    const window = this.#window;
    const ceiling = this.#ceiling;
    const scale = 1 / (window.length * SCALE);
    let gain = this.#gain;
    let sum = this.#windowSum;
    let at = this.#windowAt;
    for (let i = 0; i < count; i++) {
      const peak = isLoud ? (peaks[i] as number) : 0;
      const held = this.#hold.push(peak > ceiling ? ceiling / peak : 1);
      const wasWhole = gain === 1;
      gain += (1 - gain) * this.#release;
      if (gain > WHOLE) gain = 1;
      if (held < gain) gain = held;
      if (gain === 1) this.#wholeFor++;
      else {
        this.#wholeFor = 0;
        if (wasWhole) this.#hits++;
        if (gain < this.#leastGain) this.#leastGain = gain;
      }
      const scaled = Math.floor(gain * SCALE);
      sum += scaled - (window[at] as number);
      window[at] = scaled;
      at = at + 1 === window.length ? 0 : at + 1;
      peaks[i] = sum * scale;
    }
    this.#gain = gain;
    this.#windowSum = sum;
    this.#windowAt = at;
  }
}

/** Minimum of the last `length` values, in constant time on average: candidates in rising order. */
class SlidingMinimum {
  readonly #length: number;
  readonly #mask: number;
  readonly #values: Float64Array;
  readonly #times: Float64Array;
  #head = 0;
  #count = 0;
  #now = 0;

  constructor(length: number) {
    this.#length = length;
    const capacity = 2 ** Math.ceil(Math.log2(length + 1));
    this.#mask = capacity - 1;
    this.#values = new Float64Array(capacity);
    this.#times = new Float64Array(capacity);
  }

  push(value: number): number {
    const mask = this.#mask;
    const values = this.#values;
    this.#now++;
    if (this.#count > 0 && (this.#times[this.#head] as number) <= this.#now - this.#length) {
      this.#head = (this.#head + 1) & mask;
      this.#count--;
    }
    while (this.#count > 0 && (values[(this.#head + this.#count - 1) & mask] as number) >= value) this.#count--;
    const tail = (this.#head + this.#count) & mask;
    values[tail] = value;
    this.#times[tail] = this.#now;
    this.#count++;
    return values[this.#head] as number;
  }

  clear(): void {
    this.#count = 0;
  }
}
