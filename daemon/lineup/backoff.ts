/** Growing waits between attempts: 1 s, 2 s, 4 s … up to `maxMs`; back to the start after a success. */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  #nextMs: number;

  constructor(options: { minMs?: number; maxMs?: number } = {}) {
    this.#minMs = options.minMs ?? 1_000;
    this.#maxMs = options.maxMs ?? 30_000;
    this.#nextMs = this.#minMs;
  }

  /** How long to wait before the next attempt; each call doubles the one after it. */
  nextMs(): number {
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(this.#maxMs, waitMs * 2);
    return waitMs;
  }

  reset(): void {
    this.#nextMs = this.#minMs;
  }
}
