import { XgError } from '#shared/errors.ts';

/** No house asks so often: whatever comes beyond costs time that streams need. */
const MAX_PER_SECOND = 2_000;

/**
 * Watches how many datagrams a socket gets. Node cannot stop reading from one, so that a flood is ended by closing the
 * socket for a while.
 */
export class FloodGuard {
  readonly #maxPerSecond: number;
  readonly #onFlood: (error: XgError) => void;
  readonly #now: () => number;
  #secondBeganMs: number;
  #count = 0;

  /** `onFlood` is called once. */
  constructor(
    onFlood: (error: XgError) => void,
    options: { readonly maxPerSecond?: number; readonly now?: () => number } = {},
  ) {
    this.#onFlood = onFlood;
    this.#maxPerSecond = options.maxPerSecond ?? MAX_PER_SECOND;
    this.#now = options.now ?? (() => performance.now());
    this.#secondBeganMs = this.#now();
  }

  /** A datagram has come. */
  count(): void {
    this.#count++;
    if (this.#count <= this.#maxPerSecond) return;
    const nowMs = this.#now();
    const isFlood = nowMs - this.#secondBeganMs < 1_000;
    this.#secondBeganMs = nowMs;
    this.#count = isFlood ? Number.NEGATIVE_INFINITY : 0;
    if (isFlood) {
      this.#onFlood(new XgError('HDHR_FLOOD', `somebody sends more than ${this.#maxPerSecond} datagrams in a second`));
    }
  }
}
