/**
 * The letters of cards: dots of our own drawing, 7 rows above the base line and 2 below it, up to 5 columns wide. Letters
 * with accents are put together from a letter and its marks, as Unicode takes them apart (UAX #15, NFD).
 */

export interface Glyph {
  /** In columns. */
  readonly width: number;
  /** By row from `ROW_TOP` on, a bit per column, the leftmost one the highest of `width`. */
  readonly rows: readonly number[];
}

/** Rows of a glyph: three above the capitals for accents, and two below the base line. */
export const GLYPH_ROWS = 12;
/** The row in which capitals begin. */
const CAPITAL_ROW = 3;
/** From line to line. */
export const LINE_ROWS = 13;
const COLUMNS = 5;
const SPACE_COLUMNS = 3;

/** Rows from the top of the capitals on, 5 bits each, as two hexadecimal digits. */
const LETTERS: Readonly<Record<string, string>> = {
  '!': '04040404040004',
  '"': '0a0a0a00000000',
  '#': '0a0a1f0a1f0a0a',
  $: '040f140e051e04',
  '%': '18190204081303',
  '&': '0c12140815120d',
  "'": '04040800000000',
  '(': '02040808080402',
  ')': '08040202020408',
  '*': '0004150e150400',
  '+': '0004041f040400',
  ',': '00000000000c0c0408',
  '-': '0000000e000000',
  '.': '00000000000c0c',
  '/': '01010204081010',
  '0': '0e11131519110e',
  '1': '040c040404040e',
  '2': '0e11010204081f',
  '3': '1f02040201110e',
  '4': '02060a121f0202',
  '5': '1f101e0101110e',
  '6': '0608101e11110e',
  '7': '1f010204080808',
  '8': '0e11110e11110e',
  '9': '0e11110f01020c',
  ':': '00000c0c000c0c',
  ';': '00000c0c000c0c0408',
  '<': '02040810080402',
  '=': '00001f001f0000',
  '>': '08040201020408',
  '?': '0e110102040004',
  '@': '0e11171517100e',
  A: '0e11111f111111',
  B: '1e11111e11111e',
  C: '0e11101010110e',
  D: '1c12111111121c',
  E: '1f10101e10101f',
  F: '1f10101e101010',
  G: '0e11101711110f',
  H: '1111111f111111',
  I: '0e04040404040e',
  J: '0702020202120c',
  K: '11121418141211',
  L: '1010101010101f',
  M: '111b1515111111',
  N: '11111915131111',
  O: '0e11111111110e',
  P: '1e11111e101010',
  Q: '0e11111115120d',
  R: '1e11111e141211',
  S: '0f10100e01011e',
  T: '1f040404040404',
  U: '1111111111110e',
  V: '11111111110a04',
  W: '1111111515150a',
  X: '11110a040a1111',
  Y: '1111110a040404',
  Z: '1f01020408101f',
  '[': '0e08080808080e',
  '\\': '10100804020101',
  ']': '0e02020202020e',
  '^': '040a1100000000',
  _: '000000000000001f',
  '`': '08040000000000',
  a: '00000e010f110f',
  b: '1010161911111e',
  c: '00000e1010110e',
  d: '01010d1311110f',
  e: '00000e111f100e',
  f: '0609081c080808',
  g: '00000f1111110f010e',
  h: '10101619111111',
  i: '04000c0404040e',
  j: '02000602020202120c',
  k: '10101214181412',
  l: '0c04040404040e',
  m: '00001a15151515',
  n: '00001619111111',
  o: '00000e1111110e',
  p: '00001e1111111e1010',
  q: '00000f1111110f0101',
  r: '00001619101010',
  s: '00000f100e011e',
  t: '08081c08080906',
  u: '0000111111130d',
  v: '00001111110a04',
  w: '0000111115150a',
  x: '0000110a040a11',
  y: '0000111111110f010e',
  z: '00001f0204081f',
  '{': '02040408040402',
  '|': '04040404040404',
  '}': '08040402040408',
  '~': '00000815020000',
  '°': '0c12120c000000',
  '²': '0c1204081e0000',
  '³': '1c020c021c0000',
  '·': '0000000c0c0000',
  '×': '00110a040a1100',
  '–': '0000001f000000',
  '…': '00000000000015',
  '„': '0000000000000a0a14',
  '«': '0000050a140a05',
  '»': '0000140a050a14',
  '€': '06091c081c0906',
  '£': '0609081c080916',
  '¡': '04000404040404',
  '¿': '0400040810110e',
  ß: '0c121214121116',
  æ: '00001a051f140b',
  Æ: '0f14141f141417',
  ø: '00000f1315191e',
  Ø: '0f13131519191e',
  œ: '00000a1517140b',
  Œ: '0f14141714140f',
  ł: '0c0405060c040e',
  Ł: '08080a0c18080f',
  đ: '0207020e12120f',
  Đ: '0e09091d09090e',
  ı: '00000c0404040e',
  ȷ: '00000602020202120c',
};

