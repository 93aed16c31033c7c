import type { AccessUnit } from '../demux/access-unit.ts';
import type { Track } from '../demux/track.ts';

/** Pictures that may come after one in decoding and before it on the screen. */
const MAX_LEADING = 32;
/** A stream whose pictures are none to begin with is let through as it is. */
const MAX_AWAITED_UNITS = 3_000;

/**
 * Lets a stream begin cleanly: with a picture that stands alone, without those that are shown before it (they lean on
 * what is not there), and with no sound from before it. `waiting` for that picture, `leading` past those before it,
 * `open`.
 */
export class StartGate {
  #state: 'waiting' | 'leading' | 'open' = 'waiting';
  readonly #hasPicture: boolean;
  #firstPts = 0;
  #firstDts: number | null = null;
  #pictures = 0;
  #awaited = 0;

  constructor(tracks: readonly Track[]) {
    this.#hasPicture = tracks.some((track) => track.kind === 'video');
  }

  /** Decoding time of the first unit let through; null before it. */
  get firstDts(): number | null {
    return this.#firstDts;
  }

  passes(unit: AccessUnit): boolean {
    if (this.#state === 'waiting' && !this.#begin(unit)) return false;
    if (unit.picture === null) return (unit.pts ?? unit.dts) >= this.#firstPts;
    if (this.#state === 'leading') {
      const isLeading = unit.pts !== null && unit.pts < this.#firstPts;
      if (isLeading) return false;
      if (++this.#pictures > MAX_LEADING) this.#state = 'open';
    }
    return true;
  }

  #begin(unit: AccessUnit): boolean {
    const isStart = this.#hasPicture ? unit.picture !== null && unit.isEntry : unit.isEntry;
    if (!isStart && ++this.#awaited < MAX_AWAITED_UNITS) return false;
    this.#state = 'leading';
    this.#firstPts = unit.pts ?? unit.dts;
    this.#firstDts = unit.dts;
    return true;
  }
}
