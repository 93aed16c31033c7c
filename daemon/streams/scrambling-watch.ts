/** Packets of the picture (of the sound, where there is none) so far, and those of them that are scrambled. */
export interface ScramblingCounts {
  readonly packets: number;
  readonly scrambled: number;
}

/**
 * - `clear`: what can be seen
 * - `doubtful`: scrambled for less than it takes to be sure
 * - `scrambled`
 */
type State =
  | { readonly name: 'clear' }
  | { readonly name: 'doubtful'; readonly sinceMs: number }
  | { readonly name: 'scrambled'; readonly sinceMs: number };

/** Softcams are late with a key for a moment now and then, every 10 s at the most: that is no news. */
const SURE_MS = 2_500;
/** Fewer packets say nothing. */
const MIN_PACKETS = 10;

/**
 * Sees when a channel that plays turns scrambled, and when it clears: a softcam that lost its server, a card whose rights
 * have ended. Looks at counters once in a while, so that it costs nothing per packet.
 */
export class ScramblingWatch {
  #state: State = { name: 'clear' };
  #last: ScramblingCounts = { packets: 0, scrambled: 0 };

  /** Of the clock that `look` was given; null while it is clear. */
  get scrambledSinceMs(): number | null {
    return this.#state.name === 'scrambled' ? this.#state.sinceMs : null;
  }

  /** What has changed since it last looked; null when nothing has. */
  look(counts: ScramblingCounts, nowMs: number): 'scrambled' | 'cleared' | null {
    const packets = counts.packets - this.#last.packets;
    const scrambled = counts.scrambled - this.#last.scrambled;
    // Counters that began anew, or nothing to judge by.
    if (packets < MIN_PACKETS) {
      if (packets < 0) this.#last = counts;
      return null;
    }
    this.#last = counts;
    if (scrambled * 2 > packets) return this.#onScrambled(nowMs);
    const wasScrambled = this.#state.name === 'scrambled';
    if (wasScrambled && scrambled > 0) return null;
    this.#state = { name: 'clear' };
    return wasScrambled ? 'cleared' : null;
  }

  #onScrambled(nowMs: number): 'scrambled' | null {
    if (this.#state.name === 'clear') this.#state = { name: 'doubtful', sinceMs: nowMs };
    if (this.#state.name !== 'doubtful' || nowMs - this.#state.sinceMs < SURE_MS) return null;
    this.#state = { name: 'scrambled', sinceMs: this.#state.sinceMs };
    return 'scrambled';
  }
}
