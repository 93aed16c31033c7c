import test from 'ava';
import { Timeline } from '#daemon/tvheadend/htsp/demux/timeline.ts';

const WRAP = 2 ** 33;
const SECOND = 90_000;

test('stamps are what they are on the wire until something happens', (t) => {
  const timeline = new Timeline();
  timeline.clock(1_000);
  t.is(timeline.place(1_000 + SECOND), 1_000 + SECOND);
  t.is(timeline.place(500), 500);
  t.is(timeline.now, 1_000);
});

test('the wrap at 2^33 does not show, in either direction', (t) => {
  const timeline = new Timeline();
  timeline.clock(WRAP - SECOND);
  t.is(timeline.place(SECOND / 2), WRAP + SECOND / 2);
  timeline.clock(SECOND);
  t.is(timeline.place(2 * SECOND), WRAP + 2 * SECOND);
  t.is(timeline.place(WRAP - 1), WRAP - 1);
});

test('a stamp that comes before the first PCR does not move what follows', (t) => {
  const timeline = new Timeline();
  t.is(timeline.place(10 * SECOND), 10 * SECOND);
  timeline.clock(9 * SECOND);
  t.is(timeline.place(10 * SECOND + 3_600), 10 * SECOND + 3_600);
});

test('another time base goes on where the one before it ended, and stamps of both find their place', (t) => {
  const timeline = new Timeline();
  timeline.clock(1_000 * SECOND);
  timeline.clock(1_001 * SECOND);
  timeline.clock(5 * SECOND);
  const from = 1_001 * SECOND;
  const first = timeline.place(6 * SECOND);
  t.true(first > from && first < from + 2 * SECOND);
  t.is(timeline.place(1_002 * SECOND), 1_002 * SECOND, 'what still belongs to the base before');
  t.is(timeline.place(7 * SECOND) - first, SECOND);
});

test('a hundred wraps in a row', (t) => {
  const timeline = new Timeline();
  const step = 5 * SECOND;
  let expected = 0;
  timeline.clock(0);
  for (let at = 0; at < (100 * WRAP) / step; at++) {
    expected += step;
    timeline.clock(expected % WRAP);
    if (timeline.now !== expected) t.fail(`${timeline.now} instead of ${expected}`);
  }
  t.is(timeline.place((expected + 1) % WRAP), expected + 1);
});
