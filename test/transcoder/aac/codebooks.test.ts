import test from 'ava';
import {
  ESCAPE_BOOK,
  escapeBits,
  LARGEST_QUANTISED,
  SCALE_FACTORS,
  SPECTRAL,
  type SpectralCodebook,
} from '#transcoder/aac/codebooks.ts';
import { emptyFrame, linesRead, tablesAt, unitOf } from './support/one-frame.ts';

test('no codeword begins with another', (t) => {
  for (const { codes, lengths } of [SCALE_FACTORS, ...SPECTRAL.slice(1)]) {
    const words = new Set<string>();
    for (const [index, code] of codes.entries()) words.add(code.toString(2).padStart(lengths[index] as number, '0'));
    t.is(words.size, codes.length);
    for (const word of words) for (let end = 1; end < word.length; end++) t.false(words.has(word.slice(0, end)));
  }
});

/** The lines of an entry; unsigned ones get signs in turn. */
function entryLines({ lines, base, largest, signed }: SpectralCodebook, index: number): number[] {
  return Array.from({ length: lines }, (_, place) => {
    const digit = Math.floor(index / base ** (lines - 1 - place)) % base;
    if (signed) return digit - largest;
    return (index + place) % 2 ? -digit : digit;
  });
}

for (let book = 1; book <= ESCAPE_BOOK; book++) {
  test(`codebook ${book}: FFmpeg's decoder reads every entry as it was meant`, (t) => {
    const tables = tablesAt(48_000);
    const { layout, frame } = emptyFrame(tables);
    const codebook = SPECTRAL[book] as SpectralCodebook;
    const wanted = [...codebook.codes.keys()].flatMap((index) => entryLines(codebook, index));
    // Escapes instead of the bare 16, of all lengths.
    let escapes = 0;
    const quantised = wanted.map((x) => (Math.abs(x) < 16 ? x : Math.sign(x) * Math.min(900, 16 + 27 * escapes++)));
    frame.quantised.set(quantised);
    for (let band = 0; band < layout.count; band++) {
      frame.books[band] = book;
      frame.peaks[band] = 1;
      frame.scaleFactors[band] = 130;
    }
    const lines = linesRead(unitOf(tables, layout, frame), tables, 48_000);
    const largest = Math.max(...quantised.map(Math.abs)) ** (4 / 3);
    const scale = 2 ** (30 / 4);
    for (let line = 0; line < 1024; line++) {
      const q = quantised[line] ?? 0;
      const expected = Math.sign(q) * Math.abs(q) ** (4 / 3);
      t.true(
        Math.abs((lines[line] as number) / scale - expected) < 1e-5 * largest + 1e-3,
        `line ${line}: ${(lines[line] as number) / scale}, expected ${expected}`,
      );
    }
  });
}

test("FFmpeg's decoder reads every difference of scale factors as it was meant", (t) => {
  const tables = tablesAt(48_000);
  for (let difference = 0; difference <= 60; difference++) {
    const { layout, frame } = emptyFrame(tables);
    for (let band = 0; band < layout.count; band++) {
      frame.books[band] = 2;
      frame.peaks[band] = 1;
      frame.scaleFactors[band] = 100 + (band % 2 ? difference : 0); // up and down again
      frame.quantised[layout.offsets[band] as number] = 1;
    }
    const lines = linesRead(unitOf(tables, layout, frame), tables, 48_000);
    for (let band = 0; band < layout.count; band++) {
      const found = Math.log2(Math.abs(lines[layout.offsets[band] as number] as number)) * 4;
      t.true(Math.abs(found - (band % 2 ? difference : 0)) < 0.2, `difference ${difference}, band ${band}: ${found}`);
    }
  }
});

test('the largest magnitude has an escape sequence of 21 bits', (t) => {
  t.deepEqual([16, 31, 32, LARGEST_QUANTISED].map(escapeBits), [5, 5, 7, 21]);
});
