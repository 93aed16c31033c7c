/**
 * Huffman codebooks of AAC, ready to count and to write with.
 *
 * Spec: ISO/IEC 14496-3:2019, 4.6.3 (noiseless coding): a spectral codebook has entries of four or two lines, with signs
 * in the index or behind the codeword; entry 16 of codebook 11 announces an escape sequence.
 */
import { type CodebookTable, SCALE_FACTOR_CODEBOOK, SPECTRAL_CODEBOOKS } from './codebook-tables.ts';

export interface Codebook {
  /** Codewords by index of the entry, right-aligned. */
  readonly codes: Int32Array;
  readonly lengths: Uint8Array;
}

export interface SpectralCodebook extends Codebook {
  /** Lines per entry: 4 or 2. */
  readonly lines: number;
  /** Largest magnitude; 16 in codebook 11 stands for all from there on. */
  readonly largest: number;
  /** True where the index holds the signs. */
  readonly signed: boolean;
  /** Values that one line can have: the index is a number of this base. */
  readonly base: number;
}

export const ESCAPE_BOOK = 11;
export const ESCAPE = 16;
/** Largest magnitude that can be written (4.6.3.3). */
export const LARGEST_QUANTISED = 8191;
/** Differences of scale factors reach so far (4.6.2.3.2). */
export const LARGEST_SCALE_STEP = 60;

const LARGEST = [1, 1, 2, 2, 4, 4, 7, 7, 12, 12, 16];

function build({ counts, order }: CodebookTable): Codebook {
  const codes = new Int32Array(order.length);
  const lengths = new Uint8Array(order.length);
  let code = 0;
  let at = 0;
  for (const [shorter, count] of counts.entries()) {
    code <<= 1;
    for (let i = 0; i < count; i++) {
      const index = order[at++] as number;
      codes[index] = code++;
      lengths[index] = shorter + 1;
    }
  }
  return { codes, lengths };
}

export const SCALE_FACTORS: Codebook = build(SCALE_FACTOR_CODEBOOK);

function spectral(number: number): SpectralCodebook {
  const largest = LARGEST[number - 1] as number;
  const signed = number === 1 || number === 2 || number === 5 || number === 6;
  const table = build(SPECTRAL_CODEBOOKS[number - 1] as CodebookTable);
  return { ...table, lines: number <= 4 ? 4 : 2, largest, signed, base: signed ? 2 * largest + 1 : largest + 1 };
}

/** By number of the codebook, 1…11; codebook 0 has no lines and is empty here. */
export const SPECTRAL: readonly SpectralCodebook[] = [
  { codes: new Int32Array(), lengths: new Uint8Array(), lines: 4, largest: 0, signed: false, base: 1 },
  ...LARGEST.map((_, index) => spectral(index + 1)),
];

/** Bits of the escape sequence of a magnitude ≥ 16: N ones, a zero, N + 4 bits (4.6.3.3). */
export function escapeBits(magnitude: number): number {
  return 2 * (31 - Math.clz32(magnitude)) - 3;
}
