import test from 'ava';
import type { StreamTarget } from '#daemon/receiver/model.ts';
import type { SourceService } from '#daemon/streams/source-stream.ts';
import { RememberedSources } from '#daemon/streams/stream-sources.ts';
import { XgError } from '#shared/errors.ts';

const service = (ref: string): SourceService => ({
  ...{ id: ref, ref, name: ref, program: 1, originalNetworkId: 1, radio: false },
});
const target = (port: number): StreamTarget => ({
  ...{ kind: 'e2-stream', scheme: 'http', host: 'box', port, path: '/x', programHint: null },
});

function sources() {
  let now = 0;
  const asked: { ref: string; signal: AbortSignal; answer: PromiseWithResolvers<StreamTarget> }[] = [];
  const made = new RememberedSources({
    ask: ({ ref }, signal) => {
      const answer = Promise.withResolvers<StreamTarget>();
      asked.push({ ref, signal, answer });
      return answer.promise;
    },
    direct: () => target(8_001),
    freshMs: 1_000,
    now: () => now,
  });
  const find = (ref: string, ask = false) => made.find(service(ref), { ask, signal: new AbortController().signal });
  return { made, asked, find, pass: (ms: number) => (now += ms) };
}

test('the receiver is asked once, then its answer is remembered', async (t) => {
  const { find, asked } = sources();
  const first = find('a');
  asked[0]?.answer.resolve(target(17_999));
  t.deepEqual(await first, { target: target(17_999), origin: 'asked' });
  t.deepEqual(await find('a'), { target: target(17_999), origin: 'remembered' });
  t.is(asked.length, 1);
});

test('an old answer is used at once and renewed beside; many zaps renew it once', async (t) => {
  const { find, asked, pass } = sources();
  const first = find('a');
  asked[0]?.answer.resolve(target(8_001));
  await first;
  pass(1_001);
  t.is((await find('a')).target.port, 8_001);
  t.is((await find('a')).target.port, 8_001);
  t.is(asked.length, 2);
  asked[1]?.answer.resolve(target(17_999));
  await new Promise(setImmediate); // the renewal runs beside
  t.deepEqual(await find('a'), { target: target(17_999), origin: 'remembered' });
});

test('a renewal that fails leaves the old answer standing, and the next zap tries again', async (t) => {
  const { find, asked, pass } = sources();
  const first = find('a');
  asked[0]?.answer.resolve(target(8_001));
  await first;
  pass(1_001);
  await find('a');
  asked[1]?.answer.reject(new XgError('RECEIVER_UNREACHABLE', 'gone'));
  await new Promise(setImmediate); // the renewal runs beside
  t.is((await find('a')).target.port, 8_001);
  t.is(asked.length, 3);
});

test('what did not work is forgotten, and an answer that is still on its way with it', async (t) => {
  const { made, find, asked, pass } = sources();
  const first = find('a');
  asked[0]?.answer.resolve(target(8_001));
  await first;
  pass(1_001);
  await find('a');
  made.forget(service('a'));
  t.true(asked[1]?.signal.aborted);
  asked[1]?.answer.resolve(target(8_001));
  await new Promise(setImmediate); // it would be remembered here
  void find('a');
  t.is(asked.length, 3);
});

test('asking expressly asks, and remembers', async (t) => {
  const { find, asked } = sources();
  const first = find('a');
  asked[0]?.answer.resolve(target(8_001));
  await first;
  const again = find('a', true);
  asked[1]?.answer.resolve(target(17_999));
  t.is((await again).origin, 'asked');
  t.is((await find('a')).target.port, 17_999);
});

test('an error of the receiver goes to who asked, and nothing is remembered', async (t) => {
  const { find, asked } = sources();
  const first = find('a');
  asked[0]?.answer.reject(new XgError('RECEIVER_AUTH', 'no'));
  await t.throwsAsync(first, { code: 'RECEIVER_AUTH' });
  void find('a');
  t.is(asked.length, 2);
});
