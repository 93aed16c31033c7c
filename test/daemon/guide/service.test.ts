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
  const { store = new MemoryGuideStore() } = options;
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

/** A source that answers each service with what is on now, and counts who was asked. */
function countingSource(answer: (ref: string) => EpgEvent[] | Promise<EpgEvent[]> = () => []) {
  const asked: string[] = [];
  const source: EpgSource = {
    epgNowNext: async () => [],
    epgService: async (ref) => {
      asked.push(ref);
      return answer(ref);
    },
  };
  return { source, asked };
}
const refs = channels.map(({ ref }) => ref);

test('after a restart the services that were not read yet are read, and no others', async (t) => {
  const store = new MemoryGuideStore();
  const stop = new AbortController();
  const first = countingSource(async (ref) => {
    if (ref !== refs[2]) return [event(refs.indexOf(ref) + 1, NOW, 'now')];
    await waitFor('the other two', () => channels.filter(({ id }) => store.readAtSeconds(id) > 0).length === 2);
    stop.abort(new Error('stopped'));
    throw stop.signal.reason;
  });
  await guide(first.source, { store }).service.start({ signal: stop.signal });
  const read = channels.filter(({ id }) => store.readAtSeconds(id) > 0).map(({ ref }) => ref);
  t.is(read.length, 2);

  const second = countingSource();
  const again = guide(second.source, { store }).service;
  const end = new AbortController();
  const running = again.start({ signal: end.signal });
  await waitFor('the rest', () => again.state === 'filled');
  t.deepEqual(
    second.asked,
    refs.filter((ref) => !read.includes(ref)),
  );
  end.abort();
  await running;
});

test('a guide that is fresh is not read again at the start; asking for it reads all of it', async (t) => {
  const store = new MemoryGuideStore();
  for (const { id } of channels) store.markRead(id, NOW - 10);
  const { source, asked } = countingSource();
  const { service } = guide(source, { store });
  const stop = new AbortController();
  const running = service.start({ signal: stop.signal });
  await waitFor('the first look', () => service.state === 'filled');
  t.deepEqual(asked, []);
  t.is(service.oldestReadAtSeconds, NOW - 10);
  service.requestRefresh();
  await waitFor('all services', () => asked.length === 3 && service.state === 'filled');
  t.deepEqual(asked, refs);
  stop.abort();
  await running;
});

test('a guide of the future, from a clock that was wrong, is read again', async (t) => {
  const store = new MemoryGuideStore();
  for (const { id } of channels) store.markRead(id, NOW + 86_400);
  const { source, asked } = countingSource();
  const { service } = guide(source, { store });
  const stop = new AbortController();
  const running = service.start({ signal: stop.signal });
  await waitFor('the reading', () => service.state === 'filled');
  t.is(asked.length, 3);
  stop.abort();
  await running;
});

test('answers that say nothing new change no revision', async (t) => {
  const { source } = countingSource((ref) => [event(refs.indexOf(ref) + 1, NOW, 'now')]);
  const store = new MemoryGuideStore();
  const { service } = guide(source, { store });
  await service.refresh();
  const { revision } = store;
  await service.refresh();
  t.is(store.revision, revision);
  t.is(store.size, 3);
});

test('a service that fails is named, with its reason, until it works; the others are read', async (t) => {
  let fail = true;
  const { source } = countingSource((ref) => {
    if (fail && ref === refs[1]) throw new XgError('RECEIVER_TOO_LARGE', '50 MB are too much');
    return [event(refs.indexOf(ref) + 1, NOW, 'now')];
  });
  const { service, titles } = guide(source);
  await service.refresh();
  t.like(service.failures[0], { channelId: channels[1]?.id, code: 'RECEIVER_TOO_LARGE', count: 1 });
  t.is(service.failures.length, 1);
  t.deepEqual([titles(1), titles(2), titles(3)], [['now'], [], ['now']]);
  t.is(service.oldestReadAtSeconds, null);
  fail = false;
  await service.refresh();
  t.deepEqual(service.failures, []);
  t.is(service.oldestReadAtSeconds, NOW);
});

test('a round that takes too long is left and gone on with later', async (t) => {
  const { source, asked } = countingSource();
  const { service } = guide(source, { maxRoundMs: 0 });
  await service.refresh();
  t.is(asked.length, 2); // one of each of the two that ask
  t.is(service.state, 'filled');
});

test('how far it is stands in the log ten times and not once per service', async (t) => {
  const many = Array.from({ length: 200 }, (_, index) => channel(index + 1));
  const { source } = countingSource();
  const { service, log } = guide(source, {
    lineup: { channels: many, bouquets: [], waitForReady: async () => {}, onChange: () => () => {} },
  });
  await service.refresh();
  const lines = log.lines.filter(({ msg }) => msg === 'reading the guide');
  t.is(lines.length, 9);
  t.like(lines[4], { done: 100, total: 200 });
});

test('events without a length and events outside of the days are dropped and counted', async (t) => {
  const { source } = countingSource((ref) =>
    ref === refs[0]
      ? [
          event(1, NOW, 'now'),
          event(1, NOW + 3600, 'no length', 0),
          event(1, NOW + 30 * 86_400, 'far'),
          event(1, NOW, 'twice'),
        ]
      : [],
  );
  const { service, titles, log } = guide(source);
  await service.refresh();
  t.deepEqual(titles(1), ['now']);
  t.like(
    log.lines.find(({ msg }) => msg === 'guide read'),
    { dropped: 2, added: 1 },
  );
});

test('a store that cannot be written is said once and tried again', async (t) => {
  const store = new MemoryGuideStore();
  const { source } = countingSource((ref) => [event(refs.indexOf(ref) + 1, NOW, 'now')]);
  const { connection } = store.database;
  connection.exec('PRAGMA query_only = ON');
  const { service, log } = guide(source, { store });
  const stop = new AbortController();
  const running = service.start({ signal: stop.signal });
  await waitFor('the failure', () => service.state === 'failed');
  t.is(service.lastError?.code, 'GUIDE_NOT_WRITTEN');
  t.is(log.messages('error').length, 1);
  connection.exec('PRAGMA query_only = OFF');
  service.requestRefresh();
  await waitFor('the guide', () => store.size === 3);
  await waitFor('the end of the round', () => service.state === 'filled');
  t.is(service.lastError, null);
  stop.abort();
  await running;
});
