import { setTimeout as delay } from 'node:timers/promises';

/**
 * A token bucket: `burst` requests at once, then `perSecond`. A box's web interface runs on the same slow CPU as its
 * picture. Requests that a viewer waits for (`urgent`) never wait here; they run the bucket into debt instead.
 */
export class RequestBudget {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #updatedMs: number;

  constructor(options: { perSecond: number; burst: number }) {
    this.#perSecond = options.perSecond;
    this.#burst = options.burst;
    this.#tokens = options.burst;
    this.#updatedMs = performance.now();
  }

  /** Takes one token; resolves when the request may start, in the order of the calls. Rejects with the signal's reason. */
  async take(options: { urgent?: boolean; signal?: AbortSignal | undefined } = {}): Promise<void> {
    options.signal?.throwIfAborted();
    const now = performance.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#updatedMs) / 1000) * this.#perSecond);
    this.#updatedMs = now;
    this.#tokens -= 1;
    if (options.urgent === true || this.#tokens >= 0) return;
    const waitMs = (-this.#tokens / this.#perSecond) * 1000;
    try {
      await delay(waitMs, undefined, { signal: options.signal });
    } catch (error) {
      this.#tokens += 1; // the request will not be made
      throw options.signal?.aborted === true ? options.signal.reason : error;
    }
  }
}
