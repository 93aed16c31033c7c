import test from 'ava';
import { Timeline } from '#transcoder/remux/timeline.ts';

const RATE = 48_000;
/** Ticks of so many samples. */
const ticks = (samples: number): number => (samples * 90_000) / RATE;

function started(pts = 90_000): Timeline {
  const timeline = new Timeline(RATE);
  timeline.anchor(0, pts);
  return timeline;
}

test('before the first anchor everything is a jump', (t) => {
  const timeline = new Timeline(RATE);
  t.false(timeline.started);
  t.deepEqual(timeline.place(0, 5), { kind: 'jump' });
});

test('time runs with the samples, before the anchor as well', (t) => {
  const timeline = started();
  t.is(timeline.ptsOf(0), 90_000);
  t.is(timeline.ptsOf(RATE), 180_000);
  t.is(timeline.ptsOf(-RATE / 2), 45_000);
  t.is(timeline.ptsOf(1), 90_000 + 1.875);
});

test('within 5 ms it goes on, up to 2 s it is a gap or an overlap of so many samples, beyond that a jump', (t) => {
  for (const [milliseconds, expected] of [
    [0, { kind: 'continue' }],
    [5, { kind: 'continue' }],
    [-5, { kind: 'continue' }],
    [6, { kind: 'gap', samples: 288 }],
    [-6, { kind: 'overlap', samples: 288 }],
    [2000, { kind: 'gap', samples: 96_000 }],
    [-2000, { kind: 'overlap', samples: 96_000 }],
    [2001, { kind: 'jump' }],
    [-2001, { kind: 'jump' }],
    [10 * 3_600_000, { kind: 'jump' }],
  ] as const) {
    t.deepEqual(started().place(1152, 90_000 + ticks(1152) + milliseconds * 90), expected, `${milliseconds} ms`);
  }
});

test('jitter is smoothed: the output follows an eighth of it', (t) => {
  const timeline = started();
  for (let frame = 1; frame <= 100; frame++) {
    const jitter = frame % 2 === 0 ? 180 : -180; // 2 ms
    timeline.place(frame * 1152, 90_000 + ticks(frame * 1152) + jitter);
    const error = timeline.ptsOf(frame * 1152) - 90_000 - ticks(frame * 1152);
    t.true(Math.abs(error) <= 180 / 8, `${error} ticks`);
  }
});

test('drift is followed without ever becoming a gap: a source whose audio clock runs 300 ppm fast, for an hour', (t) => {
  const timeline = started();
  let sample = 0;
  let worst = 0;
  for (let frame = 1; frame <= 150_000; frame++) {
    sample += 1152;
    const pts = 90_000 + ticks(sample) * 1.0003;
    if (timeline.place(sample, pts).kind !== 'continue') t.fail(`frame ${frame}`);
    worst = Math.max(worst, Math.abs(timeline.ptsOf(sample) - pts));
    timeline.forgetBefore(sample - 4096);
  }
  t.true(worst < 45, `${worst.toFixed(1)} ticks`);
});

test('stamps that are rounded to whole ticks do not move the line', (t) => {
  const timeline = new Timeline(44_100);
  timeline.anchor(0, 0);
  for (let frame = 1; frame < 1000; frame++) {
    const exact = (frame * 1152 * 90_000) / 44_100;
    timeline.place(frame * 1152, Math.floor(exact));
    t.true(Math.abs(timeline.ptsOf(frame * 1152) - exact) < 1.001);
  }
});

test('samples keep the time of the anchor before them, also after a jump', (t) => {
  const timeline = started();
  timeline.anchor(10_000, 5_000_000);
  t.is(timeline.ptsOf(9_999), 90_000 + ticks(9_999));
  t.is(timeline.ptsOf(10_000), 5_000_000);
  t.is(timeline.ptsOf(10_480), 5_000_900);
  timeline.forgetBefore(9_999);
  t.is(timeline.ptsOf(9_999), 90_000 + ticks(9_999), 'still needed');
  timeline.forgetBefore(10_000);
  t.is(timeline.ptsOf(10_000), 5_000_000);
  t.is(timeline.ptsOf(9_520), 5_000_000 - 900, 'reckoned back from the next');
});

test('a second anchor at the same sample replaces the first', (t) => {
  const timeline = started();
  timeline.anchor(0, 7_000);
  t.is(timeline.ptsOf(0), 7_000);
  t.is(timeline.ptsOf(-48), 7_000 - 90);
});
