import { ptsDifference } from '#shared/mpegts/timestamp.ts';

/** A stamp lies no farther from the programme's clock: video waits a second for its time, subtitles some more. */
const NEAR_TICKS = 20 * 90_000;
/** The clock moves on by less between two PCRs, unless its base was changed. */
const MAX_STEP_TICKS = 10 * 90_000;
const MAX_BACK_TICKS = 9_000;
/** What is assumed to lie between the old time base and the new one. */
const GAP_TICKS = 3_600;

interface Base {
  /** As last seen on the wire: 33 bits. */
  readonly wire: number;
  /** The same on our line. */
  readonly time: number;
}

/**
 * A programme's stamps on one line: the wrap at 2^33 does not show, and where the time base changes (another source,
 * a loop that begins anew) the line goes on. The PCR says when that is; stamps that still belong to the base before it
 * are placed there. Without any PCR the first stamp takes its part.
 */
export class Timeline {
  #base: Base | null = null;
  #before: Base | null = null;
  /** The base is a stamp's: no PCR has come yet. */
  #isGuess = false;

  /** The programme's clock, base part: 33 bits of 90 kHz. */
  clock(wire: number): void {
    const base = this.#base;
    if (base === null) {
      this.#base = { wire, time: wire };
      return;
    }
    const step = ptsDifference(base.wire, wire);
    // A stamp that stood in for the clock lies ahead of it.
    if (this.#isGuess && Math.abs(step) <= NEAR_TICKS) this.#base = { wire, time: base.time + step };
    else if (step > MAX_STEP_TICKS || step < -MAX_BACK_TICKS) {
      this.#before = base;
      this.#base = { wire, time: base.time + GAP_TICKS };
    } else this.#base = { wire, time: base.time + step };
    this.#isGuess = false;
  }

  /** Where a stamp of the wire lies. */
  place(wire: number): number {
    if (this.#base === null) this.#isGuess = true;
    this.#base ??= { wire, time: wire };
    const base = this.#base;
    const distance = ptsDifference(base.wire, wire);
    if (Math.abs(distance) <= NEAR_TICKS || this.#before === null) return base.time + distance;
    const earlier = ptsDifference(this.#before.wire, wire);
    return Math.abs(earlier) <= NEAR_TICKS ? this.#before.time + earlier : base.time + distance;
  }

  /** Now, as far as is known; null before anything came. */
  get now(): number | null {
    return this.#base?.time ?? null;
  }
}
