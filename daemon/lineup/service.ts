import { setTimeout as delay } from 'node:timers/promises';
import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { Backoff } from './backoff.ts';
import type { BouquetSource } from './bouquet-rows.ts';
import { buildLineup } from './build-lineup.ts';
import type { Channel, Lineup, LineupBouquet } from './channel.ts';
import type { AnswerMemory } from './lineup-store.ts';
import { MeasuredSource, type ReadingProgress } from './reading-progress.ts';
import { answersAsSource, type ReceiverAnswers, RememberedSource } from './remembered-source.ts';
import { waitForLineup } from './wait-for-lineup.ts';

export interface LineupFailure {
  readonly code: string;
  readonly message: string;
  readonly atMs: number;
}

/**
 * - `loading`: never read yet, the first attempt runs
 * - `failed`: never read yet, and the last attempt failed
 * - `ready`: there is a lineup; `failure` is set while refreshes fail and the lineup is an older one
 */
export type LineupState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly failure: LineupFailure; readonly attempts: number }
  | {
      readonly kind: 'ready';
      readonly lineup: Lineup;
      /** When the receiver gave it, also when that was before this start. */
      readonly readAtMs: number;
      readonly failure: LineupFailure | null;
      /** `cache` until the receiver was read for the first time since the start; absent means `receiver`. */
      readonly origin?: 'receiver' | 'cache';
    };

export interface LineupServiceOptions {
  readonly source: BouquetSource;
  /** Keeps what the receiver says over a restart. */
  readonly memory?: AnswerMemory;
  readonly bouquets?: readonly string[];
  readonly refreshIntervalMs?: number;
  readonly logger: Logger;
  readonly backoff?: { minMs?: number; maxMs?: number };
}

export type LineupListener = (lineup: Lineup) => void;

const HOUR_MS = 3_600_000;

/** Keeps the channel lineup: reads it until the receiver answers, then refreshes it now and again. */
export class LineupService {
  readonly #options: LineupServiceOptions;
  readonly #logger: Logger;
  readonly #backoff: Backoff;
  readonly #listeners = new Set<LineupListener>();
  #state: LineupState = { kind: 'loading' };
  #byId: ReadonlyMap<string, Channel> = new Map();
  #byNumber: ReadonlyMap<number, Channel> = new Map();
  #running: Promise<Lineup> | null = null;
  #reading: MeasuredSource | null = null;
  #wake: (() => void) | null = null;
  #stopSignal: AbortSignal | null = null;
  #answers: ReceiverAnswers | null = null;

  constructor(options: LineupServiceOptions) {
    this.#options = options;
    this.#logger = options.logger;
    this.#backoff = new Backoff(options.backoff);
  }

  get state(): LineupState {
    return this.#state;
  }

  /** Of the reading that runs; null while none does. */
  get progress(): ReadingProgress | null {
    return this.#reading?.progress ?? null;
  }

  /** In the lineup's order; empty until it is ready. */
  get channels(): readonly Channel[] {
    return this.#state.kind === 'ready' ? this.#state.lineup.channels : [];
  }

  get bouquets(): readonly LineupBouquet[] {
    return this.#state.kind === 'ready' ? this.#state.lineup.bouquets : [];
  }

  get(id: string): Channel | null {
    return this.#byId.get(id) ?? null;
  }

  byNumber(number: number): Channel | null {
    return this.#byNumber.get(number) ?? null;
  }

