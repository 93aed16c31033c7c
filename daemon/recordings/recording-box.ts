import type { Clock } from '#shared/clock.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Channel } from '../lineup/channel.ts';
import type { BoxMovie, BoxTimer } from '../receiver/model.ts';
import { BoxMovies } from './box-movies.ts';
import { MAX_TIMERS } from './box-timers.ts';
import type { RecordingReceiver, TimerFeed } from './recording-receiver.ts';
import type { Movie, Timer } from './recordings.ts';
import { channelFinder, movieView, type RecordingLineup, stateOf, timerId, timerView } from './views.ts';

export interface RecordingBoxOptions {
  readonly id: string;
  readonly receiver: RecordingReceiver;
  readonly feed: Pick<TimerFeed, 'refreshTimers'>;
  readonly lineup: RecordingLineup;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
}

/** What lies further away is seen by the looks in between. */
const HORIZON_MS = 2 * 3_600_000;
/** How long after its time a box has done what a timer wants. */
const BEGUN_MS = 10_000;

/** Views of recordings, for as long as what they were made of stays. */
interface MovieViews {
  readonly of: readonly BoxMovie[];
  readonly timers: readonly BoxTimer[];
  readonly channels: readonly Channel[];
  readonly views: readonly Movie[];
}

/** Timers and recordings of one receiver, as they were when they were last read. */
export class RecordingBox {
  readonly id: string;
  readonly receiver: RecordingReceiver;
  readonly movies: BoxMovies;
  readonly #options: RecordingBoxOptions;
  #timers: readonly BoxTimer[] = [];
  /** How often it has told its timers. */
  #heard = 0;
  #cancelLook: () => void = () => undefined;
  #made: MovieViews | null = null;

  constructor(options: RecordingBoxOptions) {
    this.#options = options;
    this.id = options.id;
    this.receiver = options.receiver;
    this.movies = new BoxMovies(options);
  }

  get timers(): readonly BoxTimer[] {
    return this.#timers;
  }

  get isHeard(): boolean {
    return this.#heard > 0;
  }

  /** It has told its timers. */
  take(timers: readonly BoxTimer[]): void {
    const before = this.#timers;
    this.#timers = timers.slice(0, MAX_TIMERS);
    this.#heard++;
    this.#lookWhenNextBegins();
    if (!this.movies.isRead || this.#recordingsOf(before) !== this.#recordingsOf(this.#timers)) {
      this.movies.expectChange();
    }
    if (JSON.stringify(before) !== JSON.stringify(this.#timers)) this.#options.onChange();
  }

  /** Images that lack one of the calls that a whole look needs are asked for their timers alone. @throws its error. */
  async hearTimers(maxAgeMs: number): Promise<void> {
    await this.#options.feed.refreshTimers(this.id, { maxAgeMs });
    if (!this.isHeard) this.take(await this.receiver.timers());
  }

  /** A reading that ran already when an order was given may not know of it: then it is asked once more. @throws its error. */
  async readTimers(isDone: () => boolean): Promise<void> {
    const heard = this.#heard;
    await this.#options.feed.refreshTimers(this.id, { maxAgeMs: -1 });
    if (this.#heard === heard || !isDone()) this.take(await this.receiver.timers());
  }

  timerById(id: string): BoxTimer | null {
    if (!id.startsWith(`${this.id}.`)) return null;
    return this.#timers.find((timer) => timerId(this.id, timer) === id) ?? null;
  }

  movieById(id: string): BoxMovie | null {
    if (!id.startsWith(`${this.id}.`)) return null;
    return this.movies.all[this.movieViews.findIndex((view) => view.id === id)] ?? null;
  }

  get timerViews(): readonly Timer[] {
    return this.#timers.map((timer) => this.viewOf(timer));
  }

  viewOf(timer: BoxTimer): Timer {
    return timerView(this.id, timer, this.#options.lineup, this.#nowSeconds);
  }

  /** In the order of the box's own list. */
  get movieViews(): readonly Movie[] {
    const { channels } = this.#options.lineup;
    const { all } = this.movies;
    const timers = this.#timers;
    const made = this.#made;
    const isFresh = made?.of === all && made.timers === timers && made.channels === channels;
    if (isFresh && !made.views.some(({ isGrowing }) => isGrowing === true)) return made.views;
    const find = channelFinder(channels);
    const growing = { fileNames: this.#fileNames(), nowSeconds: this.#nowSeconds };
    const views = all.map((movie) => movieView(this.id, movie, find, growing));
    this.#made = { of: all, timers, channels, views };
    return views;
  }

  close(): void {
    this.movies.close();
    this.#cancelLook();
  }

  get #nowSeconds(): number {
    return Math.floor(this.#options.clock.nowMs() / 1000);
  }

  /** Looks again when a timer has begun or ended: nobody else may have a reason to for minutes. */
  #lookWhenNextBegins(): void {
    const { clock, feed } = this.#options;
    this.#cancelLook();
    const nowMs = clock.nowMs();
    const moments = this.#timers
      .filter(({ disabled, state }) => !disabled && state !== 'ended')
      .flatMap(({ beginSeconds, endSeconds }) => [beginSeconds * 1000, endSeconds * 1000])
      .filter((atMs) => atMs > nowMs && atMs < nowMs + HORIZON_MS);
    if (moments.length === 0) return;
    const waitMs = Math.min(...moments) - nowMs + BEGUN_MS;
    this.#cancelLook = clock.after(waitMs, () => void feed.refreshTimers(this.id, { maxAgeMs: 0 }));
  }

  #fileNames(): ReadonlySet<string> {
    const running = this.#timers.filter((timer) => stateOf(timer, this.#nowSeconds) === 'running');
    return new Set(running.flatMap(({ fileName }) => fileName || []));
  }

  /** Changes when a recording begins or ends. */
  #recordingsOf(timers: readonly BoxTimer[]): string {
    return timers
      .filter(({ zapOnly }) => !zapOnly)
      .map((timer) => ({ ...timer, state: stateOf(timer, this.#nowSeconds) }))
      .filter(({ state }) => state === 'running' || state === 'ended')
      .map(({ ref, beginSeconds, state }) => `${ref} ${beginSeconds} ${state}`)
      .join();
  }
}
