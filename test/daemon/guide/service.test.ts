import test from 'ava';
import { type EpgSource, GuideService, type GuideServiceOptions } from '#daemon/guide/service.ts';
import { MemoryGuideStore } from '#daemon/guide/store.ts';
import type { EpgEvent } from '#daemon/receiver/model.ts';
import { XgError } from '#shared/errors.ts';
import { createRegistry } from '#shared/observability/metrics.ts';
import { captureLog } from '../support/captured-log.ts';
import { channel } from '../support/channels.ts';
import { waitFor } from '../support/wait-for.ts';

const NOW = 1_700_000_000;
const channels = [channel(1), channel(2), channel(3)];

function event(number: number, startSeconds: number, title: string, durationSeconds = 3600): EpgEvent {
  const { ref } = channel(number);
  return {
    id: startSeconds,
    ref,
    title,
    shortDescription: '',
    longDescription: '',
    startSeconds,
    durationSeconds,
    genreId: 0,
  };
}

function guide(source: EpgSource, options: Partial<GuideServiceOptions> = {}) {
  const store = new MemoryGuideStore();
  const log = captureLog('info');
  const service = new GuideService({
    source,
    lineup: {
      channels,
      bouquets: [{ ref: 'b', name: 'B', radio: false }],
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
  const titles = (number: number): string[] => [...store.programmes(channel(number).id)].map(({ title }) => title);
  return { service, store, log, titles };
}

test('now and next is there before the services have been asked', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { service, titles } = guide({
    epgNowNext: async () => [
      event(1, NOW, 'now'),
      event(1, NOW + 3600, 'next'),
      event(9, NOW, 'of no channel of ours'),
    ],
    epgService: async () => {
      await promise;
      return [event(1, NOW, 'now'), event(1, NOW + 3600, 'next'), event(1, NOW + 7200, 'later')];
    },
  });
  const done = service.refresh();
  await waitFor('now and next', () => titles(1).length === 2);
  t.is(service.state, 'filling');
  t.deepEqual(service.progress, { done: 0, total: 3 });
  resolve();
  await done;
  t.deepEqual(titles(1), ['now', 'next', 'later']);
  t.deepEqual(service.progress, { done: 3, total: 3 });
  t.is(service.state, 'filled');
});

test('a reference with another service type and a name still finds its channel', async (t) => {
  const { service, titles } = guide({
    epgNowNext: async () => [{ ...event(1, NOW, 'now'), ref: '1:0:1:1:3FB:1:C00000:0:0:0::Name' }],
    epgService: async () => [],
  });
  await service.refresh();
  t.deepEqual(titles(1), ['now']);
});

test('only the configured days are kept, ahead and behind', async (t) => {
  const { service, titles } = guide({
    epgNowNext: async () => [],
    epgService: async () => [
      event(1, NOW - 2 * 86_400, 'two days ago'),
      event(1, NOW - 86_400, 'yesterday'),
      event(1, NOW, 'now'),
      event(1, NOW + 86_400, 'tomorrow'),
      event(1, NOW + 3 * 86_400, 'in three days'),
    ],
  });
  await service.refresh();
  t.deepEqual(titles(1), ['yesterday', 'now', 'tomorrow']);
});

test('a service that fails keeps what is known; one warning says how many failed', async (t) => {
  let fail = false;
  const { service, titles, log } = guide({
    epgNowNext: async () => {
      throw new XgError('RECEIVER_TIMEOUT', 'some images cannot do this');
    },
    epgService: async (ref) => {
      if (fail) throw new XgError('RECEIVER_BAD_ANSWER', 'cut off');
      return ref === channel(1).ref ? [event(1, NOW, 'now')] : [];
    },
  });
  await service.refresh();
  fail = true;
  await service.refresh();
  t.deepEqual(titles(1), ['now']);
  t.is(log.messages('warn').length, 1);
  t.like(
    log.lines.find((line) => line['level'] === 'warn'),
    { services: 3, last: 'cut off' },
  );
});

test('at most two services are asked at once', async (t) => {
  let running = 0;
  let most = 0;
  const { service } = guide({
    epgNowNext: async () => [],
    epgService: async () => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setImmediate(resolve));
      running--;
      return [];
    },
  });
  await service.refresh();
  t.is(most, 2);
});

test('a receiver that is off is asked again by itself, with one log line', async (t) => {
  let attempts = 0;
  let off = true;
  const { service, titles, log } = guide(
    {
      epgNowNext: async () => {
        attempts++;
        if (off) throw new XgError('RECEIVER_UNREACHABLE', 'http://box is off');
        return [event(1, NOW, 'now')];
      },
      epgService: async () => [],
    },
    { backoff: { minMs: 1, maxMs: 2 } },
  );
  const stop = new AbortController();
  const running = service.start({ signal: stop.signal });
  await waitFor('four attempts', () => attempts >= 4);
  t.is(service.state, 'failed');
  off = false;
  await waitFor('the guide', () => titles(1).length === 1);
  stop.abort();
  await running;
  t.is(log.messages('error').length, 1);
});
