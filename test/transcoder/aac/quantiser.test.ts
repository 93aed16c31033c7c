import test from 'ava';
import { BandLayout } from '#transcoder/aac/band-layout.ts';
import { ChannelFrame } from '#transcoder/aac/channel-frame.ts';
import { LARGEST_QUANTISED, LARGEST_SCALE_STEP } from '#transcoder/aac/codebooks.ts';
import { estimateBits, prepare, quantise } from '#transcoder/aac/quantiser.ts';
import { tablesAt } from './support/one-frame.ts';
import { noiseSource } from './support/sounds.ts';

const QUIET = new Float64Array(49).fill(1e-3);

function prepared(line: (i: number) => number, threshold: (band: number) => number) {
  const layout = new BandLayout();
  layout.setLong(0, tablesAt(48_000), 49);
  const frame = new ChannelFrame();
  for (let i = 0; i < 1024; i++) frame.lines[i] = line(i);
  for (let band = 0; band < 49; band++) frame.thresholds[band] = threshold(band);
  prepare(frame, layout, QUIET);
  return { layout, frame };
}

/** Energy of the noise of a band, by the decoder's rule (4.6.1.3). */
function noiseOf({ lines, quantised, scaleFactors }: ChannelFrame, layout: BandLayout, band: number): number {
  let noise = 0;
  for (let i = layout.offsets[band] as number; i < (layout.offsets[band + 1] as number); i++) {
    const q = quantised[i] as number;
    const step = 2 ** (((scaleFactors[band] as number) - 100) / 4);
    noise += ((lines[i] as number) - Math.sign(q) * Math.abs(q) ** (4 / 3) * step) ** 2;
  }
  return noise;
}

test('the noise is what the threshold allows, moved up and down with it', (t) => {
  const random = noiseSource(5);
  for (const shift of [-4, 0, 4]) {
    const { layout, frame } = prepared(
      () => 1e5 * random(),
      () => 1e8,
    );
    quantise(frame, layout, shift, 0);
    for (let band = 12; band < 49; band++) {
      const ratio = noiseOf(frame, layout, band) / (1e8 * 2 ** shift);
      t.true(ratio > 0.25 && ratio < 4, `band ${band}, moved by ${shift}: ${ratio}`);
    }
  }
});

test('what is below the threshold is left out, what is above is not', (t) => {
  const { layout, frame } = prepared(
    (i) => (i < 512 ? 10 : 1000),
    () => 1e5,
  );
  quantise(frame, layout, 0, 0);
  for (let band = 0; band < 49; band++) {
    t.is(frame.peaks[band] === 0, (layout.offsets[band] as number) < 512, `band ${band}`);
  }
});

test('a band that is heard is never lost to a shortage of bits, until all is made coarser', (t) => {
  const random = noiseSource(5);
  const { layout, frame } = prepared(
    () => 1e4 * random(),
    () => 1e3,
  );
  quantise(frame, layout, 20, 0);
  t.true(frame.peaks.subarray(0, 49).every((peak) => peak > 0));
  quantise(frame, layout, 20, 200);
  t.true(frame.peaks.subarray(0, 49).every((peak) => peak === 0));
});

test('magnitudes and differences stay within what can be written, whatever the lines', (t) => {
  for (const large of [1e3, 1.4e8]) {
    const { layout, frame } = prepared(
      (i) => (i % 90 === 0 ? large : 1),
      () => 1e-9,
    );
    quantise(frame, layout, -10, 0);
    const { peaks, scaleFactors, quantised } = frame;
    t.true(Math.max(...quantised) <= LARGEST_QUANTISED);
    const used = [...scaleFactors.subarray(0, 49)].filter((_, band) => (peaks[band] as number) > 0);
    t.true(Math.min(...used) >= 0 && Math.max(...used) - Math.min(...used) <= LARGEST_SCALE_STEP, `${used}`);
  }
});

test('the estimate falls as thresholds rise, and silence is estimated at nothing', (t) => {
  const random = noiseSource(7);
  const { frame } = prepared(
    () => 1e5 * random(),
    () => 1e7,
  );
  const bits = [-8, -4, 0, 4, 8].map((shift) => estimateBits(frame, 49, shift));
  for (let i = 1; i < bits.length; i++) t.true((bits[i] as number) < (bits[i - 1] as number), `${bits}`);
  t.is(
    estimateBits(
      prepared(
        () => 0,
        () => 1,
      ).frame,
      49,
      -10,
    ),
    0,
  );
});
