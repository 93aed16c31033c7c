/**
 * Refreshes a guide for ever from schedules that change with every round: FOLDER SEED. Made to be killed in the middle
 * of it. Prints a line when the first round begins.
 */
import { GuideService } from '#daemon/guide/service.ts';
import { KeptGuide } from '#daemon/guide/store/kept-store.ts';
import { createLogger, createSilentLogger } from '#shared/observability/logger.ts';
import { createRegistry } from '#shared/observability/metrics.ts';
import { channel } from '../../daemon/support/channels.ts';
import { makeEvents } from './schedules.ts';

const CHANNELS = 20;
const EVENTS = 60;
const PAST_SECONDS = 7_200;

const [folder = '', seedText = '1'] = process.argv.slice(2);
const channels = Array.from({ length: CHANNELS }, (_, index) => channel(index + 1));
const seed = Number(seedText);
const fromSeconds = Math.floor(Date.now() / 1000) - PAST_SECONDS;
let asked = 0;
const kept = new KeptGuide({ dataFolder: folder, logger: createLogger({ name: 'guide', level: 'warn' }) });
const service = new GuideService({
  source: {
    epgNowNext: async () =>
      channels.flatMap(({ ref }) => makeEvents({ ref, seed: seed + ++asked, fromSeconds, count: 2 })),
    epgService: async (ref) => makeEvents({ ref, seed: seed * 1_000 + ++asked, fromSeconds, count: EVENTS }),
  },
  lineup: {
    channels,
    bouquets: [{ ref: 'b', name: 'B', radio: false }],
    waitForReady: async () => {},
    onChange: () => () => {},
  },
  store: kept.store,
  days: 14,
  refreshIntervalMs: 3_600_000,
  logger: createSilentLogger(),
  registry: createRegistry({ processMetrics: false }),
});
process.stdout.write('filling\n');
for (;;) await service.refresh();