  /** Calls back after every reading that succeeded, at once when there is a lineup already. Returns the way to stop it. */
  onChange(listener: LineupListener): () => void {
    this.#listeners.add(listener);
    if (this.#state.kind === 'ready') listener(this.#state.lineup);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when there is a lineup. Rejects with the signal's reason. */
  async waitForReady(options: { signal?: AbortSignal } = {}): Promise<void> {
    if (this.#state.kind !== 'ready') await waitForLineup(this, options);
  }

  /** Takes the lineup of the last run, if one was kept. What is wrong with it is logged and does no harm. */
  async restore(): Promise<void> {
    const kept = this.#options.memory?.load() ?? null;
    if (kept === null || this.#state.kind === 'ready') return;
    this.#answers = kept.answers;
    try {
      const source = answersAsSource(kept.answers);
      const lineup = await buildLineup(source, { bouquets: this.#options.bouquets ?? [] });
      const readAtMs = kept.savedAtMs;
      this.#take({ kind: 'ready', lineup, readAtMs, failure: null, origin: 'cache' });
      const ageSeconds = Math.round((Date.now() - readAtMs) / 1000);
      this.#logger.info(
        { channels: lineup.channels.length, ageSeconds },
        'lineup of the last run, until the receiver answers',
      );
      this.#announce(lineup);
    } catch (error) {
      this.#logger.warn({ reason: errorMessage(error) }, 'the lineup of the last run cannot be used');
    }
  }

  /** Runs until the signal aborts; resolves then. Never rejects for what the receiver does. */
  async start(options: { signal: AbortSignal }): Promise<void> {
    const { signal } = options;
    this.#stopSignal = signal;
    while (!signal.aborted) {
      let waitMs = this.#options.refreshIntervalMs ?? HOUR_MS;
      try {
        await this.refresh();
      } catch {
        waitMs = this.#backoff.nextMs(); // the failure itself is in the state, and logged when it was new
      }
      await this.#pause(waitMs, signal);
    }
  }

  /**
   * Reads the lineup now; calls while it is being read share the one reading. Keeps the old lineup when it fails.
   *
   * @throws what reading threw.
   */
  async refresh(): Promise<Lineup> {
    this.#running ??= this.#read().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  /** Ends the wait before the next attempt: for a user who just switched the receiver on. */
  retryNow(): void {
    this.#backoff.reset();
    this.#wake?.();
  }

  async #read(): Promise<Lineup> {
    const source = new RememberedSource(this.#options.source, this.#answers);
    const measured = new MeasuredSource(source);
    this.#reading = measured;
    try {
      const built = await buildLineup(measured, {
        bouquets: this.#options.bouquets ?? [],
        signal: this.#stopSignal ?? undefined,
      });
      if (source.failure !== null) throw source.failure;
      const lineup = { ...built, warnings: [...source.warnings, ...built.warnings] };
      this.#answers = source.answers;
      this.#succeed(lineup, source.answers);
      return lineup;
    } catch (error) {
      if (this.#stopSignal?.aborted === true) throw error;
      this.#fail(error);
      throw error;
    } finally {
      this.#reading = null;
    }
  }

  #succeed(lineup: Lineup, answers: ReceiverAnswers): void {
    const before = this.#state;
    const readAtMs = Date.now();
    this.#take({ kind: 'ready', lineup, readAtMs, failure: null, origin: 'receiver' });
    this.#options.memory?.save({ answers, savedAtMs: readAtMs });
    this.#backoff.reset();
    const facts = { channels: lineup.channels.length, bouquets: lineup.bouquets.length };
    if (before.kind !== 'ready' || before.failure !== null) this.#logger.info(facts, 'lineup ready');
    else this.#logger.debug(facts, 'lineup refreshed');
    const known = before.kind === 'ready' ? new Set(before.lineup.warnings) : new Set<string>();
    for (const warning of lineup.warnings) {
      if (!known.has(warning)) this.#logger.warn({ warning }, 'part of the lineup is left out or old');
    }
    this.#announce(lineup);
  }

  #take(state: Extract<LineupState, { kind: 'ready' }>): void {
    this.#state = state;
    this.#byId = new Map(state.lineup.channels.map((channel) => [channel.id, channel]));
    this.#byNumber = new Map(state.lineup.channels.map((channel) => [channel.number, channel]));
  }

  #announce(lineup: Lineup): void {
    for (const listener of this.#listeners) {
      try {
        listener(lineup);
      } catch (error) {
        this.#logger.error({ err: error }, 'a listener of the lineup failed');
      }
    }
  }

  #fail(error: unknown): void {
    const before = this.#state;
    const failure: LineupFailure = { code: errorCode(error), message: errorMessage(error), atMs: Date.now() };
    const known = before.kind === 'loading' ? null : before.failure;
    if (before.kind === 'ready') this.#state = { ...before, failure };
    else this.#state = { kind: 'failed', failure, attempts: before.kind === 'failed' ? before.attempts + 1 : 1 };
    // One line per new reason, not per attempt.
    if (known?.code !== failure.code || known.message !== failure.message) {
      const details = error instanceof XgError ? error.data : { err: error };
      this.#logger.error(
        { ...details, code: failure.code, kept: this.channels.length },
        `${failure.message}. Trying again until it works`,
      );
    }
  }

  async #pause(waitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    try {
      await delay(waitMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) });
    } catch {
      // Aborted: either the service ends, which the caller's loop sees, or the wait was cut short on purpose.
    } finally {
      this.#wake = null;
    }
  }
}
