/** A bitmap font of 5 × 7 dots: digits, capitals and the signs that the demo pictures need. */
export const GLYPH_WIDTH = 5;
export const GLYPH_HEIGHT = 7;

/** Rows from top to bottom, 5 bits each, as two hex digits. */
const GLYPHS: Readonly<Record<string, string>> = {
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
  ':': '000c0c000c0c00',
  '.': '00000000000c0c',
  '-': '0000001f000000',
  '/': '00010204081000',
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
};

/** Whether the dot at column `x`, row `y` of `text` set in this font is on; one empty column between letters. */
export function isDot(text: string, x: number, y: number): boolean {
  const rows = GLYPHS[text[Math.floor(x / (GLYPH_WIDTH + 1))] ?? ''];
  const column = x % (GLYPH_WIDTH + 1);
  if (rows === undefined || column >= GLYPH_WIDTH || y < 0 || y >= GLYPH_HEIGHT) return false;
  return ((Number.parseInt(rows.slice(y * 2, y * 2 + 2), 16) >> (GLYPH_WIDTH - 1 - column)) & 1) === 1;
}

export function textWidth(text: string): number {
  return text.length * (GLYPH_WIDTH + 1) - 1;
}
