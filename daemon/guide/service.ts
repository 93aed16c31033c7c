import { setTimeout as delay } from 'node:timers/promises';
import { errorCode, errorMessage } from '#shared/errors.ts';
import { withSmallHeap } from '#shared/garbage-collection.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { createGauge, createHistogram, type Registry } from '#shared/observability/metrics.ts';
import { Backoff } from '../lineup/backoff.ts';
import type { Channel, Lineup, LineupBouquet } from '../lineup/channel.ts';
import type { Programme } from './programme.ts';
import { BouquetReader } from './refresh/bouquets.ts';
import { dueChannels, nextDueSeconds } from './refresh/due.ts';
import { type ServiceFailure, ServiceFailures } from './refresh/failures.ts';
import { endedBeforeSeconds, toProgramme } from './refresh/programmes.ts';
import { type EpgSource, type RoundOptions, readNowNext, ServiceRound } from './refresh/round.ts';
import type { GradualGuideStore } from './store.ts';

export type { EpgSource } from './refresh/round.ts';

/** What it needs of the lineup. */
export interface GuideLineup {
  readonly channels: readonly Channel[];
  readonly bouquets: readonly LineupBouquet[];
  waitForReady(options: { signal?: AbortSignal }): Promise<void>;
  onChange(listener: (lineup: Lineup) => void): () => void;
}

export interface GuideServiceOptions {
  readonly source: EpgSource;
  readonly lineup: GuideLineup;
  readonly store: GradualGuideStore;
  /** Ahead. */
  readonly days: number;
  /** Of programmes that have ended. */
  readonly keepDays?: number;
  /** Asks for whole bouquets first: for boxes whose image is good at it. Default false. */
  readonly bulk?: boolean;
  readonly language?: string | null;
  readonly refreshIntervalMs: number;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly backoff?: { minMs?: number; maxMs?: number };
  readonly maxRoundMs?: number;
  readonly nowMs?: () => number;
  readonly externalWins?: (channelId: string) => boolean;
  /** A programme of the receiver with what others know of it. */
  readonly enrich?: (programme: Programme) => Programme;
  /** Before each round: a store that could not be written is tried again. */
  readonly beforeRound?: () => void;
}

/**
 * - `waiting`: for the lineup, at the start
 * - `filling`: a round runs
 * - `filled`: the last round went through
 * - `failed`: the last one could not; it is tried again
 */
export type GuideState = 'waiting' | 'filling' | 'filled' | 'failed';

export interface GuideError {
  readonly code: string;
  readonly message: string;
  readonly atMs: number;
}

/** Half an hour of questions is enough for any box; the rest follows after a pause. */
const MAX_ROUND_MS = 30 * 60_000;
const PAUSE_AFTER_PART_MS = 60_000;
/** A disk that is full stays so for a while, and each attempt costs the receiver an answer. */
const WRITE_AGAIN_MS = 300_000;
/** Fewer services than that are not worth a question about whole bouquets. */
const WORTH_NOW_NEXT = 10;

/**
 * Keeps the guide filled: what runs now and next on every bouquet first, then each service in turn, those never read
 * before all others. When each was read is in the store, so a restart goes on where the last process stopped.
 */
export class GuideService {
  readonly #options: GuideServiceOptions;
  readonly #backoff: Backoff;
  readonly #duration;
  readonly #failures = new ServiceFailures();
  readonly #bouquets = new BouquetReader();
  #state: GuideState = 'waiting';
  #progress: { done: number; total: number } | null = null;
  #known = new Set<string>();
  #lastError: GuideError | null = null;
  #finishedAtMs: number | null = null;
  #forced = false;
  #wake: (() => void) | null = null;

