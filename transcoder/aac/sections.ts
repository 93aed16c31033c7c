/**
 * Chooses the codebook of each band: the cheapest path through bands and codebooks, where a change of codebook costs a
 * new section (Viterbi).
 *
 * Spec: ISO/IEC 14496-3:2019, 4.6.3.2 (sections), table 4.52 (section_data).
 */
import { MAX_BANDS } from './band-tables.ts';
import { ESCAPE, ESCAPE_BOOK, escapeBits, SPECTRAL, type SpectralCodebook } from './codebooks.ts';

const BOOKS = 12;
const NEVER = 1 << 28;

/** Lengths of two codebooks in one number, the signs behind a codeword counted in: 16 bits each. */
function pairOfLengths(low: number, high: number | null): Int32Array {
  const first = SPECTRAL[low] as SpectralCodebook;
  const second = high === null ? null : (SPECTRAL[high] as SpectralCodebook);
  return Int32Array.from(first.lengths, (length, index) => {
    const signs = first.signed ? 0 : nonZeroDigits(index, first.base);
    const other = second === null ? 0 : (second.lengths[index] as number) + signs;
    return length + signs + (other << 16);
  });
}

function nonZeroDigits(index: number, base: number): number {
  let digits = 0;
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) if (rest % base !== 0) digits++;
  return digits;
}

const LENGTHS_1_2 = pairOfLengths(1, 2);
const LENGTHS_3_4 = pairOfLengths(3, 4);
const LENGTHS_5_6 = pairOfLengths(5, 6);
const LENGTHS_7_8 = pairOfLengths(7, 8);
const LENGTHS_9_10 = pairOfLengths(9, 10);
const LENGTHS_11 = pairOfLengths(ESCAPE_BOOK, null);

/** Zero lines cost this per four in codebooks 1 to 4. */
const ZERO_LENGTHS = [1, 2, 3, 4].map((book) => {
  const { lengths, signed } = SPECTRAL[book] as SpectralCodebook;
  return lengths[signed ? 40 : 0] as number;
});

export class Sections {
  readonly #costs = new Int32Array(MAX_BANDS * BOOKS);
  /** By band and book: the book of the band before on the cheapest path. */
  readonly #before = new Uint8Array(MAX_BANDS * BOOKS);
  readonly #paths = new Int32Array(BOOKS);
  readonly #next = new Int32Array(BOOKS);

  /**
   * Fills `books` for the `count` bands of one group from band `first` on. `sectionBits`: what a section costs beside
   * its lines. Returns the bits of the lines and sections (lengths that take a second field not counted).
   */
  choose(
    quantised: Int16Array,
    offsets: ArrayLike<number>,
    peaks: Int16Array,
    first: number,
    count: number,
    sectionBits: number,
    books: Uint8Array,
  ): number {
    const costs = this.#costs;
    const paths = this.#paths;
    const next = this.#next;
    for (let at = 0; at < count; at++) {
      const band = first + at;
      const row = at * BOOKS;
      costs.fill(NEVER, row, row + BOOKS);
      countBits(quantised, offsets[band] as number, offsets[band + 1] as number, peaks[band] as number, costs, row);
      let best = 0;
      if (at > 0)
        for (let book = 1; book < BOOKS; book++) if ((paths[book] as number) < (paths[best] as number)) best = book;
      const change = (at > 0 ? (paths[best] as number) : 0) + sectionBits;
      for (let book = 0; book < BOOKS; book++) {
        const cost = costs[row + book] as number;
        if (cost >= NEVER) {
          next[book] = NEVER;
          continue;
        }
        const stay = at > 0 ? (paths[book] as number) : NEVER;
        const stays = stay <= change;
        next[book] = (stays ? stay : change) + cost;
        this.#before[row + book] = stays ? book : best;
      }
      paths.set(next);
    }
    let book = 0;
    for (let other = 1; other < BOOKS; other++) if ((paths[other] as number) < (paths[book] as number)) book = other;
    const bits = count > 0 ? (paths[book] as number) : 0;
    for (let at = count - 1; at >= 0; at--) {
      books[first + at] = book;
      book = this.#before[at * BOOKS + book] as number;
    }
    return bits;
  }
}

/** Bits of a band's lines in each codebook that is worth a thought. */
function countBits(
  quantised: Int16Array,
  from: number,
  end: number,
  peak: number,
  costs: Int32Array,
  row: number,
): void {
  if (peak === 0) {
    costs[row] = 0;
    const quads = (end - from) >> 2;
    for (let book = 1; book <= 4; book++) costs[row + book] = quads * (ZERO_LENGTHS[book - 1] as number) + 1;
    return;
  }
  if (peak <= 1) putTwo(costs, row + 1, countSignedQuads(quantised, from, end));
  if (peak <= 2) putTwo(costs, row + 3, countQuads(quantised, from, end));
  if (peak <= 4) putTwo(costs, row + 5, countSignedPairs(quantised, from, end));
  if (peak >= 2 && peak <= 7) putTwo(costs, row + 7, countPairs(LENGTHS_7_8, 8, quantised, from, end));
  if (peak >= 4 && peak <= 12) putTwo(costs, row + 9, countPairs(LENGTHS_9_10, 13, quantised, from, end));
  if (peak >= 8) costs[row + ESCAPE_BOOK] = countEscapePairs(quantised, from, end);
}

function putTwo(costs: Int32Array, at: number, both: number): void {
  costs[at] = both & 0xffff;
  costs[at + 1] = both >>> 16;
}

function countSignedQuads(quantised: Int16Array, from: number, end: number): number {
  let sum = 0;
  for (let i = from; i < end; i += 4) {
    const index =
      27 * (quantised[i] as number) +
      9 * (quantised[i + 1] as number) +
      3 * (quantised[i + 2] as number) +
      (quantised[i + 3] as number) +
      40;
    sum += LENGTHS_1_2[index] as number;
  }
  return sum;
}

function countQuads(quantised: Int16Array, from: number, end: number): number {
  let sum = 0;
  for (let i = from; i < end; i += 4) {
    const index =
      27 * Math.abs(quantised[i] as number) +
      9 * Math.abs(quantised[i + 1] as number) +
      3 * Math.abs(quantised[i + 2] as number) +
      Math.abs(quantised[i + 3] as number);
    sum += LENGTHS_3_4[index] as number;
  }
  return sum;
}

function countSignedPairs(quantised: Int16Array, from: number, end: number): number {
  let sum = 0;
  for (let i = from; i < end; i += 2) {
    sum += LENGTHS_5_6[9 * (quantised[i] as number) + (quantised[i + 1] as number) + 40] as number;
  }
  return sum;
}

function countPairs(lengths: Int32Array, base: number, quantised: Int16Array, from: number, end: number): number {
  let sum = 0;
  for (let i = from; i < end; i += 2) {
    sum += lengths[base * Math.abs(quantised[i] as number) + Math.abs(quantised[i + 1] as number)] as number;
  }
  return sum;
}

function countEscapePairs(quantised: Int16Array, from: number, end: number): number {
  let sum = 0;
  for (let i = from; i < end; i += 2) {
    let a = Math.abs(quantised[i] as number);
    let b = Math.abs(quantised[i + 1] as number);
    if (a >= ESCAPE) {
      sum += escapeBits(a);
      a = ESCAPE;
    }
    if (b >= ESCAPE) {
      sum += escapeBits(b);
      b = ESCAPE;
    }
    sum += LENGTHS_11[17 * a + b] as number;
  }
  return sum;
}
