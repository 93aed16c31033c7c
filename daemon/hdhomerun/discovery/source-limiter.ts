export interface SourceLimiterOptions {
  /** Answers that a source gets at once. */
  readonly burst: number;
  /** After that, so many in a second. */
  readonly perSecond: number;
  /** Sources that are remembered; the one not heard of for longest is forgotten first. */
  readonly maxSources: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** How often a source is answered: whoever asks in somebody else's name must not be able to flood that one. */
export class SourceLimiter {
  readonly #options: SourceLimiterOptions;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #refused = 0;

  constructor(options: SourceLimiterOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Questions left without an answer, since the start. */
  get refused(): number {
    return this.#refused;
  }

  get sources(): number {
    return this.#buckets.size;
  }

  /** Whether this source may have another answer now. */
  take(source: string): boolean {
    const { burst, perSecond, maxSources } = this.#options;
    const nowMs = this.#now();
    const known = this.#buckets.get(source);
    const tokens =
      known === undefined ? burst : Math.min(burst, known.tokens + ((nowMs - known.atMs) / 1000) * perSecond);
    this.#buckets.delete(source); // and to the end: the order is that of the last question
    this.#buckets.set(source, { tokens: tokens >= 1 ? tokens - 1 : tokens, atMs: nowMs });
    const oldest = this.#buckets.size > maxSources ? this.#buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.#buckets.delete(oldest);
    if (tokens >= 1) return true;
    this.#refused++;
    return false;
  }
}
