import { nowAndNext } from '../epg/schedule.ts';
import type { Lineup } from '../lineup/lineup.ts';
import type { DemoService } from '../lineup/services.ts';
import { type Movie, Movies } from './movies.ts';
import type { Timer } from './timer.ts';
import { TimerList } from './timer-list.ts';
import { Tuners } from './tuners.ts';

export interface BoxOptions {
  readonly lineup: Lineup;
  readonly tuners: number;
  /** What the television shows at the start, for which it takes a tuner; null: it takes none until it zaps. */
  readonly live: DemoService | null;
  readonly prepareSeconds: number;
  readonly retrySeconds: number;
  /** Ticks of 27 MHz since the broadcast began, now. */
  readonly clock: () => number;
  readonly onChange: () => void;
}

/** A reader of the stream server. */
export interface StreamClient {
  readonly service: DemoService;
  readonly ip: string;
  /** Ends it. */
  readonly stop: () => void;
}

interface Recording {
  readonly release: () => void;
  movie: Movie | null;
}

/** The state behind web interface and stream server: television, recordings, tuners. */
export class Box {
  /** Replaced once, when the ports are known which its references name. */
  lineup: Lineup;
  readonly tuners: Tuners;
  readonly timers: TimerList;
  readonly movies: Movies;
  /** The oldest first. */
  readonly streams = new Set<StreamClient>();
  readonly #onChange: () => void;
  readonly #recordings = new Map<Timer, Recording>();
  #current: DemoService;
  #standby = false;
  /** Gives the television's tuner back; null when it has none. */
  #releaseLive: (() => void) | null = null;

  constructor(options: BoxOptions) {
    this.lineup = options.lineup;
    this.#onChange = options.onChange;
    this.tuners = new Tuners(options.tuners);
    this.movies = new Movies(options.clock);
    const first = options.live ?? options.lineup.services[0];
    if (first === undefined) throw new Error('a lineup without services');
    this.#current = first;
    this.timers = new TimerList({
      tuners: options.tuners,
      prepareSeconds: options.prepareSeconds,
      retrySeconds: options.retrySeconds,
      onPrepare: (timer, isFirstTry) => this.#prepare(timer, isFirstTry),
      onStart: (timer) => this.#record(timer),
      onEnd: (timer) => this.#stopRecording(timer),
    });
    if (options.live !== null) this.#tuneLive();
  }

  get standby(): boolean {
    return this.#standby;
  }

  /** What the television shows, or would show. */
  get current(): DemoService {
    return this.#current;
  }

  /** Whether the television holds a tuner. */
  get isLive(): boolean {
    return this.#releaseLive !== null;
  }

  /** Timers for which something is being recorded, in order. */
  get recording(): Timer[] {
    return [...this.#recordings.keys()];
  }

  /** Gives up the television's tuner, or takes one again if there is one. */
  setStandby(standby: boolean): void {
    if (standby === this.#standby) return;
    this.#standby = standby;
    if (standby) this.#dropLive();
    else this.#tuneLive();
    this.#onChange();
  }

  /**
   * The television's old service is stopped first; without a tuner for the new one the screen stays dark. Also in standby,
   * where the box tunes with its screen off.
   */
  zap(service: DemoService): void {
    this.#dropLive();
    this.#current = service;
    this.#tuneLive();
    this.#onChange();
  }

  /** The power is gone: television and recordings end. Streams are their server's matter. */
  powerOff(): void {
    this.timers.suspend();
    this.#dropLive();
  }

  /** The box is back, awake. `live`: whether the television was on. */
  powerOn(live: boolean): void {
    this.#standby = false;
    if (live) this.#tuneLive();
    this.timers.resume();
  }

  #tuneLive(): void {
    this.#releaseLive ??= this.tuners.tune({ kind: 'live', service: this.#current });
  }

  #dropLive(): void {
    this.#releaseLive?.();
    this.#releaseLive = null;
  }

  /**
   * Where no tuner is free, Enigma2 (openATV) ends the oldest stream, whatever its transponder, or when there is none
   * zaps the television to the recording's channel once, and tries again later.
   */
  #prepare(timer: Timer, isFirstTry: boolean): boolean {
    if (timer.justplay) return true;
    const release = this.tuners.tune({ kind: 'rec', service: timer.service });
    if (release !== null) {
      this.#recordings.set(timer, { release, movie: null });
      this.#onChange();
      return true;
    }
    const [oldest] = this.streams;
    if (oldest !== undefined) oldest.stop();
    else if (isFirstTry && this.isLive) this.zap(timer.service);
    return false;
  }

  #record(timer: Timer): void {
    if (timer.justplay) {
      if (!this.#standby) this.zap(timer.service);
      return;
    }
    const recording = this.#recordings.get(timer);
    if (recording === undefined) return;
    const event = nowAndNext(timer.service).now;
    recording.movie = this.movies.begin(
      timer.service,
      timer.name,
      timer.description || (event?.short ?? ''),
      event?.long,
    );
    timer.filename = recording.movie.path.replace(/\.ts$/, '');
    this.#onChange();
  }

  #stopRecording(timer: Timer): void {
    const recording = this.#recordings.get(timer);
    if (recording === undefined) return;
    this.#recordings.delete(timer);
    recording.release();
    if (recording.movie !== null) this.movies.end(recording.movie);
    this.#onChange();
  }
}
