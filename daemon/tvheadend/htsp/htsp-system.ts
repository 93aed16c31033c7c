import { randomBytes } from 'node:crypto';
import type { Logger } from '#shared/observability/logger.ts';
import type { Registry } from '#shared/observability/metrics.ts';
import { LiveProgrammes } from './live/live-programme.ts';
import { GuideJournal } from './metadata/guide-journal.ts';
import { StableIds } from './metadata/stable-ids.ts';
import { createHtspMetrics } from './server/htsp-metrics.ts';
import { HtspServer, type HtspListenTarget } from './server/htsp-server.ts';
import type { HtspServices } from './server/services.ts';

/** What is made here and need not be handed in. */
type OwnServices = 'ids' | 'journal' | 'programmes' | 'metrics' | 'ticket';

export interface HtspSystemOptions extends Omit<HtspServices, OwnServices> {
  readonly registry: Registry;
  readonly logger: Logger;
}

/** The HTSP side as one: made, started, closed. */
export class HtspSystem {
  readonly #server: HtspServer;
  readonly #journal: GuideJournal;

  constructor(options: HtspSystemOptions) {
    const { registry, logger, dataFolder, guide, lineup } = options;
    this.#journal = new GuideJournal(guide, () => lineup.channels);
    const services: HtspServices = Object.create(options, {
      ids: { value: new StableIds({ dataFolder, onWarning: (text) => logger.warn(text) }) },
      journal: { value: this.#journal },
      programmes: { value: new LiveProgrammes() },
      metrics: { value: createHtspMetrics(registry) },
      ticket: { value: () => randomBytes(20).toString('hex') },
    });
    this.#server = new HtspServer({ services });
  }

  get address(): { readonly host: string; readonly port: number } | null {
    return this.#server.address;
  }

  /** Never fails: a port that is taken is tried again. */
  async start(target: HtspListenTarget): Promise<void> {
    await this.#server.listen(target);
  }

  async close(): Promise<void> {
    this.#journal.close();
    await this.#server.close();
  }
}
