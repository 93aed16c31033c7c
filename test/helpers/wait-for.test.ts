import { EventEmitter, once } from 'node:events';
import test from 'ava';
import { eventually, WaitTimeout, waitFor, waitForEvent } from './wait-for.ts';

/** `subscribe` and `fire` over one set of listeners. */
function source() {
  const listeners = new Set<() => void>();
  return {
    listeners,
    subscribe: (changed: () => void) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    fire: () => {
      for (const listener of [...listeners]) listener();
    },
  };
}

test('what is true already is not waited for', async (t) => {
  const { subscribe, listeners } = source();
  t.is(await waitFor(subscribe, () => 7, { what: 'seven' }), 7);
  t.is(listeners.size, 0, 'no listener stays');
});

test('the predicate is asked again with each change, and 0 is an answer', async (t) => {
  const { subscribe, fire, listeners } = source();
  let left = 3;
  const waited = waitFor(subscribe, () => (left > 0 ? null : left), { what: 'zero' });
  for (; left > 0; left--) fire();
  fire();
  t.is(await waited, 0);
  t.is(listeners.size, 0);
});

test('after the timeout the error names what was awaited', async (t) => {
  const { subscribe, listeners } = source();
  const error = await t.throwsAsync(waitFor(subscribe, () => false, { what: 'the moon', timeoutMs: 20 }));
  t.true(error instanceof WaitTimeout);
  t.is(error?.message, 'waited 20 ms in vain for the moon');
  t.is(listeners.size, 0);
});

test('an error of the predicate ends the wait at once', async (t) => {
  const { subscribe, fire, listeners } = source();
  let broken = false;
  const predicate = () => {
    if (broken) throw new Error('broken');
    return false;
  };
  const waited = waitFor(subscribe, predicate, { what: 'nothing' });
  broken = true;
  fire();
  await t.throwsAsync(waited, { message: 'broken' });
  t.is(listeners.size, 0);
});

test('a source that calls while being subscribed to is let go too', async (t) => {
  let released = 0;
  const subscribe = (changed: () => void) => {
    changed();
    return () => released++;
  };
  t.is(await waitFor(subscribe, () => 'now', { what: 'now' }), 'now');
  t.is(released, 1);
});

test('the first event that is accepted is given with its arguments', async (t) => {
  const emitter = new EventEmitter();
  const waited = waitForEvent(emitter, 'line', { what: 'b', accept: (line) => line === 'b' });
  for (const line of ['a', 'b', 'c']) emitter.emit('line', line, 1);
  t.deepEqual(await waited, ['b', 1]);
  t.is(emitter.listenerCount('line'), 0);
});

test('an event that never comes leaves no listener', async (t) => {
  const emitter = new EventEmitter();
  await t.throwsAsync(waitForEvent(emitter, 'line', { what: 'a line', timeoutMs: 10 }), { instanceOf: WaitTimeout });
  t.is(emitter.listenerCount('line'), 0);
});

test('a foreign process is asked until it answers, errors counting as not yet', async (t) => {
  const answers = [() => Promise.reject(new Error('refused')), () => null, () => Promise.resolve('up')];
  let asked = 0;
  const answer = await eventually(() => answers[asked++]?.(), { what: 'an answer', everyMs: 1 });
  t.is(answer, 'up');
  t.is(asked, 3);
});

test('a foreign process that never answers: the last error is the cause', async (t) => {
  const emitter = new EventEmitter();
  const ask = async () => {
    emitter.emit('asked');
    throw new Error('refused');
  };
  const first = once(emitter, 'asked');
  const error = await t.throwsAsync(eventually(ask, { what: 'an answer', everyMs: 1, timeoutMs: 20 }));
  await first;
  t.true(error instanceof WaitTimeout);
  t.regex(String(error?.cause), /refused/);
});
