import type { FaultCounters } from '#shared/mpegts/faults.ts';
import { ptsDifference } from '#shared/mpegts/timestamp.ts';
import type { Pcr27m, Pts90k } from '#shared/mpegts/types.ts';

/** What the margin needs of the remuxer. */
export interface HeldProgramme {
  readonly lastPcr: Pcr27m | null;
  readonly holdTicks: number;
  setHold(ticks: number): void;
}

/**
 * Access units shall reach the player this long before their PTS on the PCR clock, judged by the last PCR that passed
 * (which may be 40 ms old). Where the source leaves less than the encoder needs, everything else is held back.
 */
const WANTED_TICKS = 80 * 90;
/** The hold grows in steps, so that the jitter of the margin does not make it grow with every frame. */
const STEP_TICKS = 20 * 90;
/** More than this is no margin too small but a source whose PTS and PCR do not belong together. */
const MAX_HOLD_TICKS = 400 * 90;

/** Watches that sound comes before its time, and holds the rest of the programme back where it would not. */
export class AudioMargin {
  readonly #programme: HeldProgramme;
  readonly #faults: FaultCounters;
  #minTicks: number | null = null;

  constructor(programme: HeldProgramme, faults: FaultCounters) {
    this.#programme = programme;
    this.#faults = faults;
  }

  /** The least margin so far, in 90 kHz ticks; null before the first access unit. */
  get minTicks(): number | null {
    return this.#minTicks;
  }

  /** An access unit leaves. */
  note(pts: Pts90k): void {
    const pcr = this.#programme.lastPcr;
    if (pcr === null) return;
    const hold = this.#programme.holdTicks / 300;
    const margin = ptsDifference(Math.floor(pcr / 300), pts) + hold;
    if (this.#minTicks === null || margin < this.#minTicks) this.#minTicks = margin;
    if (margin >= WANTED_TICKS) return;
    if (hold >= MAX_HOLD_TICKS) {
      if (margin < 0) this.#faults.add('late-audio');
      return;
    }
    const steps = Math.ceil((WANTED_TICKS - margin) / STEP_TICKS);
    this.#programme.setHold(Math.min(MAX_HOLD_TICKS, hold + steps * STEP_TICKS) * 300);
  }
}
