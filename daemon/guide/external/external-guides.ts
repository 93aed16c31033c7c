import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Channel, Lineup } from '../../lineup/channel.ts';
import type { Programme } from '../programme.ts';
import type { GradualGuideStore } from '../store.ts';
import { counterpart, supplement } from './combine.ts';
import { type ExternalSettings, ExternalSource } from './external-source.ts';
import { MappingFile } from './mapping-file.ts';
import type { GuideLimits } from './open-guide.ts';

export interface ExternalGuidesOptions {
  readonly sources: readonly ExternalSettings[];
  readonly lineup: {
    readonly channels: readonly Channel[];
    waitForReady(options: { signal?: AbortSignal }): Promise<void>;
    onChange(listener: (lineup: Lineup) => void): () => void;
  };
  readonly store: () => GradualGuideStore;
  /** Asked at every reading: they may change. */
  readonly settings: () => { readonly days: number; readonly keepDays: number; readonly language: string | null };
  readonly dataFolder: string | null;
  readonly logger: Logger;
  readonly limits?: GuideLimits;
  readonly nowMs?: () => number;
}

/** A choice of `PUT /api/v1/guide/mapping`: an id, null for "none of it", undefined for "find it yourself again". */
export type MappingChoice = string | null | undefined;

const DAY_SECONDS = 86_400;
/** After a source could not be read; its own interval counts where that is shorter. */
const RETRY_MS = 15 * 60_000;

/** Guides of others beside the receiver's: read, matched with the channels, and put into the store as each source says. */
export class ExternalGuides {
  readonly sources: readonly ExternalSource[];
  readonly #options: ExternalGuidesOptions;
  readonly #choices: MappingFile;
  readonly #wakes = new Map<ExternalSource, AbortController>();
  #channelIds = '';

  constructor(options: ExternalGuidesOptions) {
    this.#options = options;
    this.sources = options.sources.map((settings) => new ExternalSource(settings, options.limits));
    this.#choices = new MappingFile(options.dataFolder, (text) => options.logger.warn(text));
  }

  /** Whether a source with `mode: replace` has a schedule for the channel. */
  readonly wins = (channelId: string): boolean =>
    this.sources.some((source) => source.settings.mode === 'replace' && source.count(channelId) > 0);

  /** A programme of the receiver with what sources with `mode: enrich` know of it. */
  readonly enrich = (programme: Programme): Programme => {
    let enriched = programme;
    for (const source of this.sources) {
      if (source.settings.mode !== 'enrich') continue;
      const other = counterpart(programme, source.schedule(programme.channelId));
      if (other !== null) enriched = supplement(enriched, other);
    }
    return enriched;
  };