  constructor(options: GuideServiceOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff);
    const { registry, store } = options;
    this.#duration = createHistogram(
      registry,
      'xg2g_epg_refresh_duration_seconds',
      'Time of one complete reading of the guide',
      [1, 5, 15, 60, 180, 600, 1800],
    );
    createGauge(registry, 'xg2g_epg_programmes', 'Programmes in the guide', [], (gauge) => gauge.set(store.size));
    createGauge(registry, 'xg2g_epg_failed_services', 'Services whose guide could not be read last time', [], (gauge) =>
      gauge.set(this.#failures.all.length),
    );
  }

  get state(): GuideState {
    return this.#state;
  }

  /** Services asked and to ask in the current or last reading; null before the first. */
  get progress(): { readonly done: number; readonly total: number } | null {
    return this.#progress;
  }

  /** Why the last round failed; null after one that did not. */
  get lastError(): GuideError | null {
    return this.#lastError;
  }

  get failures(): readonly ServiceFailure[] {
    return this.#failures.all;
  }

  /** When the last whole round of this process ended. */
  get finishedAtMs(): number | null {
    return this.#finishedAtMs;
  }

  /** When the service that was read longest ago was read, Unix seconds; null while some were never read. */
  get oldestReadAtSeconds(): number | null {
    const times = this.#options.lineup.channels.map(({ id }) => this.#options.store.readAtSeconds(id));
    const oldest = Math.min(...times);
    return times.length === 0 || oldest === 0 ? null : oldest;
  }

  /** Reads all services again, soon: those of a round that runs count as well. */
  requestRefresh(): void {
    if (this.#state === 'filling') return;
    this.#forced = true;
    this.#backoff.reset();
    this.#wake?.();
  }

  /** Runs until the signal aborts; resolves then. Never rejects for what the receiver does. */
  async start(options: { signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    // A new channel should not wait hours for its guide.
    const stop = this.#options.lineup.onChange((lineup) => {
      if (this.#known.size > 0 && lineup.channels.some((channel) => !this.#known.has(channel.id))) this.#wake?.();
    });
    try {
      while (!signal.aborted) {
        let waitMs: number;
        try {
          await this.#options.lineup.waitForReady({ signal });
          const complete = await withSmallHeap(() => this.#round({ signal, force: this.#forced }));
          this.#backoff.reset();
          waitMs = complete ? this.#nextDueMs() : PAUSE_AFTER_PART_MS;
        } catch (error) {
          if (signal.aborted) return;
          this.#fail(error);
          const isUnwritten = errorCode(error) === 'GUIDE_NOT_WRITTEN';
          waitMs = isUnwritten ? WRITE_AGAIN_MS : this.#backoff.nextMs();
        }
        if (!this.#forced) await this.#pause(waitMs, signal);
      }
    } finally {
      stop();
    }
  }

  /** Reads everything once. @throws the receiver's error when it cannot be asked at all. */
  async refresh(options: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#round({ signal: options.signal, force: true });
  }

  /** False where the time was over before the services were. */
  async #round({ signal, force }: { signal: AbortSignal | undefined; force: boolean }): Promise<boolean> {
    const { lineup, store, logger } = this.#options;
    const nowSeconds = this.#nowSeconds();
    this.#known = new Set(lineup.channels.map((channel) => channel.id));
    this.#failures.keepOnly(this.#known);
    this.#options.beforeRound?.();
    this.#forced = false;
    const due = dueChannels(lineup.channels, { ...this.#dueOptions(), force });
    if (due.length === 0) {
      // Nothing to ask; also the state after a restart with a guide that is fresh.
      this.#state = 'filled';
      this.#lastError = null;
      return true;
    }
    const started = this.#duration.startTimer();
    this.#state = 'filling';
    this.#progress = { done: 0, total: due.length };
    const options = this.#roundOptions(signal);
    const isNew = due.some(({ id }) => store.readAtSeconds(id) === 0);
    if (isNew || due.length >= WORTH_NOW_NEXT) await readNowNext(options, lineup.bouquets);
    const result = await new ServiceRound(options, () => this.#onServiceDone()).run(await this.#inBulk(options, due));
    const { keepDays = 1 } = this.#options;
    await store.pruneGradually({
      channels: this.#known,
      endedBeforeSeconds: endedBeforeSeconds({ nowSeconds, keepDays }),
    });

    const { failed, lastFailure, complete, ...counts } = result;
    const seconds = started();
    this.#state = 'filled';
    this.#lastError = null;
    this.#finishedAtMs = this.#nowSeconds() * 1000;
    logger.info({ services: due.length, programmes: store.size, failures: failed, ...counts, seconds }, 'guide read');
    if (failed > 0) logger.warn({ services: failed, last: lastFailure }, 'some services gave no guide');
    return complete;
  }

  /** What is left to be asked service by service. */
  async #inBulk(options: RoundOptions, due: readonly Channel[]): Promise<readonly Channel[]> {
    const { bulk = false, days, lineup } = this.#options;
    if (!bulk || this.#bouquets.refusal !== null || due.length < WORTH_NOW_NEXT) return due;
    const request = { bouquets: lineup.bouquets, minutes: days * 1_440, onDone: () => this.#onServiceDone() };
    return this.#bouquets.read(options, due, request);
  }

  #roundOptions(signal: AbortSignal | undefined): RoundOptions {
    const { source, store, logger, days, keepDays = 1, language = null, maxRoundMs = MAX_ROUND_MS } = this.#options;
    const { enrich = (programme: Programme) => programme } = this.#options;
    return {
      source,
      store,
      logger,
      failures: this.#failures,
      known: this.#known,
      toProgramme: (event, id) => {
        const nowSeconds = this.#nowSeconds();
        const programme = toProgramme(event, id, { nowSeconds, days, keepDays, language });
        return programme === null ? null : enrich(programme);
      },
      nowSeconds: () => this.#nowSeconds(),
      signal,
      maxMs: maxRoundMs,
      externalWins: this.#options.externalWins ?? (() => false),
    };
  }

  #onServiceDone(): void {
    if (this.#progress === null) return;
    const { done, total } = this.#progress;
    this.#progress = { done: done + 1, total };
    const tenth = (count: number): number => Math.floor((count * 10) / total);
    if (total < 20 || tenth(done + 1) === tenth(done) || done + 1 === total) return;
    this.#options.logger.info({ done: done + 1, total }, 'reading the guide');
  }

  #dueOptions() {
    return {
      readAtSeconds: (id: string) => this.#options.store.readAtSeconds(id),
      failures: this.#failures,
      intervalSeconds: this.#options.refreshIntervalMs / 1000,
      nowSeconds: this.#nowSeconds(),
    };
  }

  #nextDueMs(): number {
    return nextDueSeconds(this.#options.lineup.channels, this.#dueOptions()) * 1000;
  }

  #nowSeconds(): number {
    return Math.floor((this.#options.nowMs?.() ?? Date.now()) / 1000);
  }

  #fail(error: unknown): void {
    this.#state = 'failed';
    const message = errorMessage(error);
    const isKnown = message === this.#lastError?.message;
    this.#lastError = { code: errorCode(error), message, atMs: this.#nowSeconds() * 1000 };
    if (isKnown) return; // once per new reason
    this.#options.logger.error({ code: errorCode(error) }, `The guide cannot be read: ${message}. Trying again`);
  }

  async #pause(waitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    try {
      await delay(waitMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) });
    } catch {
      // Aborted: the service ends, the lineup has new channels, or somebody asked for it.
    } finally {
      this.#wake = null;
    }
  }
}
