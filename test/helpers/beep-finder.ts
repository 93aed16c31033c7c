/**
 * Finds where beeps begin in mono 16-bit sound, to a fraction of a millisecond.
 *
 * The power of a window of 1 ms, slid over a sudden start, rises in a straight line from the level before to the level
 * after; it is half way when the window's middle lies on the start. So the start is where the half is crossed.
 */

/** Samples in one step: 0.25 ms at 48 kHz. */
const STEP = 12;
const WINDOW_STEPS = 4;
/** Between two beeps, and what a beep lasts at least. */
const GAP_SECONDS = 0.3;
const BEEP_SECONDS = 0.02;
/** How much louder than the usual sound a beep is, in power. */
const LOUDER = 8;
/** Power of digital silence with dither and coding noise, in 16-bit steps squared. */
const NOISE = 100;

/** Keeps the power of each step: 16 kB per second of sound. */
export class LevelMeter {
  #steps = new Float32Array(1 << 16);
  #count = 0;
  #sum = 0;
  #inStep = 0;
  #samples = 0;
  #odd: number | null = null;

  get samples(): number {
    return this.#samples;
  }

  /** Mean power of each step. */
  get steps(): Float32Array {
    return this.#steps.subarray(0, this.#count);
  }

  /** Takes 16-bit little-endian samples, cut anywhere. */
  push(chunk: Buffer): void {
    let at = 0;
    if (this.#odd !== null && chunk.length > 0) {
      this.#add(((((chunk[0] ?? 0) << 8) | this.#odd) << 16) >> 16);
      this.#odd = null;
      at = 1;
    }
    for (; at + 2 <= chunk.length; at += 2) this.#add(chunk.readInt16LE(at));
    if (at < chunk.length) this.#odd = chunk[at] ?? 0;
  }

  #add(sample: number): void {
    this.#samples++;
    this.#sum += sample * sample;
    if (++this.#inStep < STEP) return;
    if (this.#count === this.#steps.length) {
      const grown = new Float32Array(this.#steps.length * 2);
      grown.set(this.#steps);
      this.#steps = grown;
    }
    this.#steps[this.#count++] = this.#sum / STEP;
    this.#sum = 0;
    this.#inStep = 0;
  }
}

function median(values: Float32Array): number {
  return values.toSorted()[values.length >> 1] ?? 0;
}

/** Sample numbers, with fraction, at which beeps start. One that has begun before the sound does is left out. */
export function findBeeps(meter: LevelMeter, rate: number): number[] {
  const steps = meter.steps;
  // windows[i] covers steps i … i+3: its middle is the border between step i+1 and step i+2.
  const windows = new Float32Array(Math.max(0, steps.length - WINDOW_STEPS + 1));
  for (let index = 0; index < windows.length; index++) {
    let sum = 0;
    for (let step = 0; step < WINDOW_STEPS; step++) sum += steps[index + step] ?? 0;
    windows[index] = sum / WINDOW_STEPS;
  }
  const loudest = windows.toSorted()[Math.floor(windows.length * 0.99)] ?? 0;
  const threshold = loudest / 4;
  if (loudest < LOUDER * median(windows) + NOISE) return [];

  const perSecond = rate / STEP;
  const gap = Math.round(GAP_SECONDS * perSecond);
  const plateauSteps = Math.round(BEEP_SECONDS * perSecond);
  const starts: number[] = [];
  let quietSince = 0;
  for (let index = 1; index + plateauSteps <= windows.length; index++) {
    if ((windows[index] ?? 0) <= threshold) continue;
    const quiet = index - quietSince;
    // Loud for a moment only is a click: a beep has most of its length above the threshold.
    const after = windows.subarray(index, index + plateauSteps);
    if (quiet >= Math.min(gap, quietSince === 0 ? WINDOW_STEPS : gap) && median(after) > threshold) {
      starts.push(crossing(windows, index, median(after)));
    }
    quietSince = index + 1;
  }
  return starts.map((window) => (window + WINDOW_STEPS / 2) * STEP);
}

/** Where, about `index`, the windows pass the half between the level before and `plateau`. */
function crossing(windows: Float32Array, index: number, plateau: number): number {
  const before = median(windows.subarray(Math.max(0, index - 10 * WINDOW_STEPS), Math.max(1, index - WINDOW_STEPS)));
  const half = (before + plateau) / 2;
  let at = Math.max(1, index - WINDOW_STEPS);
  while (at < windows.length - 1 && (windows[at] ?? 0) < half) at++;
  const low = windows[at - 1] ?? 0;
  const high = windows[at] ?? 0;
  return high > low ? at - 1 + (half - low) / (high - low) : at;
}