/** Marks above, from the top down: the last row is the one next to the letter. */
const MARKS_ABOVE: Readonly<Record<string, readonly number[]>> = {
  '\u0300': [0x08, 0x04],
  '\u0301': [0x02, 0x04],
  '\u0302': [0x04, 0x0a],
  '\u0303': [0x0d, 0x16],
  '\u0304': [0x0e],
  '\u0306': [0x11, 0x0e],
  '\u0307': [0x04],
  '\u0308': [0x0a],
  '\u030a': [0x04, 0x0a, 0x04],
  '\u030b': [0x05, 0x0a],
  '\u030c': [0x0a, 0x04],
};

/** Marks below the base line: cedilla, ogonek, comma. */
const MARKS_BELOW: Readonly<Record<string, readonly number[]>> = {
  '\u0326': [0x04, 0x08],
  '\u0327': [0x04, 0x08],
  '\u0328': [0x04, 0x06],
};

const SAME: Readonly<Record<string, string>> = {
  '“': '"',
  '”': '"',
  '‘': "'",
  '’': "'",
  '—': '–',
  ð: 'đ',
  '\u00a0': ' ',
};
/** For what this font does not have. */
const MISSING = [0x1f, 0x11, 0x11, 0x11, 0x11, 0x11, 0x1f];

const cache = new Map<string, Glyph>();
/** All Latin letters with their accents are fewer. */
const MAX_CACHED = 1_000;

/** The glyphs of a text, one to a letter with all its marks. */
export function glyphsOf(text: string): Glyph[] {
  const composed = text.normalize('NFC').replace(/[\p{Cc}\p{Cf}]/gu, '');
  return Array.from(composed, (letter) => {
    let glyph = cache.get(letter);
    if (glyph === undefined) {
      glyph = letter === ' ' ? { width: SPACE_COLUMNS, rows: emptyRows() } : trimmed(rowsOf(SAME[letter] ?? letter));
      if (cache.size < MAX_CACHED) cache.set(letter, glyph);
    }
    return glyph;
  });
}

/** In columns, with one empty one between letters. */
export function textColumns(text: string): number {
  return glyphsOf(text).reduce((sum, { width }) => sum + width + 1, -1);
}

function rowsOf(letter: string): number[] {
  const rows = emptyRows();
  const put = (bits: readonly number[], from: number): void => {
    for (const [index, row] of bits.entries()) rows[from + index] = (rows[from + index] ?? 0) | row;
  };
  const whole = LETTERS[letter];
  if (whole !== undefined) {
    put(bitsOf(whole), CAPITAL_ROW);
    return rows;
  }
  if (letter === ' ') return rows;
  const [base = '', ...marks] = letter.normalize('NFD');
  const hasAbove = marks.some((mark) => MARKS_ABOVE[mark] !== undefined);
  const drawn = LETTERS[hasAbove ? (DOTLESS[base] ?? base) : base];
  put(drawn === undefined ? MISSING : bitsOf(drawn), CAPITAL_ROW);
  const top = rows.findIndex((row) => row !== 0);
  for (const mark of marks) {
    const above = MARKS_ABOVE[mark];
    // One empty row between, but for the tallest: a ring stands on its capital.
    if (above !== undefined) put(above, Math.max(0, top - 1 - above.length));
    put(MARKS_BELOW[mark] ?? [], CAPITAL_ROW + 7);
  }
  return rows;
}

const DOTLESS: Readonly<Record<string, string>> = { i: 'ı', j: 'ȷ' };

const emptyRows = (): number[] => new Array<number>(GLYPH_ROWS).fill(0);

function bitsOf(text: string): number[] {
  return Array.from({ length: text.length / 2 }, (_, row) => Number.parseInt(text.slice(row * 2, row * 2 + 2), 16));
}

/** Without the empty columns at its sides. */
function trimmed(rows: readonly number[]): Glyph {
  const ink = rows.reduce((all, row) => all | row, 0);
  const right = ink === 0 ? 0 : 31 - Math.clz32(ink & -ink);
  const left = ink === 0 ? COLUMNS : 31 - Math.clz32(ink) + 1;
  return { width: left - right, rows: rows.map((row) => row >> right) };
}
