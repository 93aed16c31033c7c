import test from 'ava';
import { SourceLimiter } from '#daemon/hdhomerun/discovery/source-limiter.ts';

function limiter(maxSources = 100): { limiter: SourceLimiter; pass: (ms: number) => void } {
  let nowMs = 0;
  return {
    limiter: new SourceLimiter({ burst: 3, perSecond: 2, maxSources, now: () => nowMs }),
    pass: (ms) => {
      nowMs += ms;
    },
  };
}

test('a source gets its burst, then so many in a second, and is never in debt', (t) => {
  const { limiter: one, pass } = limiter();
  const asked = Array.from({ length: 50 }, () => one.take('a'));
  t.deepEqual(asked.slice(0, 5), [true, true, true, false, false]);
  t.is(one.refused, 47);
  pass(500);
  t.deepEqual([one.take('a'), one.take('a')], [true, false]);
  pass(3_600_000);
  t.deepEqual(
    [1, 2, 3, 4].map(() => one.take('a')),
    [true, true, true, false],
  );
});

test('what one source does is nothing to another', (t) => {
  const { limiter: one } = limiter();
  for (let count = 0; count < 10; count++) one.take('a');
  t.true(one.take('b'));
});

test('a hundred thousand sources take no more memory than are allowed', (t) => {
  const { limiter: one } = limiter(64);
  for (let count = 0; count < 100_000; count++) one.take(`10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`);
  t.is(one.sources, 64);
});
