/** The programme's clock by byte position: PCRs are the fixed points, between them time runs with the bytes. */

/** Waiting entries at which a stretch without PCR is placed by the last known rate. */
const MAX_WAITING = 50_000;
const PCR_RANGE = 2 ** 33 * 300;
/** What lies between two PCRs takes no longer. Spec: ISO/IEC 13818-1:2019, 2.7.2. */
const PCR_LIMIT_MS = 100;
/** Longest step that is believed before any rate is known. */
const FIRST_STEP_MS = 10_000;

/** Signed shortest distance of two PCRs across the wrap, in ms. */
export function pcrStepMs(from: number, to: number): number {
  const step = (((to - from) % PCR_RANGE) + PCR_RANGE) % PCR_RANGE;
  return (step > PCR_RANGE / 2 ? step - PCR_RANGE : step) / 27_000;
}

export class ByteClock {
  #anchor: { readonly offset: number; readonly pcr: number } | null = null;
  #anchorMs = 0;
  #msPerByte: number | null = null;
  #waiting: { readonly offset: number; readonly place: (atMs: number) => void }[] = [];

  get running(): boolean {
    return this.#msPerByte !== null;
  }

  /** Calls `place` with the time of this byte as soon as the next PCR tells it. */
  whenKnown(offset: number, place: (atMs: number) => void): void {
    this.#waiting.push({ offset, place });
    if (this.#waiting.length > MAX_WAITING) this.flush();
  }

  /** Time by the last known rate; null without one. */
  timeAt(offset: number): number | null {
    if (this.#anchor === null || this.#msPerByte === null) return null;
    return this.#anchorMs + (offset - this.#anchor.offset) * this.#msPerByte;
  }

  /** The next fixed point. `announced`: a discontinuity_indicator went before, so the step means nothing. */
  fix(offset: number, pcr: number, announced: boolean): void {
    if (this.#anchor === null) {
      this.#anchor = { offset, pcr };
      return;
    }
    const bytes = offset - this.#anchor.offset;
    const stepMs = pcrStepMs(this.#anchor.pcr, pcr);
    if (!announced && this.believes(stepMs, bytes)) this.#msPerByte = stepMs / bytes;
    // The rate before says little of what is behind: the first bytes of a picture, at that of a still card, took a second.
    else if (announced && this.#msPerByte !== null) this.#msPerByte = Math.min(this.#msPerByte, PCR_LIMIT_MS / bytes);
    this.flush();
    this.#anchorMs = this.timeAt(offset) ?? 0;
    this.#anchor = { offset, pcr };
  }

  /** A step within 100 ms, or one that the number of bytes bears out (PCRs were left out, time went on). */
  believes(stepMs: number, bytes: number): boolean {
    if (stepMs <= 0 || bytes <= 0) return false;
    if (stepMs <= 100) return true;
    if (this.#msPerByte === null) return stepMs <= FIRST_STEP_MS;
    return stepMs <= 100 + 3 * bytes * this.#msPerByte;
  }

  /** Another PID carries the clock from here on. */
  changeSource(): void {
    this.flush();
    if (this.#anchor !== null) this.#anchorMs = this.timeAt(this.#anchor.offset) ?? this.#anchorMs;
    this.#anchor = null;
  }

  /** Places everything that waits by the last known rate; without one it goes on waiting. */
  flush(): void {
    if (!this.running || this.#anchor === null) {
      if (this.#waiting.length > MAX_WAITING) this.#waiting = [];
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const entry of waiting) {
      const atMs = this.timeAt(entry.offset);
      if (atMs !== null) entry.place(atMs);
    }
  }
}
