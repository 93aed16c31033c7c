import { join } from 'node:path';
import type { Logger } from '#shared/observability/logger.ts';
import type { LineupRule } from '../config/lineup-rule-schema.ts';
import type { BouquetSource } from './bouquet-rows.ts';
import type { Channel } from './channel.ts';
import { describeChange, type LineupChange } from './lineup-changes.ts';
import { LineupStore } from './lineup-store.ts';
import { LogoFiles } from './logos/logo-files.ts';
import { OWN_LOGOS_FOLDER } from './logos/own-logo.ts';
import { PooledLineup } from './pooled-lineup.ts';
import { type ChannelOverride, ChannelOverrides, type OverridePatch } from './rules/channel-overrides.ts';
import { type CompiledRule, compileRules } from './rules/compile-rules.ts';
import { LineupService, type LineupState } from './service.ts';

/** Read at each use, so that a reload is followed. */
export interface LineupSettings {
  readonly bouquets: readonly string[];
  /** Seconds. */
  readonly refreshInterval: number;
  readonly markerGroups: boolean;
  readonly rules: readonly LineupRule[];
}

export interface LineupSystemOptions {
  /** The preferred one first. `address` is asked when something is kept: it may change with a reload. */
  readonly boxes: readonly { readonly id: string; readonly source: BouquetSource & { readonly address: string } }[];
  readonly settings: () => LineupSettings;
  readonly dataFolder: string;
  readonly logger: Logger;
}

/** The channels of all receivers, kept over restarts, with the rules of the house, and their logos. */
export class LineupSystem {
  readonly pool: PooledLineup;
  readonly logos: LogoFiles;
  /** One for each receiver. */
  readonly services: readonly LineupService[];
  readonly #options: LineupSystemOptions;
  readonly #store: LineupStore;
  readonly #overrides: ChannelOverrides;
  #compiled: { readonly of: readonly LineupRule[]; readonly rules: readonly CompiledRule[] } = { of: [], rules: [] };

  constructor(options: LineupSystemOptions) {
    this.#options = options;
    const { dataFolder, logger, settings } = options;
    const onWarning = (text: string): void => logger.warn(text);
    this.#store = new LineupStore({ dataFolder, onWarning });
    this.#overrides = new ChannelOverrides({ dataFolder, onWarning });
    this.logos = new LogoFiles({ folder: join(dataFolder, 'logos'), onWarning });
    this.services = options.boxes.map(
      ({ id, source }, index) =>
        new LineupService({
          source,
          memory: this.#store.of(id, () => source.address),
          get bouquets() {
            return settings().bouquets;
          },
          get refreshIntervalMs() {
            return settings().refreshInterval * 1000;
          },
          logger: index === 0 ? logger : logger.child({ receiver: id }),
        }),
    );
    this.pool = new PooledLineup(
      options.boxes.flatMap(({ id }, index) => {
        const lineup = this.services[index];
        return lineup === undefined ? [] : [{ box: id, lineup }];
      }),
      {
        shaping: () => ({
          rules: this.#rules(),
          overrideOf: (channel) => this.#overrides.of(channel),
          headingGroups: settings().markerGroups,
        }),
        onChanges: (change) => logger.info(`lineup changed: ${describeChange(change)}`),
      },
    );
    this.pool.onChange(({ channels }) => {
      const isFresh = this.services.every(({ state }) => state.kind === 'ready' && state.origin !== 'cache');
      // Only when all receivers were read is a channel that is missing really gone.
      if (isFresh) void this.logos.prune(channels);
    });
  }

  /** The lineup of the last run, where one was kept: there before any receiver has answered. */
  async restore(): Promise<void> {
    for (const service of this.services) await service.restore();
  }

  /** Reads all receivers now and again until the signal aborts. */
  start(options: { signal: AbortSignal }): void {
    for (const service of this.services) void service.start(options);
  }

  /** The receiver was changed, or somebody switched it on; `bouquets` may have changed too. */
  retryNow(): void {
    for (const service of this.services) service.retryNow();
  }

  /** Reads all receivers now. @throws what reading the first one threw. */
  async refresh(): Promise<void> {
    const [first] = await Promise.allSettled(this.services.map((service) => service.refresh()));
    if (first?.status === 'rejected') throw first.reason;
  }

  get state(): LineupState {
    return this.pool.state;
  }

  get channels(): readonly Channel[] {
    return this.pool.channels;
  }

  get hidden(): ReadonlyMap<string, Channel> {
    return this.pool.hidden;
  }

  /** The newest first. */
  get changes(): readonly LineupChange[] {
    return this.pool.changes;
  }

  get(channel: string): Channel | null {
    return this.pool.get(channel);
  }

  /** The folder of logos that people put there themselves. */
  get ownLogos(): string {
    return join(this.#options.dataFolder, OWN_LOGOS_FOLDER);
  }

  overrideOf(channel: string): ChannelOverride | null {
    return this.#overrides.of(channel);
  }

  /** Changes what is set for one channel: in force at once, resolves when it is kept (or see `problems`). */
  async patch(channel: string, patch: OverridePatch): Promise<void> {
    const kept = this.#overrides.patch(channel, patch);
    this.pool.reshape();
    await kept;
  }

  /** What is in memory only, and why. */
  get problems(): readonly string[] {
    return [this.#store.problem, this.#overrides.problem, this.logos.problem].filter((problem) => problem !== null);
  }

  original(channel: string): Channel | null {
    return this.pool.original(channel);
  }

  #rules(): readonly CompiledRule[] {
    const { rules } = this.#options.settings();
    if (this.#compiled.of !== rules) this.#compiled = { of: rules, rules: compileRules(rules) };
    return this.#compiled.rules;
  }
}
