import test from 'ava';
import type { BouquetSource } from '#daemon/lineup/bouquet-rows.ts';
import { LineupService } from '#daemon/lineup/service.ts';
import { XgError } from '#shared/errors.ts';
import { captureLog } from '../support/captured-log.ts';
import { waitFor } from '../support/wait-for.ts';

const BOUQUET = { ref: '1:7:1:0:0:0:0:0:0:0:FROM BOUQUET "a.tv" ORDER BY bouquet', name: 'A' };
const off = new XgError('RECEIVER_UNREACHABLE', 'The receiver at http://box cannot be reached');

/** A box that can be switched on and off. */
function switchableBox(): BouquetSource & { failure: Error | null; names: string[]; attempts: number } {
  const box = {
    failure: null as Error | null,
    names: ['Das Erste'],
    attempts: 0,
    async bouquets(list: 'tv' | 'radio') {
      if (list === 'radio') return [];
      box.attempts++;
      if (box.failure !== null) throw box.failure;
      return [BOUQUET];
    },
    async services() {
      return box.names.map((name, index) => ({ ref: `1:0:19:${index + 1}:3FB:1:C00000:0:0:0:`, name, provider: null }));
    },
  };
  return box;
}

test('a receiver that is switched on later is found by itself, with one log line for all the failures', async (t) => {
  const box = switchableBox();
  box.failure = off;
  const log = captureLog('info');
  const service = new LineupService({ source: box, logger: log.logger, backoff: { minMs: 1, maxMs: 4 } });
  const stop = new AbortController();
  t.is(service.state.kind, 'loading');
  const running = service.start({ signal: stop.signal });
  await waitFor('five attempts', () => box.attempts >= 5);
  t.like(service.state, { kind: 'failed', failure: { code: 'RECEIVER_UNREACHABLE' } });
  t.is(log.messages('error').length, 1);
  t.regex(log.messages('error')[0] ?? '', /http:\/\/box/);

  const ready = service.waitForReady({ signal: AbortSignal.timeout(5_000) });
  box.failure = null;
  await ready;
  t.is(service.get('c00000-1-3fb-1')?.name, 'Das Erste');
  t.is(service.byNumber(1)?.id, 'c00000-1-3fb-1');
  t.is(service.get('nonsense'), null);
  t.deepEqual(log.messages('info'), ['lineup ready']);
  stop.abort();
  await running;
});

test('the lineup stays while refreshes fail, and the state says since when and why', async (t) => {
  const box = switchableBox();
  const log = captureLog('info');
  const service = new LineupService({ source: box, logger: log.logger });
  await service.refresh();
  box.failure = off;
  await t.throwsAsync(service.refresh(), { is: off });
  await t.throwsAsync(service.refresh(), { is: off });
  t.like(service.state, { kind: 'ready', failure: { code: 'RECEIVER_UNREACHABLE' } });
  t.is(service.channels.length, 1);
  t.is(log.messages('error').length, 1);
  box.failure = null;
  await service.refresh();
  t.like(service.state, { kind: 'ready', failure: null });
  t.is(log.messages('info').length, 2);
});

test('a refresh tells its listeners; calls at the same time share one reading', async (t) => {
  const box = switchableBox();
  const service = new LineupService({ source: box, logger: captureLog().logger });
  const seen: string[][] = [];
  const stop = service.onChange((lineup) => seen.push(lineup.channels.map((channel) => channel.name)));
  await Promise.all([service.refresh(), service.refresh(), service.refresh()]);
  t.is(box.attempts, 1);
  box.names = ['Das Erste', 'ZDF'];
  await service.refresh();
  stop();
  await service.refresh();
  t.deepEqual(seen, [['Das Erste'], ['Das Erste', 'ZDF']]);
});

test('a listener that throws does not stop the others', async (t) => {
  const log = captureLog();
  const service = new LineupService({ source: switchableBox(), logger: log.logger });
  let called = false;
  service.onChange(() => {
    throw new Error('broken listener');
  });
  service.onChange(() => {
    called = true;
  });
  await service.refresh();
  t.true(called);
  t.is(log.messages('error').length, 1);
});

test('"try now" ends a long wait', async (t) => {
  const box = switchableBox();
  box.failure = off;
  const service = new LineupService({
    source: box,
    logger: captureLog().logger,
    backoff: { minMs: 60_000, maxMs: 60_000 },
  });
  const stop = new AbortController();
  const running = service.start({ signal: stop.signal });
  await waitFor('the first failure', () => service.state.kind === 'failed');
  box.failure = null;
  service.retryNow();
  await service.waitForReady({ signal: AbortSignal.timeout(5_000) });
  stop.abort();
  await running;
  t.is(box.attempts, 2);
});

test('waiting for the lineup can be given up, and leaves nothing on the signal', async (t) => {
  const service = new LineupService({ source: switchableBox(), logger: captureLog().logger });
  const controller = new AbortController();
  const reason = new Error('user left');
  const waiting = service.waitForReady({ signal: controller.signal });
  controller.abort(reason);
  t.is(await t.throwsAsync(waiting), reason);
});

test('while it reads it tells how far it is', async (t) => {
  const box = switchableBox();
  const second = Promise.withResolvers<void>();
  let asked = 0;
  const source: BouquetSource = {
    bouquets: async (list) =>
      list === 'radio' ? [] : [BOUQUET, { ...BOUQUET, ref: BOUQUET.ref.replace('a.tv', 'b.tv') }],
    services: async (ref, options) => {
      if (++asked === 2) await second.promise;
      return box.services(ref, options);
    },
  };
  const service = new LineupService({ source, logger: captureLog().logger });
  t.is(service.progress, null);
  const reading = service.refresh();
  await waitFor('the second bouquet to be asked for', () => asked === 2);
  t.deepEqual(service.progress, { done: 1, total: 3, channels: 1 }); // and the radio list is to come
  second.resolve();
  await reading;
  t.is(service.progress, null);
});
