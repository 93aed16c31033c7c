import test from 'ava';
import { Edges } from '#transcoder/remux/edges.ts';

const RAMP = 8;

/** Writes a script of sound (a level) and silence (null), in parts of so many samples. */
function render(parts: readonly (readonly [number | null, number])[]): Float32Array {
  const plane = new Float32Array(parts.reduce((sum, [, samples]) => sum + samples, 0));
  const edges = new Edges(1, RAMP);
  let offset = 0;
  for (const [level, samples] of parts) {
    if (level === null) edges.fillSilence([plane], offset, samples);
    else {
      plane.fill(level, offset, offset + samples);
      edges.smooth([plane], offset, samples);
    }
    offset += samples;
  }
  return plane;
}

const steepest = (plane: Float32Array): number =>
  plane.reduce(
    (most, value, index) => (index === 0 ? most : Math.max(most, Math.abs(value - (plane[index - 1] ?? 0)))),
    0,
  );

test('sound that follows sound is left alone', (t) => {
  t.deepEqual(
    render([
      [0.5, 20],
      [0.5, 3],
      [0.5, 7],
    ]),
    new Float32Array(30).fill(0.5),
  );
});

test('silence begins with a ramp down, sound after it with a ramp up: no step larger than a ramp has', (t) => {
  const plane = render([
    [1, 20],
    [null, 30],
    [1, 20],
  ]);
  t.true(steepest(plane) <= 1 / RAMP + 1e-6, `${steepest(plane)}`);
  t.deepEqual(plane.subarray(0, 20), new Float32Array(20).fill(1));
  t.deepEqual(plane.subarray(20 + RAMP, 50), new Float32Array(30 - RAMP));
  t.deepEqual(plane.subarray(50 + RAMP), new Float32Array(20 - RAMP).fill(1));
});

test('silence in several parts is ramped once', (t) => {
  t.deepEqual(
    render([
      [1, 20],
      [null, 15],
      [null, 15],
      [1, 20],
    ]),
    render([
      [1, 20],
      [null, 30],
      [1, 20],
    ]),
  );
});

test('a ramp is no longer than the part it lies in', (t) => {
  const plane = render([
    [1, 4],
    [null, 4],
    [1, 4],
  ]);
  t.is(plane[7], 0);
  t.true(steepest(plane) <= 1 / 4 + 1e-6);
});

test('silence at the very beginning is nothing but zeros, and parts of no samples change nothing', (t) => {
  t.deepEqual(render([[null, 20]]), new Float32Array(20));
  t.deepEqual(
    render([
      [1, 20],
      [1, 0],
      [null, 30],
      [1, 0],
      [1, 20],
    ]),
    render([
      [1, 20],
      [null, 30],
      [1, 20],
    ]),
  );
});

test('every channel is ramped from its own last sample', (t) => {
  const planes = [new Float32Array(30).fill(1), new Float32Array(30).fill(-0.5)];
  const edges = new Edges(2, RAMP);
  edges.smooth(planes, 0, 10);
  edges.fillSilence(planes, 10, 20);
  t.is(planes[0]?.[10], 1 - 1 / RAMP);
  t.is(planes[1]?.[10], -0.5 * (1 - 1 / RAMP));
  t.is(planes[0]?.[10 + RAMP], 0);
});
