import test from 'ava';
import { BandLayout } from '#transcoder/aac/band-layout.ts';
import { ChannelFrame } from '#transcoder/aac/channel-frame.ts';
import { measureBands } from '#transcoder/aac/masking.ts';
import { chooseMidSide } from '#transcoder/aac/mid-side.ts';
import { tablesAt } from './support/one-frame.ts';
import { noiseSource } from './support/sounds.ts';

function choose(left: (i: number) => number, right: (i: number) => number) {
  const layout = new BandLayout();
  layout.setLong(0, tablesAt(48_000), 49);
  const frames = [left, right].map((line) => {
    const frame = new ChannelFrame();
    for (let i = 0; i < 1024; i++) frame.lines[i] = line(i);
    measureBands(frame.lines, layout.offsets, 49, frame.energies, frame.roots);
    for (let band = 0; band < 49; band++) frame.thresholds[band] = 0.01 * (frame.energies[band] as number) + 1;
    return frame;
  }) as [ChannelFrame, ChannelFrame];
  const midSide = new Uint8Array(120);
  chooseMidSide(layout, frames[0], frames[1], midSide);
  return { left: frames[0], right: frames[1], bands: midSide.subarray(0, 49) };
}

test('equal channels become a middle and nothing, and make half the noise each', (t) => {
  const random = noiseSource(2);
  const noise = Float64Array.from({ length: 1024 }, () => 1000 * random());
  const { left, right, bands } = choose(
    (i) => noise[i] as number,
    (i) => noise[i] as number,
  );
  t.true(bands.every((used) => used === 1));
  t.deepEqual(left.lines, noise);
  t.true(right.lines.every((line) => line === 0));
  t.is(left.thresholds[3], 0.5 * (0.01 * (left.energies[3] as number) + 1));
  t.is(left.thresholds[3], right.thresholds[3]);
});

test('channels that have nothing to do with each other, or of which one is silent, stay as they are', (t) => {
  const random = noiseSource(2);
  const apart = choose(
    () => 1000 * random(),
    () => 1000 * random(),
  );
  t.true(apart.bands.filter((used) => used === 1).length < 10);
  const one = choose(
    () => 1000 * random(),
    () => 0,
  );
  t.true(one.bands.every((used) => used === 0));
  t.true(one.right.lines.every((line) => line === 0));
});

test('in silence all bands agree, so that no list has to be written', (t) => {
  t.true(
    choose(
      () => 0,
      () => 0,
    ).bands.every((used) => used === 1),
  );
});
