import type { Clock } from '#shared/clock.ts';
import { errorCode, errorMessage } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { BoxMovie } from '../receiver/model.ts';
import { readMovies } from './movie-folders.ts';
import type { RecordingReceiver } from './recording-receiver.ts';

/**
 * A look at the list wakes the box's disk. So it is read when there is a reason, and otherwise a few times a day, for
 * what was copied there or deleted at the television.
 */
const IDLE_MS = 6 * 3_600_000;
/** After a recording has begun or ended: the box writes the file's texts a moment later. */
const SETTLE_MS = 5_000;
const RETRY_MS = 300_000;

export interface BoxMoviesOptions {
  readonly receiver: RecordingReceiver;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}

/** The recordings of one box, as they were when they were last read. */
export class BoxMovies {
  readonly #options: BoxMoviesOptions;
  readonly #abort = new AbortController();
  #movies: readonly BoxMovie[] = [];
  #readMs = Number.NEGATIVE_INFINITY;
  #running: Promise<void> | null = null;
  #cancelNext: (() => void) | null = null;
  #lastFailure: string | null = null;

  constructor(options: BoxMoviesOptions) {
    this.#options = options;
  }

  get all(): readonly BoxMovie[] {
    return this.#movies;
  }

  /** Infinite before the first reading. */
  get ageMs(): number {
    return this.#options.clock.nowMs() - this.#readMs;
  }

  get isRead(): boolean {
    return this.#readMs !== Number.NEGATIVE_INFINITY;
  }

  /** Something has happened that changes the list. */
  expectChange(): void {
    this.#schedule(SETTLE_MS);
  }

  /** Reads the list; who comes meanwhile shares the answer. @throws the receiver's error. */
  refresh(): Promise<void> {
    this.#running ??= this.#read().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  forget(movie: BoxMovie): void {
    this.#movies = this.#movies.filter((other) => other !== movie);
    this.#options.onChange();
  }

  close(): void {
    this.#abort.abort();
    this.#cancelNext?.();
    this.#cancelNext = null;
  }

  async #read(): Promise<void> {
    const { receiver, clock, logger, onChange } = this.#options;
    try {
      const movies = await readMovies(receiver, this.#abort.signal);
      const isNews = !this.isRead || JSON.stringify(movies) !== JSON.stringify(this.#movies);
      this.#movies = movies;
      this.#readMs = clock.nowMs();
      this.#lastFailure = null;
      this.#schedule(IDLE_MS);
      if (isNews) onChange();
    } catch (error) {
      this.#schedule(RETRY_MS);
      const why = errorMessage(error);
      if (!this.#abort.signal.aborted && why !== this.#lastFailure) {
        const address = receiver.address;
        logger.warn({ receiver: address, code: errorCode(error) }, `its recordings cannot be read: ${why}`);
      }
      this.#lastFailure = why;
      throw error;
    }
  }

  #schedule(ms: number): void {
    this.#cancelNext?.();
    this.#cancelNext = null;
    if (this.#abort.signal.aborted) return;
    // A failure has been logged and has set the next time.
    this.#cancelNext = this.#options.clock.after(ms, () => void this.refresh().catch(() => undefined));
  }
}
