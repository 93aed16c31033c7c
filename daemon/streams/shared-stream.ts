import type { XgError } from '#shared/errors.ts';
import type { Ring } from './ring.ts';

/**
 * - `opening`: nothing has come out yet; `untilMs` (of performance.now()): it has a reason to take longer than others, and
 *   gives up by itself by then
 * - `live`: bytes flow
 * - `recovering`: bytes flowed; the source or the transcoder went away and is being brought back
 * - `ended`: over; `error` says why, null when nobody wanted it any more
 */
export type SharedStreamState =
  | { readonly name: 'opening'; readonly untilMs?: number }
  | { readonly name: 'live' }
  | { readonly name: 'recovering'; readonly reason: string }
  | { readonly name: 'ended'; readonly error: XgError | null };

/** One service in one profile, shared by all its viewers. */
export interface SharedStream {
  readonly ring: Ring;
  readonly state: SharedStreamState;
  /** Calls back on every change of state until the returned function is called. */
  onState(listener: (state: SharedStreamState) => void): () => void;
  start(): void;
  close(): void;
  /** Faults by kind since the start. */
  faults(): Record<string, number>;
  /** Since when its source can't be seen although it flows, in Unix time; absent where that is another's to say. */
  readonly scrambledSinceMs?: number | null;
}

/** The state and those who want to hear of it. `ended` is final. */
export class StreamStateHolder {
  #state: SharedStreamState = { name: 'opening' };
  readonly #listeners = new Set<(state: SharedStreamState) => void>();

  get state(): SharedStreamState {
    return this.#state;
  }

  subscribe(listener: (state: SharedStreamState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  set(state: SharedStreamState): void {
    if (this.#state.name === 'ended') return;
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }
}
