import { setTimeout as delay } from 'node:timers/promises';
import { errorCode, errorMessage } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { createHistogram, type Registry } from '#shared/observability/metrics.ts';
import { Backoff } from '../lineup/backoff.ts';
import { isFatal } from '../lineup/bouquet-rows.ts';
import type { Channel, Lineup, LineupBouquet } from '../lineup/channel.ts';
import type { EpgEvent } from '../receiver/model.ts';
import { channelId, parseServiceReference } from '../receiver/service-reference.ts';
import { NO_DETAILS, type Programme } from './programme.ts';
import type { GuideStore } from './store.ts';

/** What filling the guide needs of the receiver. */
export interface EpgSource {
  epgNowNext(bouquetRef: string, options: { signal?: AbortSignal | undefined }): Promise<EpgEvent[]>;
  epgService(ref: string, options: { signal?: AbortSignal | undefined }): Promise<EpgEvent[]>;
}

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
  readonly store: GuideStore;
  readonly days: number;
  readonly refreshIntervalMs: number;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly backoff?: { minMs?: number; maxMs?: number };
  readonly nowMs?: () => number;
}

export type GuideState = 'waiting' | 'filling' | 'filled' | 'failed';

/** The box answers the guide from one slow CPU that also shows the picture. */
const CONCURRENT_SERVICES = 2;
const DAY_SECONDS = 86_400;
/** How long a programme that has ended stays in the guide, for clients that ask a little into the past. */
const KEEP_ENDED_SECONDS = 6 * 3600;

/**
 * Fills the guide: what runs now and next on every bouquet first (one cheap call each), then each service in turn. A
 * service that fails keeps what is known of it.
 */
export class GuideService {
  readonly #options: GuideServiceOptions;
  readonly #backoff: Backoff;
  readonly #duration;
  #state: GuideState = 'waiting';
  #progress: { done: number; total: number } | null = null;
  #known = new Set<string>();
  #lastFailure: string | null = null;
  #wake: (() => void) | null = null;

  constructor(options: GuideServiceOptions) {
    this.#options = options;
    this.#backoff = new Backoff(options.backoff);
    this.#duration = createHistogram(
      options.registry,
      'xg2g_epg_refresh_duration_seconds',
      'Time of one complete reading of the guide',
      [1, 5, 15, 60, 180, 600],
    );
  }

  get state(): GuideState {
    return this.#state;
  }

  /** Services asked and to ask in the current or last reading; null before the first. */
  get progress(): { readonly done: number; readonly total: number } | null {
    return this.#progress;
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
        let waitMs = this.#options.refreshIntervalMs;
        try {
          await this.#options.lineup.waitForReady({ signal });
          await this.refresh({ signal });
          this.#backoff.reset();
        } catch (error) {
          if (signal.aborted) return;
          this.#fail(error);
          waitMs = this.#backoff.nextMs();
        }
        await this.#pause(waitMs, signal);
      }
    } finally {
      stop();
    }
  }

  /** Reads everything once. @throws the receiver's error when it cannot be asked at all. */
  async refresh(options: { signal?: AbortSignal } = {}): Promise<void> {
    const { lineup, store, logger } = this.#options;
    const started = this.#duration.startTimer();
    const channels = [...lineup.channels];
    this.#state = 'filling';
    this.#progress = { done: 0, total: channels.length };
    this.#known = new Set(channels.map((channel) => channel.id));

    await this.#readNowNext(options.signal);
    const failures = await this.#readServices(channels, options.signal);
    store.prune({ channels: this.#known, endedBeforeSeconds: this.#nowSeconds() - KEEP_ENDED_SECONDS });

    const seconds = started();
    this.#state = 'filled';
    this.#lastFailure = null;
    logger.info({ channels: channels.length, programmes: store.size, failures: failures.count, seconds }, 'guide read');
    if (failures.count > 0) {
      logger.warn({ services: failures.count, last: failures.last }, 'some services gave no guide');
    }
  }

  async #readNowNext(signal: AbortSignal | undefined): Promise<void> {
    for (const bouquet of this.#options.lineup.bouquets) {
      signal?.throwIfAborted();
      try {
        const byChannel = new Map<string, Programme[]>();
        for (const event of await this.#options.source.epgNowNext(bouquet.ref, { signal })) {
          const ref = parseServiceReference(event.ref);
          const id = ref === null ? null : channelId(ref);
          const programme = id !== null && this.#known.has(id) ? this.#programme(event, id) : null;
          if (programme === null) continue;
          const list = byChannel.get(programme.channelId);
          if (list === undefined) byChannel.set(programme.channelId, [programme]);
          else list.push(programme);
        }
        for (const [id, programmes] of byChannel) this.#options.store.merge(id, programmes);
      } catch (error) {
        signal?.throwIfAborted();
        if (isFatal(error)) throw error;
        // Some images cannot do this call; the services themselves follow.
        this.#options.logger.debug({ bouquet: bouquet.name, code: errorCode(error) }, 'no now and next of a bouquet');
      }
    }
  }

  async #readServices(
    channels: readonly Channel[],
    signal: AbortSignal | undefined,
  ): Promise<{ count: number; last: string | null }> {
    const failures: { count: number; last: string | null } = { count: 0, last: null };
    const rest = channels.values();
    const work = async (): Promise<void> => {
      for (const channel of rest) {
        signal?.throwIfAborted();
        try {
          const events = await this.#options.source.epgService(channel.ref, { signal });
          const programmes = events.flatMap((event) => this.#programme(event, channel.id) ?? []);
          // An empty answer is valid, but no reason to forget what now-and-next said.
          if (programmes.length > 0) this.#options.store.replaceChannel(channel.id, programmes);
        } catch (error) {
          signal?.throwIfAborted();
          if (isFatal(error)) throw error;
          failures.count++;
          failures.last = errorMessage(error);
        }
        if (this.#progress !== null) this.#progress = { ...this.#progress, done: this.#progress.done + 1 };
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_SERVICES }, work));
    return failures;
  }

  /** Null for what has ended long ago or begins after the configured days. */
  #programme(event: EpgEvent, id: string): Programme | null {
    const nowSeconds = this.#nowSeconds();
    const stopSeconds = event.startSeconds + event.durationSeconds;
    if (event.startSeconds > nowSeconds + this.#options.days * DAY_SECONDS) return null;
    if (stopSeconds < nowSeconds - KEEP_ENDED_SECONDS || stopSeconds > MAX_UNIX_SECONDS) return null;
    return {
      id: 0,
      eventId: event.id,
      channelId: id,
      title: event.title,
      shortDescription: event.shortDescription,
      longDescription: event.longDescription,
      startSeconds: event.startSeconds,
      stopSeconds,
      genreId: event.genreId,
      details: NO_DETAILS,
    };
  }

  #nowSeconds(): number {
    return Math.floor((this.#options.nowMs?.() ?? Date.now()) / 1000);
  }

  #fail(error: unknown): void {
    this.#state = 'failed';
    const message = errorMessage(error);
    if (message === this.#lastFailure) return; // once per new reason
    this.#lastFailure = message;
    this.#options.logger.error({ code: errorCode(error) }, `The guide cannot be read: ${message}. Trying again`);
  }

  async #pause(waitMs: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    try {
      await delay(waitMs, undefined, { signal: AbortSignal.any([signal, woken.signal]) });
    } catch {
      // Aborted: the service ends, or the lineup has new channels.
    } finally {
      this.#wake = null;
    }
  }
}

/** The year 9999, the last that the date form of XMLTV can write. */
const MAX_UNIX_SECONDS = 253_402_300_799;
