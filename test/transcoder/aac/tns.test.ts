import test from 'ava';
import { FilterBank } from '#transcoder/aac/filter-bank.ts';
import { measureBands } from '#transcoder/aac/masking.ts';
import { Tns } from '#transcoder/aac/tns.ts';
import { ONLY_LONG } from '#transcoder/aac/windows.ts';
import { emptyFrame, linesRead, tablesAt, unitOf } from './support/one-frame.ts';
import { noiseSource } from './support/sounds.ts';

const tables = tablesAt(48_000);

function linesOf(sample: (i: number) => number): Float64Array {
  const lines = new Float64Array(1024);
  new FilterBank().transform(
    Float64Array.from({ length: 2048 }, (_, i) => sample(i)),
    ONLY_LONG,
    lines,
  );
  return lines;
}

function apply(tns: Tns, lines: Float64Array): void {
  const energies = new Float64Array(49);
  measureBands(lines, tables.long, 49, energies, new Float64Array(49));
  tns.apply(lines, tables.long, energies, 10, 40);
}

const energy = (lines: Float64Array): number => lines.reduce((sum, line) => sum + line * line, 0);

test('a click is predicted along frequency, steady noise is not', (t) => {
  const tns = new Tns();
  const click = linesOf((i) => (i === 1300 ? 20_000 : 0));
  const before = energy(click.subarray(40, 672));
  apply(tns, click);
  t.true(tns.order > 0);
  t.true(energy(click.subarray(40, 672)) < 0.25 * before);
  const random = noiseSource(6);
  apply(
    tns,
    linesOf(() => 1000 * random()),
  );
  t.is(tns.order, 0);
  apply(tns, new Float64Array(1024));
  t.is(tns.order, 0);
});

test("FFmpeg's decoder undoes the filter", (t) => {
  const random = noiseSource(8);
  const original = linesOf((i) => (i >= 1250 && i < 1400 ? 9000 * random() : 20 * random()));
  const { layout, frame } = emptyFrame(tables);
  frame.lines.set(original);
  apply(frame.tns, frame.lines);
  t.true(frame.tns.order > 0);
  for (let band = 0; band < layout.count; band++) {
    frame.books[band] = 11;
    frame.peaks[band] = 1;
    frame.scaleFactors[band] = 120;
  }
  for (const [i, line] of frame.lines.entries()) {
    frame.quantised[i] = Math.sign(line) * Math.round((Math.abs(line) / 32) ** 0.75);
  }
  const lines = linesRead(unitOf(tables, layout, frame), tables, 48_000);
  let noise = 0;
  for (let i = 0; i < 1024; i++) noise += ((lines[i] as number) - (original[i] as number)) ** 2;
  t.true(noise < 1e-4 * energy(original), `${noise / energy(original)}`);
});
