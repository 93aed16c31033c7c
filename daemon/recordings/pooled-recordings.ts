import type { Clock } from '#shared/clock.ts';
import { errorCode, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { BoxMovie, BoxTimer } from '../receiver/model.ts';
import { command, isSameTimer, oldTimerQuery, type TimerFields, timerQuery } from './box-timers.ts';
import { RecordingBox } from './recording-box.ts';
import type { RecordingReceiver, TimerFeed } from './recording-receiver.ts';
import type { Movie, MovieFile, MovieRange, Recordings, Timer, TimerWish } from './recordings.ts';
import type { RecordingLineup } from './views.ts';

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

/** Another receiver may do what one refuses for these reasons. */
const TRY_NEXT = new Set(['TIMER_CONFLICT', 'RECEIVER_UNREACHABLE', 'RECEIVER_TIMEOUT', 'RECEIVER_BUSY']);

/** Timers and recordings of all receivers as one list; ids name the receiver. */
export class PooledRecordings implements Recordings {
  readonly #options: PooledRecordingsOptions;
  readonly #boxes: readonly RecordingBox[];
  readonly #listeners = new Set<() => void>();
  readonly #unsubscribe: () => void;

  constructor(options: PooledRecordingsOptions) {
    this.#options = options;
    const { feed, lineup, clock, logger } = options;
    const onChange = (): void => {
      for (const listener of this.#listeners) listener();
    };
    this.#boxes = options.boxes.map((box) => new RecordingBox({ ...box, feed, lineup, clock, logger, onChange }));
    this.#unsubscribe = feed.onTimers((id, timers) => this.#boxes.find((box) => box.id === id)?.take(timers));
  }

  get timers(): readonly Timer[] {
    return this.#boxes.flatMap((box) => box.timerViews).sort((left, right) => left.beginSeconds - right.beginSeconds);
  }

  get movies(): readonly Movie[] {
    return this.#boxes.flatMap((box) => box.movieViews).sort((left, right) => right.startSeconds - left.startSeconds);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async refresh(): Promise<void> {
    await Promise.all(this.#boxes.flatMap((box) => [box.hearTimers(-1), box.movies.refresh()]));
  }

  async freshen(what: 'timers' | 'movies', { maxAgeMs }: { maxAgeMs: number }): Promise<void> {
    const freshenBox = async (box: RecordingBox): Promise<void> => {
      if (what === 'timers') await box.hearTimers(maxAgeMs);
      else if (box.isHeard && box.movies.ageMs > maxAgeMs) await box.movies.refresh();
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
      return this.#add(box, order, (timer) => isSameTimer(timer, fields), asOrdered(fields));
    });
  }

  addEventTimer(event: { channelId: string; eventId: number }, options: CallOptions = {}): Promise<Timer> {
    return this.#onAnyBox(event.channelId, async (box, ref) => {
      const isOfEvent = (timer: BoxTimer): boolean =>
        timer.eventId === event.eventId && isSameTimer({ ...timer, ref }, timer) && timer.state !== 'ended';
      if (box.timers.some(isOfEvent)) throw timerExists();
      const query = { sRef: ref, eventid: String(event.eventId) };
      const order = (): Promise<void> => command(box.receiver, 'timeraddbyeventid', query, options.signal);
      return this.#add(box, order, isOfEvent, null);
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
    await box.readTimers(() => find() !== undefined);
    return box.viewOf(find() ?? { ...timer, ...fields });
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
      await box.readTimers(isGone);
      if (!isGone()) throw error;
      return;
    }
    await box.readTimers(isGone);
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
    for (const box of this.#boxes) box.close();
  }

  /** Does it on the receivers that have the channel, in their order, until one does not refuse. */
  async #onAnyBox(channel: string, act: (box: RecordingBox, ref: string) => Promise<Timer>): Promise<Timer> {
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

  /** `ordered`: what is told when the order was heard and the box does not answer any more. */
  async #add(
    box: RecordingBox,
    order: () => Promise<void>,
    isIt: (timer: BoxTimer) => boolean,
    ordered: BoxTimer | null,
  ): Promise<Timer> {
    const find = (): BoxTimer | null => box.timers.find(isIt) ?? null;
    let refusal: unknown = null;
    try {
      await order();
    } catch (error) {
      if (errorCode(error) !== 'RECEIVER_REFUSED') throw error;
      // The connection may have broken after the order was heard; the second one is refused then.
      refusal = error;
    }
    try {
      await box.readTimers(() => find() !== null);
    } catch (error) {
      if (refusal === null && ordered === null) throw error;
    }
    const timer = find() ?? (refusal === null ? ordered : null);
    if (timer !== null) return box.viewOf(timer);
    throw refusal ?? new XgError('TIMER_UNKNOWN', 'The receiver has taken the timer but does not list it');
  }

  #findTimer(id: string): { readonly box: RecordingBox; readonly timer: BoxTimer } {
    for (const box of this.#boxes) {
      const timer = box.timerById(id);
      if (timer !== null) return { box, timer };
    }
    throw new XgError('TIMER_UNKNOWN', `There is no timer "${id.slice(0, 80)}" (any more)`);
  }

  #findMovie(id: string): { readonly box: RecordingBox; readonly movie: BoxMovie } {
    for (const box of this.#boxes) {
      const movie = box.movieById(id);
      if (movie !== null) return { box, movie };
    }
    throw new XgError('MOVIE_UNKNOWN', `There is no recording "${id.slice(0, 80)}" (any more)`);
  }

  #refOn(box: RecordingBox, channel: string): string {
    const place = this.#options.lineup.placesOf(channel).find((one) => one.box === box.id);
    if (place !== undefined) return place.ref;
    throw new XgError('CHANNEL_UNKNOWN', 'The receiver that has the timer does not have that channel');
  }
}

function timerExists(): XgError {
  return new XgError('TIMER_EXISTS', 'There is such a timer already');
}

/** A timer that was set as it would be listed. */
function asOrdered(fields: TimerFields): BoxTimer {
  return {
    serviceName: '',
    prepareSeconds: fields.beginSeconds,
    disabled: false,
    zapOnly: false,
    state: null,
    description: '',
    eventId: null,
    repeatedDays: 0,
    afterEvent: 3,
    folder: '',
    tags: '',
    alwaysZap: false,
    fileName: '',
    ...fields,
  };
}
