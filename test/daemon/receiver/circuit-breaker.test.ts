import test from 'ava';
import { CircuitBreaker } from '#daemon/receiver/circuit-breaker.ts';
import { ManualClock } from '#test/helpers/manual-clock.ts';

function breaker() {
  const clock = new ManualClock();
  const changes: string[] = [];
  const made = new CircuitBreaker({
    failures: 3,
    openMs: 1_000,
    maxOpenMs: 3_000,
    clock,
    onChange: (state) => changes.push(state.name),
  });
  const fail = (message: string): void => made.enter().fail(new Error(message));
  return { breaker: made, clock, changes, fail };
}

test('three failures in a row open it; whoever asks then gets the last failure at once', (t) => {
  const { breaker: made, changes, fail } = breaker();
  for (const message of ['one', 'two', 'three']) fail(message);
  t.deepEqual(changes, ['open']);
  t.throws(() => made.enter(), { message: 'three' });
});

test('a success between them counts from the start again', (t) => {
  const { breaker: made, fail } = breaker();
  fail('one');
  fail('two');
  made.enter().succeed();
  fail('three');
  fail('four');
  t.is(made.state.name, 'closed');
});

test('after its time one probe goes, and only one; success closes it', async (t) => {
  const { breaker: made, clock, changes, fail } = breaker();
  for (const message of ['one', 'two', 'three']) fail(message);
  await clock.advance(999);
  t.throws(() => made.enter());
  await clock.advance(1);
  const probe = made.enter();
  t.throws(() => made.enter(), { message: 'three' }, 'a second one waits for the first');
  probe.succeed();
  made.enter().succeed();
  t.deepEqual(changes, ['open', 'half-open', 'closed']);
});

test('a probe that fails doubles the time, up to the bound', async (t) => {
  const { breaker: made, clock, fail } = breaker();
  for (const message of ['one', 'two', 'three']) fail(message);
  for (const [index, openMs] of [2_000, 3_000, 3_000].entries()) {
    await clock.advance(10_000);
    made.enter().fail(new Error(`probe ${index}`));
    t.like(made.state, { name: 'open', openMs });
  }
  t.throws(() => made.enter(), { message: 'probe 2' });
});

test('a probe that was given up lets the next one try', async (t) => {
  const { breaker: made, clock, fail } = breaker();
  for (const message of ['one', 'two', 'three']) fail(message);
  await clock.advance(1_000);
  made.enter().forget();
  made.enter().succeed();
  t.is(made.state.name, 'closed');
});

test('a forced request goes while it is open, and its success closes it', (t) => {
  const { breaker: made, fail } = breaker();
  for (const message of ['one', 'two', 'three']) fail(message);
  made.enter({ force: true }).fail(new Error('still booting'));
  t.throws(() => made.enter(), { message: 'three' });
  made.enter({ force: true }).succeed();
  t.is(made.state.name, 'closed');
});
