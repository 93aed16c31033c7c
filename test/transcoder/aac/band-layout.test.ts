import test from 'ava';
import { BandLayout } from '#transcoder/aac/band-layout.ts';
import { tablesAt } from './support/one-frame.ts';

const tables = tablesAt(48_000);

test('a long frame has the bands of the table', (t) => {
  const layout = new BandLayout();
  layout.setLong(0, tables, 49);
  t.deepEqual([...layout.offsets.subarray(0, layout.count + 1)], tables.long);
  t.is(layout.groups, 1);
});

test('short windows are put in order by group, band and window, none left out', (t) => {
  const layout = new BandLayout();
  const starts = [false, false, true, false, false, true, false, false];
  layout.setShort(starts, tables, 14);
  t.deepEqual([...layout.groupWindows.subarray(0, layout.groups)], [2, 3, 3]);
  t.is(layout.count, 3 * 14);
  t.is(layout.offsets[layout.count], 1024);
  const spectrum = Float64Array.from({ length: 1024 }, (_, i) => i);
  const lines = new Float64Array(1024);
  layout.interleave(spectrum, tables, lines);
  t.deepEqual(
    [...lines].toSorted((a, b) => a - b),
    [...spectrum],
  );
  // The second group's first band: four lines each of windows 2, 3, 4.
  const from = layout.offsets[14] as number;
  t.deepEqual(
    [...lines.subarray(from, from + 12)],
    [2, 3, 4].flatMap((window) => [0, 1, 2, 3].map((line) => window * 128 + line)),
  );
});