  /** Runs until the signal aborts. */
  async start(options: { signal: AbortSignal }): Promise<void> {
    if (this.sources.length === 0) return;
    const stop = this.#options.lineup.onChange(({ channels }) => {
      const ids = channels.map(({ id, name }) => `${id} ${name}`).join('\n');
      if (this.#channelIds !== '' && ids !== this.#channelIds) this.#readAgain(this.sources);
      this.#channelIds = ids;
    });
    try {
      await this.#options.lineup.waitForReady(options);
      await Promise.all(this.sources.map((source) => this.#run(source, options.signal)));
    } catch (error) {
      if (!options.signal.aborted) this.#options.logger.error({ err: error }, 'external guides ended');
    } finally {
      stop();
    }
  }

  /** Reads one source once and stores what it has. */
  async refresh(source: ExternalSource, signal: AbortSignal): Promise<void> {
    const { lineup, logger } = this.#options;
    const { days, keepDays, language } = this.#options.settings();
    const nowSeconds = Math.floor((this.#options.nowMs?.() ?? Date.now()) / 1000);
    const before = source.status.error?.message;
    const isNew = await source.load({
      channels: lineup.channels,
      choices: this.#choices.choices(source.name),
      fromSeconds: nowSeconds - keepDays * DAY_SECONDS,
      toSeconds: nowSeconds + days * DAY_SECONDS,
      language,
      signal,
    });
    const { error, programmes } = source.status;
    if (error !== null && error.message !== before) {
      logger.warn(
        { source: source.name, code: error.code },
        `an external guide cannot be read: ${error.message}. What was read last stays`,
      );
    }
    if (!isNew) return;
    const matched = source.matches.filter(({ xmltvId }) => xmltvId !== null).length;
    logger.info(
      { source: source.name, programmes, matched, unmatched: source.matches.length - matched },
      'external guide read',
    );
    await this.#store(source, signal);
    if (source.settings.mode !== 'enrich') source.release();
  }

  async #store(source: ExternalSource, signal: AbortSignal): Promise<void> {
    const store = this.#options.store();
    const { mode } = source.settings;
    for (const { channelId } of source.matches) {
      signal.throwIfAborted();
      const schedule = source.schedule(channelId);
      if (schedule.length === 0) continue;
      try {
        if (mode !== 'enrich') {
          await store.update(channelId, schedule, { source: 'external', wins: mode === 'replace' });
          continue;
        }
        // Those of the receiver have its number; programmes of other external guides have none.
        const ours = [...store.programmes(channelId)].filter(({ eventId }) => eventId !== 0);
        await store.update(channelId, ours.map(this.enrich), { wins: !this.wins(channelId) });
      } catch (error) {
        signal.throwIfAborted();
        source.forget(); // the next reading tries again, also when nothing has changed
        this.#options.logger.warn({ channel: channelId }, `an external guide cannot be stored: ${errorMessage(error)}`);
        return;
      }
    }
  }

  async #run(source: ExternalSource, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wake = new AbortController();
      this.#wakes.set(source, wake);
      await this.refresh(source, signal);
      const intervalMs = source.settings.refresh * 1000;
      const waitMs = source.status.error === null ? intervalMs : Math.min(intervalMs, RETRY_MS);
      await delay(waitMs, undefined, { signal: AbortSignal.any([signal, wake.signal]) }).catch(() => undefined);
    }
  }

  #readAgain(sources: readonly ExternalSource[]): void {
    for (const source of sources) {
      source.forget();
      this.#wakes.get(source)?.abort();
    }
  }

  /** For review: what was matched how, and what was not. */
  get mapping(): object {
    return {
      sources: this.sources.map((source) => {
        const { state, error, readAtMs, programmes } = source.status;
        return {
          source: source.name,
          mode: source.settings.mode,
          state,
          error:
            error === null
              ? null
              : { code: error.code, message: error.message, at: new Date(error.atMs).toISOString() },
          readAt: readAtMs === null ? null : new Date(readAtMs).toISOString(),
          programmes,
          channels: source.matches.map((match) => ({ ...match, programmes: source.count(match.channelId) })),
          unmatched: source.matches.filter(({ xmltvId }) => xmltvId === null).map(({ channelId }) => channelId),
          available: source.channels.length,
        };
      }),
    };
  }

  /** Keeps what the user says of channels, and reads the source again. @throws XgError `GUIDE_MAPPING`, `GUIDE_MAPPING_WRITE`. */
  choose(sourceName: string | null, choices: ReadonlyMap<string, MappingChoice>): void {
    const source =
      sourceName === null && this.sources.length === 1
        ? this.sources[0]
        : this.sources.find(({ name }) => name === sourceName);
    if (source === undefined) {
      const known = this.sources.map(({ name }) => `"${name}"`).join(', ') || 'none is configured';
      throw new XgError('GUIDE_MAPPING', `"source" has to name one external guide: ${known}`);
    }
    const lineupIds = new Set(this.#options.lineup.channels.map(({ id }) => id));
    const externalIds = new Set(source.channels.map(({ id }) => id));
    for (const [channelId, xmltvId] of choices) {
      if (!lineupIds.has(channelId))
        throw new XgError('GUIDE_MAPPING', `There is no channel "${channelId.slice(0, 80)}"`);
      if (typeof xmltvId === 'string' && externalIds.size > 0 && !externalIds.has(xmltvId)) {
        throw new XgError('GUIDE_MAPPING', `${source.name} has no channel "${xmltvId.slice(0, 80)}"`);
      }
    }
    this.#choices.choose(source.name, choices);
    this.#readAgain([source]);
  }
}
