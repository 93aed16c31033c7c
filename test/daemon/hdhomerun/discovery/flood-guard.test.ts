import test from 'ava';
import { FloodGuard } from '#daemon/hdhomerun/discovery/flood-guard.ts';

function guarded(maxPerSecond: number): { guard: FloodGuard; floods: string[]; pass: (ms: number) => void } {
  let nowMs = 0;
  const floods: string[] = [];
  const guard = new FloodGuard((error) => floods.push(error.message), { maxPerSecond, now: () => nowMs });
  return {
    guard,
    floods,
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

test('so many in a second are a flood, which is told once', (t) => {
  const { guard, floods } = guarded(100);
  for (let count = 0; count < 100; count++) guard.count();
  t.deepEqual(floods, []);
  for (let count = 0; count < 1_000; count++) guard.count();
  t.deepEqual(floods, ['somebody sends more than 100 datagrams in a second']);
});

test('as many over a longer time are none, for as long as it lasts', (t) => {
  const { guard, floods, pass } = guarded(100);
  for (let count = 0; count < 10_000; count++) {
    guard.count();
    pass(11);
  }
  t.deepEqual(floods, []);
});
