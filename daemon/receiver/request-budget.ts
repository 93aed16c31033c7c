import { type Clock, SYSTEM_CLOCK } from '#shared/clock.ts';
import { XgError } from '#shared/errors.ts';

export interface RequestBudgetOptions {
  readonly perSecond: number;
  readonly burst: number;
  /** How many may wait; more are refused. Default 1,000. */
  readonly maxWaiting?: number;
  readonly clock?: Clock;
}

const MAX_WAITING = 1_000;

/**
 * A token bucket: `burst` requests at once, then `perSecond`. A box's web interface runs on the same slow CPU as its
 * picture. Requests that a viewer waits for (`urgent`) never wait here; they run the bucket into debt instead, which those
 * behind them pay.
 */
export class RequestBudget {
  readonly #options: RequestBudgetOptions;
  readonly #clock: Clock;
  #tokens: number;
  #updatedMs: number;
  #waiting = 0;

  constructor(options: RequestBudgetOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#tokens = options.burst;
    this.#updatedMs = this.#clock.nowMs();
  }

  /** Requests that wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  /**
   * Takes one token; resolves when the request may start, in the order of the calls.
   *
   * @throws XgError `RECEIVER_BUDGET` when too many wait already; the signal's reason.
   */
  async take(options: { urgent?: boolean; signal?: AbortSignal | undefined } = {}): Promise<void> {
    const { signal } = options;
    signal?.throwIfAborted();
    const { perSecond, burst, maxWaiting = MAX_WAITING } = this.#options;
    const now = this.#clock.nowMs();
    // A wall clock may be set back.
    const passedMs = Math.max(0, now - this.#updatedMs);
    this.#tokens = Math.min(burst, this.#tokens + (passedMs / 1000) * perSecond);
    this.#updatedMs = now;
    if (options.urgent !== true && this.#tokens < 1 && this.#waiting >= maxWaiting) {
      throw new XgError('RECEIVER_BUDGET', `${maxWaiting} requests to the receiver wait already`);
    }
    this.#tokens -= 1;
    if (options.urgent === true || this.#tokens >= 0) return;
    this.#waiting++;
    try {
      await this.#wait((-this.#tokens / perSecond) * 1000, signal);
    } catch (error) {
      this.#tokens += 1; // the request will not be made
      throw error;
    } finally {
      this.#waiting--;
    }
  }

  #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = this.#clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    return promise;
  }
}
