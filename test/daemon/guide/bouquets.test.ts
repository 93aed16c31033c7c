import test from 'ava';
import { GuideService, type GuideServiceOptions } from '#daemon/guide/service.ts';
import { MemoryGuideStore } from '#daemon/guide/store.ts';
import { ReceiverClient } from '#daemon/receiver/client.ts';
import type { EpgEvent } from '#daemon/receiver/model.ts';
import { XgError } from '#shared/errors.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { createRegistry } from '#shared/observability/metrics.ts';
import { startBox } from '#test/receiver/support/box.ts';
import { captureLog } from '../support/captured-log.ts';
import { channel } from '../support/channels.ts';

const NOW = 1_700_000_000;
const CHANNELS = Array.from({ length: 12 }, (_, index) => channel(index + 1));

function event(number: number, hour: number): EpgEvent {
  const { ref } = channel(number);
  const startSeconds = NOW + hour * 3600;
  const texts = { title: `at ${hour}`, shortDescription: '', longDescription: '' };
  return { id: hour + 1, ref, ...texts, startSeconds, durationSeconds: 3600, genreId: 0 };
}
const day = (number: number, hours = 24): EpgEvent[] => Array.from({ length: hours }, (_, hour) => event(number, hour));

/** A receiver that counts what it is asked. */
function guide(
  epgMulti: (bouquet: string, minutes: number) => Promise<EpgEvent[]>,
  options: Partial<GuideServiceOptions>,
) {
  const asked = { bouquets: [] as string[], services: 0 };
  const log = captureLog('info');
  const store = new MemoryGuideStore();
  const service = new GuideService({
    source: {
      epgNowNext: async () => [],
      epgMulti: async (bouquet, { minutes }) => {
        asked.bouquets.push(bouquet);
        return epgMulti(bouquet, minutes);
      },
      epgService: async (ref) => {
        asked.services++;
        const number = CHANNELS.findIndex((one) => one.ref === ref) + 1;
        return day(number);
      },
    },
    lineup: {
      channels: CHANNELS,
      bouquets: [
        { ref: 'first', name: 'First', radio: false },
        { ref: 'second', name: 'Second', radio: false },
      ],
      waitForReady: async () => {},
      onChange: () => () => {},
    },
    store,
    days: 2,
    refreshIntervalMs: 60_000,
    logger: log.logger,
    registry: createRegistry({ processMetrics: false }),
    nowMs: () => NOW * 1000,
    ...options,
  });
  return { service, store, asked, log };
}

test('one question for a bouquet instead of one for each service, and all of the guide is there', async (t) => {
  const numbers = CHANNELS.map((_, index) => index + 1);
  const { service, store, asked } = guide(
    async (bouquet, minutes) => {
      t.is(minutes, 2 * 24 * 60);
      return numbers.filter((number) => (bouquet === 'first') === number <= 6).flatMap((number) => day(number));
    },
    { bulk: true },
  );
  await service.refresh();
  t.deepEqual(asked, { bouquets: ['first', 'second'], services: 0 });
  for (const { id } of CHANNELS) t.is([...store.programmes(id)].length, 24);
  t.deepEqual(service.progress, { done: 12, total: 12 });
});

test('a schedule that may be cut off does not count: the service itself is asked', async (t) => {
  const { service, store, asked } = guide(async () => CHANNELS.flatMap((_, index) => day(index + 1, 2)), {
    bulk: true,
  });
  await service.refresh();
  t.is(asked.services, 12);
  t.is([...store.programmes(CHANNELS[0]?.id ?? '')].length, 24);
});

test('a receiver that cannot do it is asked once, it is said once, and the services are read all the same', async (t) => {
  const { service, asked, log } = guide(
    async () => {
      throw new XgError('RECEIVER_TIMEOUT', 'no answer within 60 s');
    },
    { bulk: true },
  );
  await service.refresh();
  await service.refresh();
  t.deepEqual(asked, { bouquets: ['first'], services: 24 });
  const said = log.lines.filter(({ msg }) => String(msg).includes('guide.bulk'));
  t.is(said.length, 1);
  t.regex(String(said[0]?.['msg']), /no answer within 60 s/);
});

test('without the setting no bouquet is asked for', async (t) => {
  const { service, asked } = guide(async () => [], {});
  await service.refresh();
  t.deepEqual(asked, { bouquets: [], services: 12 });
});

test('the simulated receiver answers for a bouquet what it answers for its services', async (t) => {
  const box = await startBox(t);
  const client = new ReceiverClient({ baseUrl: `http://127.0.0.1:${box.httpPort}`, logger: createSilentLogger() });
  t.teardown(() => client.close());
  const [bouquet] = await client.bouquets('tv');
  const all = await client.epgMulti(bouquet?.ref ?? '', { minutes: 24 * 60 });
  const ref = all[0]?.ref ?? '';
  const ofService = await client.epgService(ref);
  t.true(all.length > 0);
  const ids = new Set(ofService.map(({ id }) => id));
  t.true(all.filter((one) => one.ref === ref).every(({ id }) => ids.has(id)));
});
