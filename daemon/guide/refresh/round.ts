import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { errorCode, errorMessage } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { isFatal } from '../../lineup/bouquet-rows.ts';
import type { Channel, LineupBouquet } from '../../lineup/channel.ts';
import type { EpgEvent } from '../../receiver/model.ts';
import { channelId, parseServiceReference } from '../../receiver/service-reference.ts';
import type { Programme } from '../programme.ts';
import type { GradualGuideStore } from '../store.ts';
import type { ServiceFailures } from './failures.ts';

/** What filling the guide needs of the receiver. */
export interface EpgSource {
  epgNowNext(bouquetRef: string, options: { signal?: AbortSignal | undefined }): Promise<EpgEvent[]>;
  epgService(ref: string, options: { signal?: AbortSignal | undefined }): Promise<EpgEvent[]>;
  /** The next `minutes` of every service of a bouquet. */
  epgMulti?(bouquetRef: string, options: { minutes: number; signal?: AbortSignal | undefined }): Promise<EpgEvent[]>;
}

export interface RoundOptions {
  readonly source: EpgSource;
  readonly store: GradualGuideStore;
  readonly failures: ServiceFailures;
  readonly logger: Logger;
  /** All channels of the lineup. */
  readonly known: ReadonlySet<string>;
  readonly toProgramme: (event: EpgEvent, channelId: string) => Programme | null;
  readonly nowSeconds: () => number;
  readonly signal: AbortSignal | undefined;
  /** After this the rest is left to the next round. */
  readonly maxMs: number;
  /** Whether external schedules have precedence on this channel. */
  readonly externalWins: (channelId: string) => boolean;
}

export interface RoundResult {
  readonly failed: number;
  readonly lastFailure: string | null;
  /** Events that are none: without a length, or outside of the days to keep. */
  readonly dropped: number;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
  /** False where the time was over before the services were. */
  readonly complete: boolean;
}

/** The box answers the guide from one slow CPU that also shows the picture. */
const CONCURRENT_SERVICES = 2;
/** After each answer to a refresh we wait as long as it took, so that the box has half of its time for others. */
const MAX_PAUSE_MS = 5_000;

/** What runs now and next on every bouquet: one cheap call each. A bouquet that cannot be asked is passed over. */
export async function readNowNext(options: RoundOptions, bouquets: readonly LineupBouquet[]): Promise<void> {
  for (const bouquet of bouquets) {
    options.signal?.throwIfAborted();
    const byChannel = new Map<string, Programme[]>();
    try {
      for (const event of await options.source.epgNowNext(bouquet.ref, { signal: options.signal })) {
        const ref = parseServiceReference(event.ref);
        const id = ref === null ? null : channelId(ref);
        const programme = id !== null && options.known.has(id) ? options.toProgramme(event, id) : null;
        if (programme === null) continue;
        const list = byChannel.get(programme.channelId);
        if (list === undefined) byChannel.set(programme.channelId, [programme]);
        else list.push(programme);
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (isFatal(error)) throw error;
      // Some images cannot do this call; the services themselves follow.
      options.logger.debug({ bouquet: bouquet.name, code: errorCode(error) }, 'no now and next of a bouquet');
    }
    for (const [id, programmes] of byChannel) {
      options.store.merge(id, programmes, { wins: !options.externalWins(id) });
      await nextTurn();
    }
  }
}

/** Each service in turn. One that fails keeps what is known of it. */
export class ServiceRound {
  readonly #options: RoundOptions;
  readonly #startedMs = performance.now();
  readonly #onDone: () => void;
  #failed = 0;
  #lastFailure: string | null = null;
  #counts = { dropped: 0, added: 0, changed: 0, removed: 0 };

  constructor(options: RoundOptions, onDone: () => void) {
    this.#options = options;
    this.#onDone = onDone;
  }

  async run(channels: readonly Channel[]): Promise<RoundResult> {
    const { signal, maxMs } = this.#options;
    // One worker's fatal failure ends the others' waiting as well.
    const ended = new AbortController();
    const all = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
    const rest = channels.values();
    let complete = true;
    const work = async (): Promise<void> => {
      for (const channel of rest) {
        all.throwIfAborted();
        await this.#readService(channel, all);
        this.#onDone();
        if (performance.now() - this.#startedMs < maxMs) continue;
        complete = rest.next().done === true && complete;
        return;
      }
    };
    const workers = Array.from({ length: CONCURRENT_SERVICES }, () =>
      work().catch((error: unknown) => {
        ended.abort(error);
        throw error;
      }),
    );
    const outcomes = await Promise.allSettled(workers);
    signal?.throwIfAborted();
    if (outcomes.some(({ status }) => status === 'rejected')) throw ended.signal.reason;
    return { ...this.#counts, failed: this.#failed, lastFailure: this.#lastFailure, complete };
  }

  async #readService(channel: Channel, signal: AbortSignal): Promise<void> {
    const { source, store, failures, nowSeconds, externalWins } = this.#options;
    const isFirst = store.readAtSeconds(channel.id) === 0;
    const startedMs = performance.now();
    let events: EpgEvent[];
    try {
      events = await source.epgService(channel.ref, { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (isFatal(error)) throw error;
      failures.add(channel.id, error, nowSeconds());
      this.#failed++;
      this.#lastFailure = errorMessage(error);
      return;
    }
    const tookMs = performance.now() - startedMs;
    const programmes = events.flatMap((event) => this.#options.toProgramme(event, channel.id) ?? []);
    // An empty answer is valid, but no reason to forget what is known.
    const counts = await store.update(channel.id, programmes, { wins: !externalWins(channel.id) });
    store.markRead(channel.id, nowSeconds());
    failures.clear(channel.id);
    this.#counts.dropped += events.length - programmes.length;
    this.#counts.added += counts.added;
    this.#counts.changed += counts.changed;
    this.#counts.removed += counts.removed;
    if (!isFirst) await delay(Math.min(tookMs, MAX_PAUSE_MS), undefined, { signal });
  }
}
