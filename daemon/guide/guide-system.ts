import type { Logger } from '#shared/observability/logger.ts';
import type { Registry } from '#shared/observability/metrics.ts';
import { ExternalGuides } from './external/external-guides.ts';
import type { ExternalSettings } from './external/external-source.ts';
import type { GuideLineup } from './service.ts';
import { type EpgSource, GuideService } from './service.ts';
import { KeptGuide } from './store/kept-store.ts';
import type { SqliteGuideStore } from './store/sqlite-store.ts';

export interface GuideSettings {
  readonly days: number;
  readonly keepDays: number;
  readonly bulk?: boolean;
  readonly language: string | null;
  /** Seconds. */
  readonly refreshInterval: number;
  /** Taken once, at the start. */
  readonly external?: readonly ExternalSettings[];
}

export interface GuideSystemOptions {
  readonly source: EpgSource;
  readonly lineup: GuideLineup;
  /** Asked at every use: they may change. */
  readonly settings: () => GuideSettings;
  readonly dataFolder: string | null;
  readonly logger: Logger;
  readonly registry: Registry;
}

export interface GuideStatus {
  readonly state: GuideService['state'];
  readonly programmes: number;
  readonly channels: number;
  readonly progress: { readonly done: number; readonly total: number } | null;
  /** When the service that was read longest ago was read, and how long ago that is; null while some were never read. */
  readonly oldestReadAt: string | null;
  readonly ageSeconds: number | null;
  readonly finishedAt: string | null;
  readonly lastError: { readonly code: string; readonly message: string; readonly at: string } | null;
  readonly failures: readonly {
    readonly channel: string;
    readonly code: string;
    readonly message: string;
    readonly at: string;
    readonly count: number;
  }[];
  readonly storage: { readonly kind: 'file' | 'read-only' | 'memory'; readonly problem: string | null };
}

/** After the start: streams and the first clients come before a check of the file. */
const CHECK_AFTER_MS = 5_000;

/** The guide as the rest of the daemon uses it: its store, its refresh, its status. */
export class GuideSystem {
  readonly service: GuideService;
  readonly external: ExternalGuides;
  readonly #kept: KeptGuide;
  readonly #options: GuideSystemOptions;
  #checkTimer: NodeJS.Timeout | null = null;

  constructor(options: GuideSystemOptions) {
    this.#options = options;
    const { settings, source, lineup, logger, registry } = options;
    this.#kept = new KeptGuide({ dataFolder: options.dataFolder, logger });
    this.external = new ExternalGuides({
      sources: settings().external ?? [],
      lineup,
      store: () => this.#kept.store,
      settings,
      dataFolder: options.dataFolder,
      logger,
    });
    this.service = new GuideService({
      source,
      lineup,
      store: this.#kept.store,
      get days() {
        return settings().days;
      },
      get bulk() {
        return settings().bulk ?? false;
      },
      get keepDays() {
        return settings().keepDays;
      },
      get language() {
        return settings().language;
      },
      get refreshIntervalMs() {
        return settings().refreshInterval * 1000;
      },
      externalWins: this.external.wins,
      enrich: this.external.enrich,
      beforeRound: () => this.#kept.retry(),
      logger,
      registry,
    });
  }

  get store(): SqliteGuideStore {
    return this.#kept.store;
  }

  /** As the HTTP side shows it; always of the moment. */
  get view() {
    const system = this;
    return {
      get revision() {
        return system.store.revision;
      },
      get tag() {
        return system.store.tag;
      },
      get size() {
        return system.store.size;
      },
      get progress() {
        return system.service.progress;
      },
      get language() {
        return system.#options.settings().language;
      },
      get status() {
        return system.status;
      },
      programmes: (channelId: string, window?: { fromSeconds: number; toSeconds: number }) =>
        system.store.programmes(channelId, window),
      requestRefresh: () => system.service.requestRefresh(),
    };
  }

  get status(): GuideStatus {
    const { service, store } = this;
    const oldest = service.oldestReadAtSeconds;
    return {
      state: service.state,
      programmes: store.size,
      channels: this.#options.lineup.channels.length,
      progress: service.progress,
      oldestReadAt: oldest === null ? null : isoTime(oldest * 1000),
      ageSeconds: oldest === null ? null : Math.max(0, Math.floor(Date.now() / 1000) - oldest),
      finishedAt: service.finishedAtMs === null ? null : isoTime(service.finishedAtMs),
      lastError:
        service.lastError === null
          ? null
          : { code: service.lastError.code, message: service.lastError.message, at: isoTime(service.lastError.atMs) },
      failures: service.failures.map(({ channelId, code, message, atSeconds, count }) => ({
        channel: channelId,
        code,
        message,
        at: isoTime(atSeconds * 1000),
        count,
      })),
      storage: { kind: this.#kept.kind, problem: this.#kept.problem },
    };
  }

  /** Runs until the signal aborts. */
  start(options: { signal: AbortSignal }): void {
    this.#checkTimer = setTimeout(() => void this.#kept.check(), CHECK_AFTER_MS).unref();
    void this.service.start(options);
    void this.external.start(options);
  }

  close(): void {
    if (this.#checkTimer !== null) clearTimeout(this.#checkTimer);
    this.#kept.close();
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
