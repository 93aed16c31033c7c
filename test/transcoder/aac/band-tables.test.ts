import test from 'ava';
import { AAC_SAMPLE_RATES } from '#shared/codec/adts.ts';
import { BAND_RATES, bandTables, MAX_BANDS } from '#transcoder/aac/band-tables.ts';
import { emptyFrame, linesRead, tablesAt, unitOf } from './support/one-frame.ts';

test('every rate of AAC has bands, of whole fours of lines, from the first line to the last', (t) => {
  t.deepEqual(
    BAND_RATES.toSorted((a, b) => b - a),
    AAC_SAMPLE_RATES.toSorted((a, b) => b - a),
  );
  t.is(bandTables(47_999), null);
  for (const rate of AAC_SAMPLE_RATES) {
    const { long, short, tnsEnd } = tablesAt(rate);
    for (const [offsets, lines] of [
      [long, 1024],
      [short, 128],
    ] as const) {
      t.is(offsets[0], 0);
      t.is(offsets.at(-1), lines);
      for (const [band, offset] of offsets.entries()) {
        t.is(offset % 4, 0);
        if (band > 0) t.true(offset > (offsets[band - 1] as number));
      }
    }
    t.true(long.length - 1 >= tnsEnd && long.length - 1 <= 51 && 8 * (short.length - 1) <= MAX_BANDS);
  }
});

for (const rate of AAC_SAMPLE_RATES) {
  test(`${rate} Hz: FFmpeg's decoder has the borders of bands where we have them`, (t) => {
    const tables = tablesAt(rate);
    const { layout, frame } = emptyFrame(tables);
    // One line in each band, the last and the first in turn, with a scale factor of its own.
    for (let band = 0; band < layout.count; band++) {
      frame.books[band] = 1;
      frame.peaks[band] = 1;
      frame.scaleFactors[band] = 140 + (band % 3) * 4;
      const line = band % 2 ? (layout.offsets[band] as number) : (layout.offsets[band + 1] as number) - 1;
      frame.quantised[line] = 1;
    }
    const lines = linesRead(unitOf(tables, layout, frame), tables, rate);
    const level = (line: number): number => Math.abs(lines[line] as number);
    const unit = level((layout.offsets[1] as number) - 1);
    for (let band = 0; band < layout.count; band++) {
      for (let line = layout.offsets[band] as number; line < (layout.offsets[band + 1] as number); line++) {
        const expected = frame.quantised[line] === 1 ? 2 ** (band % 3) : 0;
        t.true(Math.abs(level(line) / unit - expected) < 1e-2, `band ${band}, line ${line}: ${level(line) / unit}`);
      }
    }
  });
}
