import type { Readable } from 'node:stream';

/** What the receiver records, will record and has recorded, for every face that shows it. */
export interface Recordings {
  readonly timers: readonly Timer[];
  readonly movies: readonly Movie[];
  /** Reads what is older than that again, if the box answers. For faces that are asked and never told. Never rejects. */
  freshen(what: 'timers' | 'movies', options: { maxAgeMs: number }): Promise<void>;
  /** Calls back when timers or movies changed. Returns the way to stop it. */
  onChange(listener: () => void): () => void;
  /** Reads both again. @throws the receiver's error. */
  refresh(options?: { signal?: AbortSignal }): Promise<void>;
  /** @throws XgError `TIMER_CONFLICT` with the box's own words, `TIMER_EXISTS`, `CHANNEL_UNKNOWN`, or the receiver's error. */
  addTimer(wish: TimerWish, options?: { signal?: AbortSignal }): Promise<Timer>;
  /** For an event, with the margins that the box's owner has set there. @throws XgError as `addTimer`. */
  addEventTimer(event: { channelId: string; eventId: number }, options?: { signal?: AbortSignal }): Promise<Timer>;
  /** @throws XgError `TIMER_UNKNOWN`, `TIMER_CONFLICT`, or the receiver's error. */
  changeTimer(id: string, change: Partial<TimerWish> & { enabled?: boolean }): Promise<Timer>;
  /** @throws XgError `TIMER_UNKNOWN`, or the receiver's error. */
  deleteTimer(id: string, options?: { signal?: AbortSignal }): Promise<void>;
  /** @throws XgError `MOVIE_UNKNOWN`, or the receiver's error. */
  deleteMovie(id: string, options?: { signal?: AbortSignal }): Promise<void>;
  /** The recording's file from an offset. @throws XgError `MOVIE_UNKNOWN`, or the receiver's error. */
  openMovie(id: string, range: MovieRange): Promise<MovieFile>;
}

export interface Timer {
  /** Stable while the timer keeps its service, begin and end. URL-safe. */
  readonly id: string;
  /** Null for a service that is not in the lineup. */
  readonly channelId: string | null;
  readonly channelName: string;
  readonly title: string;
  readonly description: string;
  /** Unix seconds, margins included. */
  readonly beginSeconds: number;
  readonly endSeconds: number;
  /** The receiver's event id; null for a timer set by hand. */
  readonly eventId: number | null;
  readonly state: 'waiting' | 'prepared' | 'running' | 'ended';
  readonly enabled: boolean;
  /** Only changes the channel of the television. */
  readonly zapOnly: boolean;
  /** Days of the week it repeats on: bit 0 is Monday; 0 for once. */
  readonly repeatedDays: number;
}

export interface TimerWish {
  readonly channelId: string;
  readonly title: string;
  readonly description?: string;
  /** Unix seconds, margins included. */
  readonly beginSeconds: number;
  readonly endSeconds: number;
  readonly eventId?: number | null;
}

export interface Movie {
  /** Stable while the file keeps its name. URL-safe. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  /** Null for a service that is not in the lineup. */
  readonly channelId: string | null;
  readonly channelName: string;
  /** Unix seconds. */
  readonly startSeconds: number;
  readonly durationSeconds: number;
  readonly sizeBytes: number;
  /** It is being recorded now: size and duration are those of the last look. Absent for false. */
  readonly isGrowing?: boolean;
  /** Absent for an MPEG transport stream. */
  readonly contentType?: string;
}

export interface MovieRange {
  readonly startByte: number;
  /** Inclusive; null reads to the end. */
  readonly endByte: number | null;
  readonly signal: AbortSignal;
}

export interface MovieFile {
  /** Of the whole file, now. */
  readonly sizeBytes: number;
  /** 0 from a box that cannot begin elsewhere, whatever was asked for. */
  readonly startByte: number;
  /** Inclusive. */
  readonly endByte: number;
  readonly body: Readable;
}
