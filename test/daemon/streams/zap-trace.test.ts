import test from 'ava';
import { ZapTrace } from '#daemon/streams/zap-trace.ts';

function trace() {
  let now = 1_000;
  const made = new ZapTrace(() => now);
  const at = (ms: number): ZapTrace => {
    now = 1_000 + ms;
    return made;
  };
  return { trace: made, at };
}

test('each phase is counted from the end of the one before it', (t) => {
  const { trace: made, at } = trace();
  at(3).mark('lease');
  at(10).mark('resolve');
  at(12).mark('connect');
  at(312).mark('first_byte');
  at(315).mark('first_client_byte');
  at(500).mark('first_access_point');
  t.deepEqual(made.toFields(), {
    leaseMs: 3,
    resolveMs: 7,
    connectMs: 2,
    firstByteMs: 300,
    firstAccessPointMs: 188,
    firstClientByteMs: 3,
  });
  t.is(made.elapsedMs, 500);
  t.is(made.sinceStartMs('first_client_byte'), 315);
});

test('resolving before the lease is counted in that order', (t) => {
  const { trace: made, at } = trace();
  at(20).mark('resolve');
  at(25).mark('lease');
  at(26).mark('connect');
  t.like(made.toFields(), { resolveMs: 20, leaseMs: 5, connectMs: 1 });
});

test('joining what runs has no phase but its own', (t) => {
  const { trace: made, at } = trace();
  at(4).mark('first_client_byte');
  t.deepEqual(made.toFields(), { firstClientByteMs: 4 });
});

test('the first mark counts, until another target is tried', (t) => {
  const { trace: made, at } = trace();
  at(1).mark('resolve');
  at(2).mark('connect');
  at(9).mark('connect');
  t.is(made.durationMs('connect'), 1);
  made.restart();
  at(100).mark('connect');
  t.is(made.durationMs('connect'), 99);
  t.is(made.durationMs('first_byte'), null);
});
