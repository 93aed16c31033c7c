import type { Clock } from '#shared/clock.ts';
import { errorCode, errorMessage } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { About, BoxTimer, StatusInfo } from '../receiver/model.ts';
import { type BoxPicture, boxPicture } from './box-picture.ts';

/** What looking at a box needs of it. */
export interface WatchedBox {
  about(options: WatchOptions): Promise<About>;
  statusInfo(options: WatchOptions): Promise<StatusInfo>;
  timers(options: WatchOptions): Promise<BoxTimer[]>;
}

interface WatchOptions {
  readonly signal?: AbortSignal | undefined;
  readonly force?: boolean | undefined;
}

export interface BoxWatchOptions {
  readonly box: WatchedBox;
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onPicture: (picture: BoxPicture) => void;
  /** It does not answer, or not in a way that can be used. */
  readonly onLost: (why: string) => void;
  readonly onAbout?: (about: About) => void;
  /** Every reading of its timers, for whoever else wants to know: it is not asked twice. */
  readonly onTimers?: (timers: readonly BoxTimer[]) => void;
}

/**
 * - `idle`: nobody watches through us
 * - `active`: streams run
 */
export type WatchPace = 'idle' | 'active';

/** How old each answer may become. `about` walks through all disks and interfaces of the box, so it is asked least. */
const MAX_AGE_MS: Readonly<Record<WatchPace, { status: number; timers: number; about: number }>> = {
  idle: { status: 300_000, timers: 300_000, about: 900_000 },
  active: { status: 15_000, timers: 30_000, about: 120_000 },
};
/** Without an answer the next attempt comes after so long, growing. */
const LOST_MS: Readonly<Record<WatchPace, number>> = { idle: 60_000, active: 10_000 };
/** Older than this it is looked at anew when somebody begins to watch. */
const WORN_MS = 10_000;
const MAX_LOST_MS = 300_000;

interface Answers {
  readonly about: About;
  readonly status: StatusInfo;
  readonly timers: readonly BoxTimer[];
  readonly askedMs: { readonly about: number; readonly timers: number };
}

/**
 * Looks at a box now and again: often while streams run, rarely otherwise, at once when somebody waits for a decision. A
 * round is one request most of the time: what the tuners do is asked when the status has changed, or after a while.
 */
export class BoxWatch {
  readonly #options: BoxWatchOptions;
  readonly #abort = new AbortController();
  #pace: WatchPace = 'idle';
  #answers: Answers | null = null;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #running: { readonly isFull: boolean; readonly done: Promise<void> } | null = null;
  #cancelNext: (() => void) | null = null;
  #lostMs = 0;
  #lastLoss: string | null = null;

  constructor(options: BoxWatchOptions) {
    this.#options = options;
  }

  /** Age of what is known, in milliseconds; infinite before the first answer. */
  get ageMs(): number {
    return this.#options.clock.nowMs() - this.#lookedMs;
  }

  start(): void {
    void this.#round(true);
  }

  stop(): void {
    this.#abort.abort();
    this.#cancelNext?.();
    this.#cancelNext = null;
  }

  setPace(pace: WatchPace): void {
    if (pace === this.#pace) return;
    this.#pace = pace;
    if (this.#running !== null) return;
    // What was seen while nobody watched may be minutes old. Who watches does not wait for it.
    if (pace === 'active' && this.ageMs > WORN_MS) void this.#round(true);
    else this.#schedule();
  }

  /** Looks at everything now, unless that was done `maxAgeMs` ago or less. Never rejects: a box may be gone. */
  async refresh(options: { maxAgeMs: number; force?: boolean }): Promise<void> {
    if (options.force !== true && this.ageMs <= options.maxAgeMs) return;
    // A round that has begun before may have seen the status of a moment ago.
    if (this.#running !== null && !this.#running.isFull) await this.#running.done;
    await (this.#running?.done ?? this.#round(true, options.force === true));
  }

  #round(isFull: boolean, force = false): Promise<void> {
    if (this.#abort.signal.aborted) return Promise.resolve();
    this.#cancelNext?.();
    this.#cancelNext = null;
    const done = this.#look(isFull, force).finally(() => {
      this.#running = null;
      this.#schedule();
    });
    this.#running = { isFull, done };
    return done;
  }

  async #look(isFull: boolean, force: boolean): Promise<void> {
    const { box, clock, onPicture, onLost, onAbout, onTimers, logger, name } = this.#options;
    const ask = { signal: this.#abort.signal, force };
    const before = this.#answers;
    const startMs = clock.nowMs();
    const isOld = (what: 'about' | 'timers'): boolean =>
      before === null || isFull || startMs - before.askedMs[what] >= MAX_AGE_MS[this.#pace][what];
    try {
      const status = await box.statusInfo(ask);
      const isNews = before === null || JSON.stringify(status) !== JSON.stringify(before.status);
      const withTimers = isOld('timers') || isNews;
      const withAbout = isOld('about') || isNews;
      const timers = withTimers || before === null ? await box.timers(ask) : before.timers;
      const about = withAbout || before === null ? await box.about(ask) : before.about;
      const nowMs = clock.nowMs();
      const askedMs = {
        about: withAbout ? nowMs : (before?.askedMs.about ?? nowMs),
        timers: withTimers ? nowMs : (before?.askedMs.timers ?? nowMs),
      };
      this.#answers = { about, status, timers, askedMs };
      this.#lookedMs = nowMs;
      this.#lostMs = 0;
      if (this.#lastLoss !== null) logger.info({ receiver: name }, 'the receiver answers again');
      this.#lastLoss = null;
      if (withAbout) onAbout?.(about);
      if (withTimers) onTimers?.(timers);
      onPicture(boxPicture({ about, status, timers }, nowMs, askedMs.about));
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#lostMs = Math.min(MAX_LOST_MS, Math.max(LOST_MS[this.#pace], 2 * this.#lostMs));
      const why = errorMessage(error);
      if (why !== this.#lastLoss)
        logger.warn({ receiver: name, code: errorCode(error) }, `the receiver's state is not known: ${why}`);
      this.#lastLoss = why;
      onLost(why);
    }
  }

  #schedule(): void {
    this.#cancelNext?.();
    this.#cancelNext = null;
    if (this.#abort.signal.aborted) return;
    const { clock } = this.#options;
    const lostWaitMs = Math.min(this.#lostMs, this.#pace === 'active' ? LOST_MS.active : MAX_LOST_MS);
    const waitMs = this.#lostMs > 0 ? lostWaitMs : MAX_AGE_MS[this.#pace].status - this.ageMs;
    this.#cancelNext = clock.after(Math.max(MIN_PAUSE_MS, waitMs), () => void this.#round(false));
  }
}

/** Between two rounds that nobody waits for, whatever happens. */
const MIN_PAUSE_MS = 3_000;
