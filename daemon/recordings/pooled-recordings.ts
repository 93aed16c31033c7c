import type { Clock } from '#shared/clock.ts';
import { errorCode, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Channel } from '../lineup/channel.ts';
import type { BoxMovie, BoxTimer } from '../receiver/model.ts';
import { BoxMovies } from './box-movies.ts';
import { command, isSameTimer, MAX_TIMERS, oldTimerQuery, type TimerFields, timerQuery } from './box-timers.ts';
import type { RecordingReceiver, TimerFeed } from './recording-receiver.ts';
import type { Movie, MovieFile, MovieRange, Recordings, Timer, TimerWish } from './recordings.ts';
import { channelFinder, movieView, type RecordingLineup, timerId, timerView } from './views.ts';

interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface PooledRecordingsOptions {
  readonly boxes: readonly { readonly id: string; readonly receiver: RecordingReceiver }[];
  readonly feed: TimerFeed;
  readonly lineup: RecordingLineup;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Box {
  readonly id: string;
  readonly receiver: RecordingReceiver;
  readonly movies: BoxMovies;
  timers: readonly BoxTimer[];
  /** How often it has told its timers. */
  heard: number;
  cancelLook: () => void;
  views: MovieViews | null;
}

/** Views of recordings, for as long as what they were made of stays. */
interface MovieViews {
  readonly of: readonly BoxMovie[];
  readonly timers: readonly BoxTimer[];
  readonly channels: readonly Channel[];
  readonly views: readonly Movie[];
}

/** What lies further away is seen by the looks in between. */
const HORIZON_MS = 2 * 3_600_000;
/** How long after its time a box has done what a timer wants. */
const BEGUN_MS = 10_000;

/** Another receiver may do what one refuses for these reasons. */
const TRY_NEXT = new Set(['TIMER_CONFLICT', 'RECEIVER_UNREACHABLE', 'RECEIVER_TIMEOUT', 'RECEIVER_BUSY']);

/** Timers and recordings of all receivers as one list; ids name the receiver. */
export class PooledRecordings implements Recordings {
  readonly #options: PooledRecordingsOptions;
  readonly #boxes: readonly Box[];
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: () => void;
  #finder: { readonly of: readonly Channel[]; readonly find: (name: string) => Channel | null } | null = null;

  constructor(options: PooledRecordingsOptions) {
    this.#options = options;
    const { clock, logger } = options;
    const onChange = (): void => this.#changed();
    this.#boxes = options.boxes.map(({ id, receiver }) => ({
      id,
      receiver,
      movies: new BoxMovies({ receiver, clock, logger, onChange }),
      timers: [],
      heard: 0,
      cancelLook: () => undefined,
      views: null,
    }));
    this.#unsubscribe = options.feed.onTimers((box, timers) => this.#onTimers(box, timers));
  }

  get timers(): readonly Timer[] {
    const { lineup } = this.#options;
    const now = this.#nowSeconds;
    return this.#boxes
      .flatMap((box) => box.timers.map((timer) => timerView(box.id, timer, lineup, now)))
      .sort((left, right) => left.beginSeconds - right.beginSeconds);
  }

  get movies(): readonly Movie[] {
    return this.#boxes
      .flatMap((box) => this.#movieViews(box))
      .sort((left, right) => right.startSeconds - left.startSeconds);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async refresh(): Promise<void> {
    await Promise.all(this.#boxes.flatMap((box) => [this.#hearTimers(box, -1), box.movies.refresh()]));
  }

  async freshen(what: 'timers' | 'movies', { maxAgeMs }: { maxAgeMs: number }): Promise<void> {
    const freshenBox = async (box: Box): Promise<void> => {
      if (what === 'timers') await this.#hearTimers(box, maxAgeMs);
      else if (box.heard > 0 && box.movies.ageMs > maxAgeMs) await box.movies.refresh();
    };
    // Why a box does not answer is said elsewhere; what is known of it is still shown.
    await Promise.allSettled(this.#boxes.map(freshenBox));
  }

  addTimer(wish: TimerWish, options: CallOptions = {}): Promise<Timer> {
    return this.#onAnyBox(wish.channelId, async (box, ref) => {
      const fields: TimerFields = {
        ref,
        name: wish.title,
        description: wish.description ?? '',
        beginSeconds: wish.beginSeconds,
        endSeconds: wish.endSeconds,
        eventId: wish.eventId ?? null,
      };
      if (box.timers.some((timer) => isSameTimer(timer, fields))) throw timerExists();
      const order = (): Promise<void> => command(box.receiver, 'timeradd', timerQuery(fields), options.signal);
      return this.#add(box, order, (timer) => isSameTimer(timer, fields));
    });
  }

  addEventTimer(event: { channelId: string; eventId: number }, options: CallOptions = {}): Promise<Timer> {
    return this.#onAnyBox(event.channelId, async (box, ref) => {
      const isOfEvent = (timer: BoxTimer): boolean =>
        timer.eventId === event.eventId && isSameTimer({ ...timer, ref }, timer) && timer.state !== 'ended';
      if (box.timers.some(isOfEvent)) throw timerExists();
      const query = { sRef: ref, eventid: String(event.eventId) };
      const order = (): Promise<void> => command(box.receiver, 'timeraddbyeventid', query, options.signal);
      return this.#add(box, order, isOfEvent);
    });
  }

  async changeTimer(id: string, change: Partial<TimerWish> & { enabled?: boolean }): Promise<Timer> {
    const { box, timer } = this.#findTimer(id);
    const fields: TimerFields = {
      ...timer,
      ref: change.channelId === undefined ? timer.ref : this.#refOn(box, change.channelId),
      name: change.title ?? timer.name,
      description: change.description ?? timer.description,
      beginSeconds: change.beginSeconds ?? timer.beginSeconds,
      endSeconds: change.endSeconds ?? timer.endSeconds,
      eventId: change.eventId === undefined ? timer.eventId : change.eventId,
      disabled: change.enabled === undefined ? timer.disabled : !change.enabled,
    };
    await command(box.receiver, 'timerchange', { ...timerQuery(fields), ...oldTimerQuery(timer) }, undefined);
    // A timer that runs keeps its begin, whatever was asked for.
    const find = (): BoxTimer | undefined =>
      box.timers.find((other) => isSameTimer(other, fields)) ??
      box.timers.find((other) => isSameTimer(other, { ...fields, beginSeconds: timer.beginSeconds }));
    await this.#readTimers(box, () => find() !== undefined);
    return this.#timerView(box, find() ?? { ...timer, ...fields });
  }

  async deleteTimer(id: string, options: CallOptions = {}): Promise<void> {
    const { box, timer } = this.#findTimer(id);
    const query = {
      sRef: timer.ref,
      begin: String(timer.beginSeconds),
      end: String(timer.endSeconds),
      ...(timer.eventId === null ? {} : { eit: String(timer.eventId) }),
    };
    const isGone = (): boolean => !box.timers.some((other) => isSameTimer(other, timer));
    try {
      await command(box.receiver, 'timerdelete', query, options.signal);
    } catch (error) {
      if (errorCode(error) !== 'RECEIVER_REFUSED') throw error;
      // Somebody else was faster, or the first of two attempts was heard.
      await this.#readTimers(box, isGone);
      if (!isGone()) throw error;
      return;
    }
    await this.#readTimers(box, isGone);
  }

  async deleteMovie(id: string, options: CallOptions = {}): Promise<void> {
    const { box, movie } = this.#findMovie(id);
    await command(box.receiver, 'moviedelete', { sRef: movie.ref }, options.signal);
    box.movies.forget(movie);
    box.movies.expectChange();
  }

  async openMovie(id: string, range: MovieRange): Promise<MovieFile> {
    const { box, movie } = this.#findMovie(id);
    try {
      return await box.receiver.openFile(movie.path, range);
    } catch (error) {
      if (errorCode(error) !== 'RECEIVER_NO_FILE') throw error;
      box.movies.expectChange();
      throw new XgError('MOVIE_UNKNOWN', `The receiver does not have the recording "${movie.title}" any more`, {
        cause: error,
      });
    }
  }

  close(): void {
    this.#unsubscribe();
    for (const { movies, cancelLook } of this.#boxes) {
      movies.close();
      cancelLook();
    }
  }

  get #nowSeconds(): number {
    return Math.floor(this.#options.clock.nowMs() / 1000);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  #onTimers(id: string, timers: readonly BoxTimer[]): void {
    const box = this.#boxes.find((one) => one.id === id);
    if (box === undefined) return;
    const before = box.timers;
    box.timers = timers.slice(0, MAX_TIMERS);
    box.heard++;
    this.#lookWhenNextBegins(box);
    if (!box.movies.isRead) box.movies.expectChange();
    else if (recordingsOf(before) !== recordingsOf(box.timers)) box.movies.expectChange();
    if (JSON.stringify(before) !== JSON.stringify(box.timers)) this.#changed();
  }

  /** Looks at a box when one of its timers has begun or ended: nobody else may have a reason to for minutes. */
  #lookWhenNextBegins(box: Box): void {
    const { clock, feed } = this.#options;
    box.cancelLook();
    const nowMs = clock.nowMs();
    const moments = box.timers
      .filter(({ disabled, state }) => !disabled && state !== 'ended')
      .flatMap(({ beginSeconds, endSeconds }) => [beginSeconds * 1000, endSeconds * 1000])
      .filter((atMs) => atMs > nowMs && atMs < nowMs + HORIZON_MS);
    if (moments.length === 0) return;
    const waitMs = Math.min(...moments) - nowMs + BEGUN_MS;
    box.cancelLook = clock.after(waitMs, () => void feed.refreshTimers(box.id, { maxAgeMs: 0 }));
  }

  /** Does it on the receivers that have the channel, in their order, until one does not refuse. */
  async #onAnyBox(channel: string, act: (box: Box, ref: string) => Promise<Timer>): Promise<Timer> {
    const places = this.#options.lineup
      .placesOf(channel)
      .flatMap(({ box, ref }) => this.#boxes.filter(({ id }) => id === box).map((one) => ({ box: one, ref })));
    let first: unknown = null;
    for (const { box, ref } of places) {
      try {
        return await act(box, ref);
      } catch (error) {
        first ??= error;
        if (!TRY_NEXT.has(errorCode(error))) throw error;
      }
    }
    throw first ?? new XgError('CHANNEL_UNKNOWN', 'There is no such channel to record');
  }

  async #add(box: Box, order: () => Promise<void>, isIt: (timer: BoxTimer) => boolean): Promise<Timer> {
    const find = (): BoxTimer | undefined => box.timers.find(isIt);
    try {
      await order();
    } catch (error) {
      if (errorCode(error) !== 'RECEIVER_REFUSED') throw error;
      // The connection may have broken after the order was heard; the second one is refused then.
      await this.#readTimers(box, () => find() !== undefined);
      const timer = find();
      if (timer === undefined) throw error;
      return this.#timerView(box, timer);
    }
    await this.#readTimers(box, () => find() !== undefined);
    const timer = find();
    if (timer !== undefined) return this.#timerView(box, timer);
    throw new XgError(
      'TIMER_UNKNOWN',
      'The receiver has taken the timer but does not list it; ask for the timers again',
    );
  }

  /** A reading that ran already when the order was given may not know of it: then it is asked once more, here. */
  async #readTimers(box: Box, isDone: () => boolean): Promise<void> {
    const { heard } = box;
    await this.#options.feed.refreshTimers(box.id, { maxAgeMs: -1 });
    if (box.heard === heard || !isDone()) this.#onTimers(box.id, await box.receiver.timers());
  }

  /** Images that lack one of the calls that a whole look needs are asked for their timers alone. */
  async #hearTimers(box: Box, maxAgeMs: number): Promise<void> {
    await this.#options.feed.refreshTimers(box.id, { maxAgeMs });
    if (box.heard === 0) this.#onTimers(box.id, await box.receiver.timers());
  }

  #findTimer(id: string): { readonly box: Box; readonly timer: BoxTimer } {
    for (const box of this.#boxes) {
      const timer = id.startsWith(`${box.id}.`) ? box.timers.find((one) => timerId(box.id, one) === id) : undefined;
      if (timer !== undefined) return { box, timer };
    }
    throw new XgError('TIMER_UNKNOWN', `There is no timer "${id.slice(0, 80)}" (any more)`);
  }

  #findMovie(id: string): { readonly box: Box; readonly movie: BoxMovie } {
    for (const box of this.#boxes) {
      const index = id.startsWith(`${box.id}.`) ? this.#movieViews(box).findIndex((view) => view.id === id) : -1;
      const movie = box.movies.all[index];
      if (movie !== undefined) return { box, movie };
    }
    throw new XgError('MOVIE_UNKNOWN', `There is no recording "${id.slice(0, 80)}" (any more)`);
  }

  #refOn(box: Box, channel: string): string {
    const place = this.#options.lineup.placesOf(channel).find((one) => one.box === box.id);
    if (place !== undefined) return place.ref;
    throw new XgError('CHANNEL_UNKNOWN', 'The receiver that has the timer does not have that channel');
  }

  #timerView(box: Box, timer: BoxTimer): Timer {
    return timerView(box.id, timer, this.#options.lineup, this.#nowSeconds);
  }

  /** In the order of the box's own list. */
  #movieViews(box: Box): readonly Movie[] {
    const { channels } = this.#options.lineup;
    const { timers, views: made } = box;
    const { all } = box.movies;
    const isFresh = made?.of === all && made.timers === timers && made.channels === channels;
    if (isFresh && !made.views.some(({ isGrowing }) => isGrowing === true)) return made.views;
    if (this.#finder?.of !== channels) this.#finder = { of: channels, find: channelFinder(channels) };
    const { find } = this.#finder;
    const growing = { fileNames: fileNamesOf(timers), nowSeconds: this.#nowSeconds };
    const views = all.map((movie) => movieView(box.id, movie, find, growing));
    box.views = { of: all, timers, channels, views };
    return views;
  }
}

function timerExists(): XgError {
  return new XgError('TIMER_EXISTS', 'There is such a timer already');
}

function fileNamesOf(timers: readonly BoxTimer[]): ReadonlySet<string> {
  return new Set(timers.filter(({ state }) => state === 'running').flatMap(({ fileName }) => fileName || []));
}

/** Changes when a recording begins or ends. */
function recordingsOf(timers: readonly BoxTimer[]): string {
  return timers
    .filter(({ state, zapOnly }) => !zapOnly && (state === 'running' || state === 'ended'))
    .map(({ ref, beginSeconds, state }) => `${ref} ${beginSeconds} ${state}`)
    .join();
}
