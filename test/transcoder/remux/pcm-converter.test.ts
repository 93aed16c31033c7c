import test from 'ava';
import type { ChannelRole } from '#transcoder/ffmpeg/pcm.ts';
import { PcmConverter, type PcmFormat } from '#transcoder/remux/pcm-converter.ts';
import { PcmFifo } from '#transcoder/remux/pcm-fifo.ts';
import { pcmFrame, STEREO, SURROUND, shiftOf, signal } from '../support/signal.ts';

interface Converted {
  readonly planes: readonly Float32Array[];
  /** Samples written so far and the delay that was told, after each frame. */
  readonly progress: readonly { readonly input: number; readonly output: number; readonly delaySeconds: number }[];
}

function convert(
  fromRate: number,
  format: PcmFormat,
  frames: number,
  options: { size?: number; skip?: (frame: number) => number; roles?: readonly ChannelRole[] } = {},
): Converted {
  const { size = 1152, roles = STEREO } = options;
  const fifo = new PcmFifo(format.channels, 400_000);
  const converter = new PcmConverter(pcmFrame(0, 1, fromRate, roles), null, format);
  const progress: Converted['progress'][number][] = [];
  let input = 0;
  for (let frame = 0; frame < frames; frame++) {
    const pcm = pcmFrame((frame * size) / fromRate, size, fromRate, roles);
    const skip = options.skip?.(frame) ?? 0;
    const offset = fifo.reserve(converter.roomFor(size - skip));
    fifo.commit(converter.write(pcm, skip, size - skip, fifo, offset));
    input += size - skip;
    progress.push({ input, output: fifo.length, delaySeconds: converter.delaySeconds });
  }
  fifo.commit(converter.drain(fifo, fifo.reserve(converter.roomFor(0))));
  converter.close();
  return { planes: fifo.planes.map((plane) => plane.slice(0, fifo.length)), progress };
}

const plane = ({ planes }: Converted, channel: number): Float32Array => planes[channel] ?? new Float32Array(0);

for (const [fromRate, toRate] of [
  [44_100, 48_000],
  [32_000, 48_000],
  [48_000, 44_100],
  [48_000, 32_000],
  [24_000, 48_000],
  [16_000, 48_000],
] as const) {
  test(`${fromRate} to ${toRate} Hz: the sound stays where it is, within a tenth of a sample, and is all there`, (t) => {
    const converted = convert(fromRate, { sampleRate: toRate, channels: 2 }, 30);
    const expected = (30 * 1152 * toRate) / fromRate;
    t.true(Math.abs(plane(converted, 0).length - expected) <= 2, `${plane(converted, 0).length} of ${expected}`);
    for (const channel of [0, 1]) {
      const line = plane(converted, channel);
      for (const from of [0, 5000, Math.floor(expected) - 4200]) {
        const part = line.subarray(from, from + 4000);
        const shift = shiftOf(part, from / toRate, toRate, (seconds) => signal(seconds, channel));
        t.true(Math.abs(shift.samples) < 0.1, `${shift.samples.toFixed(3)} samples at ${from}`);
        t.true(shift.correlation > 0.999, `${shift.correlation}`);
      }
    }
    for (const { input, output, delaySeconds } of converted.progress) {
      const error = output / toRate + delaySeconds - input / fromRate;
      t.true(Math.abs(error) * toRate < 0.6, `the delay told is off by ${(error * toRate).toFixed(2)} samples`);
    }
  });
}

test('equal rates are copied sample by sample, without delay', (t) => {
  const { planes, progress } = convert(48_000, { sampleRate: 48_000, channels: 2 }, 3);
  const expected = pcmFrame(0, 3 * 1152, 48_000).planes;
  t.deepEqual(
    planes.map((line) => line.length),
    [3456, 3456],
  );
  for (const [channel, line] of planes.entries()) {
    const worst = line.reduce((most, level, i) => Math.max(most, Math.abs(level - (expected[channel]?.[i] ?? 9))), 0);
    t.true(worst < 1e-6);
  }
  t.true(progress.every(({ delaySeconds }) => delaySeconds === 0));
});

test('samples to be skipped are left out, at equal rates and others', (t) => {
  for (const toRate of [48_000, 44_100]) {
    const converted = convert(48_000, { sampleRate: toRate, channels: 2 }, 20, { skip: (f) => (f === 0 ? 1000 : 0) });
    const line = plane(converted, 0);
    t.true(Math.abs(line.length - ((20 * 1152 - 1000) * toRate) / 48_000) <= 2);
    const shift = shiftOf(line.subarray(500, 5000), 1000 / 48_000 + 500 / toRate, toRate);
    t.true(Math.abs(shift.samples) < 0.1, `${shift.samples}`);
  }
});

test('frames of any size, larger than the first ones too', (t) => {
  const fifo = new PcmFifo(2, 50_000);
  const converter = new PcmConverter(pcmFrame(0, 1, 44_100), null, { sampleRate: 48_000, channels: 2 });
  let at = 0;
  for (const size of [1, 100, 2048, 1024, 2047, 3, 4096]) {
    const pcm = pcmFrame(at / 44_100, size, 44_100);
    fifo.commit(converter.write(pcm, 0, size, fifo, fifo.reserve(converter.roomFor(size))));
    at += size;
  }
  fifo.commit(converter.drain(fifo, fifo.reserve(converter.roomFor(0))));
  t.true(Math.abs(fifo.length - (at * 48_000) / 44_100) <= 2);
  const shift = shiftOf((fifo.planes[0] as Float32Array).slice(500, 9000), 500 / 48_000, 48_000);
  t.true(Math.abs(shift.samples) < 0.1);
  t.true(shift.correlation > 0.999);
});

test('5.1 is resampled channel by channel', (t) => {
  const converted = convert(44_100, { sampleRate: 48_000, channels: 6 }, 10, { roles: SURROUND });
  for (let channel = 0; channel < 6; channel++) {
    const part = plane(converted, channel).subarray(1000, 6000);
    const shift = shiftOf(part, 1000 / 48_000, 48_000, (seconds) => signal(seconds, channel));
    t.true(Math.abs(shift.samples) < 0.1 && shift.correlation > 0.999, `channel ${channel}`);
  }
});

test('a converter suits the frames it was made for, and no others', (t) => {
  const stereo = pcmFrame(0, 10, 48_000);
  const converter = new PcmConverter(stereo, null, { sampleRate: 48_000, channels: 2 });
  t.true(converter.suits(pcmFrame(0, 99, 48_000), null));
  t.false(converter.suits(pcmFrame(0, 10, 44_100), null));
  t.false(converter.suits(pcmFrame(0, 10, 48_000, SURROUND), null));
  t.false(converter.suits(stereo, 'first'));
});
