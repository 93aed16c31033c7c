import test from 'ava';
import { holdPreEcho, maskingOf, maskingThresholds, measureBands } from '#transcoder/aac/masking.ts';
import { tablesAt } from './support/one-frame.ts';
import { noiseSource } from './support/sounds.ts';

const RATE = 48_000;
const tables = tablesAt(RATE);
const { long } = maskingOf(tables, RATE);

function thresholdsOf(line: (i: number) => number) {
  const lines = Float64Array.from({ length: 1024 }, (_, i) => line(i));
  const energies = new Float64Array(49);
  const roots = new Float64Array(49);
  const thresholds = new Float64Array(49);
  measureBands(lines, tables.long, 49, energies, roots);
  maskingThresholds(long, energies, roots, 49, thresholds);
  return { energies, thresholds };
}

const decibels = (ratio: number): number => 10 * Math.log10(ratio);

test('noise masks more than a tone of the same energy', (t) => {
  const random = noiseSource(9);
  const noise = thresholdsOf(() => 1e5 * random());
  const tone = thresholdsOf((i) => (i === 250 ? 1e5 : i === 249 ? 6e4 : 0.1));
  const band = 26; // lines 240 to 263
  const ofNoise = decibels((noise.energies[band] as number) / (noise.thresholds[band] as number));
  const ofTone = decibels((tone.energies[band] as number) / (tone.thresholds[band] as number));
  t.true(ofNoise > 5 && ofNoise < 14, `${ofNoise}`);
  t.true(ofTone > ofNoise + 5, `${ofTone} of the tone, ${ofNoise} of the noise`);
});

test('a tone masks its neighbours, those above it more than those below; far away nothing is masked', (t) => {
  const { thresholds } = thresholdsOf((i) => (i === 100 ? 1e7 : 0));
  const band = tables.long.findIndex((offset) => offset > 100) - 1;
  const at = (step: number): number => (thresholds[band + step] as number) / (long.quiet[band + step] as number);
  t.true(at(2) > 10 && at(-2) > 1);
  t.true(at(2) > at(-2));
  t.is(thresholds[45], long.quiet[45]);
});

test('in silence the threshold is that in quiet', (t) => {
  t.deepEqual(thresholdsOf(() => 0).thresholds, long.quiet);
});

test('after silence thresholds rise no further than the pre-echo allows, and they are remembered', (t) => {
  const before = Float64Array.from(long.quiet);
  const thresholds = new Float64Array(49).fill(1e12);
  holdPreEcho(thresholds, 49, long.quiet, before, true);
  t.true(thresholds.every((threshold) => threshold < 1e10));
  t.true(before.every((own) => own === 1e12));
  const later = new Float64Array(49).fill(1.5e12);
  holdPreEcho(later, 49, long.quiet, before, true);
  t.true(
    later.every((threshold) => threshold === 1.5e12),
    'a rise of less than 3 dB is let through',
  );
});
