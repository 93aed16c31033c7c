/** Writes lines in their codebook. Spec: ISO/IEC 14496-3:2019, table 4.56 (spectral_data), 4.6.3.3. */
import type { BitWriter } from './bit-writer.ts';
import { ESCAPE, ESCAPE_BOOK, SPECTRAL, type SpectralCodebook } from './codebooks.ts';

export function writeLines(writer: BitWriter, quantised: Int16Array, from: number, end: number, book: number): void {
  const codebook = SPECTRAL[book] as SpectralCodebook;
  if (codebook.lines === 4) {
    if (codebook.signed) writeSignedQuads(writer, codebook, quantised, from, end);
    else writeQuads(writer, codebook, quantised, from, end);
  } else if (codebook.signed) writeSignedPairs(writer, codebook, quantised, from, end);
  else if (book === ESCAPE_BOOK) writeEscapePairs(writer, codebook, quantised, from, end);
  else writePairs(writer, codebook, quantised, from, end);
}

function writeSignedQuads(
  writer: BitWriter,
  { codes, lengths }: SpectralCodebook,
  quantised: Int16Array,
  from: number,
  end: number,
): void {
  for (let i = from; i < end; i += 4) {
    const index =
      27 * (quantised[i] as number) +
      9 * (quantised[i + 1] as number) +
      3 * (quantised[i + 2] as number) +
      (quantised[i + 3] as number) +
      40;
    writer.put(codes[index] as number, lengths[index] as number);
  }
}

function writeQuads(
  writer: BitWriter,
  { codes, lengths }: SpectralCodebook,
  quantised: Int16Array,
  from: number,
  end: number,
): void {
  for (let i = from; i < end; i += 4) {
    let index = 0;
    let signs = 0;
    let count = 0;
    for (let k = i; k < i + 4; k++) {
      const value = quantised[k] as number;
      index *= 3;
      if (value === 0) continue;
      index += Math.abs(value);
      signs = (signs << 1) | (value < 0 ? 1 : 0);
      count++;
    }
    writer.put(((codes[index] as number) << count) | signs, (lengths[index] as number) + count);
  }
}

function writeSignedPairs(
  writer: BitWriter,
  { codes, lengths }: SpectralCodebook,
  quantised: Int16Array,
  from: number,
  end: number,
): void {
  for (let i = from; i < end; i += 2) {
    const index = 9 * (quantised[i] as number) + (quantised[i + 1] as number) + 40;
    writer.put(codes[index] as number, lengths[index] as number);
  }
}

function writePairs(
  writer: BitWriter,
  { codes, lengths, base }: SpectralCodebook,
  quantised: Int16Array,
  from: number,
  end: number,
): void {
  for (let i = from; i < end; i += 2) {
    const x = quantised[i] as number;
    const y = quantised[i + 1] as number;
    writePair(writer, codes, lengths, base * Math.abs(x) + Math.abs(y), x, y);
  }
}

function writeEscapePairs(
  writer: BitWriter,
  { codes, lengths, base }: SpectralCodebook,
  quantised: Int16Array,
  from: number,
  end: number,
): void {
  for (let i = from; i < end; i += 2) {
    const x = quantised[i] as number;
    const y = quantised[i + 1] as number;
    const a = Math.abs(x);
    const b = Math.abs(y);
    writePair(writer, codes, lengths, base * Math.min(a, ESCAPE) + Math.min(b, ESCAPE), x, y);
    if (a >= ESCAPE) writeEscape(writer, a);
    if (b >= ESCAPE) writeEscape(writer, b);
  }
}

function writePair(
  writer: BitWriter,
  codes: Int32Array,
  lengths: Uint8Array,
  index: number,
  x: number,
  y: number,
): void {
  let code = codes[index] as number;
  let length = lengths[index] as number;
  if (x !== 0) {
    code = (code << 1) | (x < 0 ? 1 : 0);
    length++;
  }
  if (y !== 0) {
    code = (code << 1) | (y < 0 ? 1 : 0);
    length++;
  }
  writer.put(code, length);
}

/** N ones, a zero, then the magnitude without its highest bit in N + 4 bits. */
function writeEscape(writer: BitWriter, magnitude: number): void {
  const bits = 31 - Math.clz32(magnitude);
  const ones = bits - 4;
  writer.put(((1 << ones) - 1) << 1, ones + 1);
  writer.put(magnitude - (1 << bits), bits);
}
