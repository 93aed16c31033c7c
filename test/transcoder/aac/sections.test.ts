import test from 'ava';
import { BandLayout } from '#transcoder/aac/band-layout.ts';
import { BitWriter } from '#transcoder/aac/bit-writer.ts';
import { SPECTRAL } from '#transcoder/aac/codebooks.ts';
import { Sections } from '#transcoder/aac/sections.ts';
import { writeLines } from '#transcoder/aac/spectrum-writer.ts';
import { tablesAt } from './support/one-frame.ts';
import { noiseSource } from './support/sounds.ts';

const layout = new BandLayout();
layout.setLong(0, tablesAt(48_000), 49);

function choose(line: (i: number) => number, sectionBits = 9) {
  const quantised = Int16Array.from({ length: 1024 }, (_, i) => line(i));
  const peaks = Int16Array.from({ length: 49 }, (_, band) => {
    const lines = quantised.subarray(layout.offsets[band], layout.offsets[band + 1]);
    return lines.reduce((peak, q) => Math.max(peak, Math.abs(q)), 0);
  });
  const books = new Uint8Array(49);
  const bits = new Sections().choose(quantised, layout.offsets, peaks, 0, 49, sectionBits, books);
  return { quantised, peaks, books, bits };
}

test('the codebook of each band holds its largest line, and the bits are those that get written', (t) => {
  const random = noiseSource(10);
  for (const largest of [0, 1, 2, 4, 7, 12, 40, 8000]) {
    const { quantised, peaks, books, bits } = choose((i) => Math.round(random() ** 5 * largest * (1 - i / 1100)));
    const writer = new BitWriter(8192);
    let sections = 0;
    for (let band = 0; band < 49; band++) {
      const book = books[band] as number;
      if (band === 0 || book !== books[band - 1]) sections++;
      if (book === 0) t.is(peaks[band], 0);
      else {
        t.true(
          book === 11 || (peaks[band] as number) <= (SPECTRAL[book]?.largest ?? 0),
          `band ${band} in book ${book}`,
        );
        writeLines(writer, quantised, layout.offsets[band] as number, layout.offsets[band + 1] as number, book);
      }
    }
    // Bands of zeros within another section cost a bit more, for their scale factor.
    const zeros = [...books].filter((book, band) => book !== 0 && peaks[band] === 0).length;
    t.is(bits, writer.bits + 9 * sections + zeros, `up to ${largest}`);
  }
});

test('a new section is begun only where it pays', (t) => {
  const small = choose((i) => (i >= 480 && i < 512 ? 2 : i % 4 === 0 ? 1 : 0), 9);
  const dear = choose((i) => (i >= 480 && i < 512 ? 2 : i % 4 === 0 ? 1 : 0), 2000);
  t.is(new Set(dear.books).size, 1);
  t.true(new Set(small.books).size > 1);
});

test('silence is one section', (t) => {
  const { books, bits } = choose(() => 0);
  t.true(books.every((book) => book === 0));
  t.is(bits, 9);
});
