import test from 'ava';
import { glyphsOf, textColumns } from '#transcoder/video/card-font.ts';
import { paintCard } from '#transcoder/video/card-painter.ts';

interface Painted {
  readonly luma: Uint8Array;
  readonly ink: (x: number, y: number) => boolean;
}

function paint(lines: readonly string[], width = 1280, height = 720, pixelAspect = 1): Painted {
  const luma = new Uint8Array(width * height);
  const chroma = (): Uint8Array => new Uint8Array((width * height) / 4);
  paintCard(
    { planes: [luma, chroma(), chroma()], strides: [width, width / 2, width / 2] },
    { lines, width, height, pixelAspect },
  );
  return { luma, ink: (x, y) => (luma[y * width + x] ?? 0) > 180 };
}

/** The box around all ink. */
function extent(
  { ink }: Painted,
  width = 1280,
  height = 720,
): { left: number; right: number; top: number; bottom: number } {
  const box = { left: width, right: -1, top: height, bottom: -1 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!ink(x, y)) continue;
      box.left = Math.min(box.left, x);
      box.right = Math.max(box.right, x);
      box.top = Math.min(box.top, y);
      box.bottom = Math.max(box.bottom, y);
    }
  }
  return box;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:;!?-–/()[]&%+\'"²ß';
const ACCENTS =
  'ÄÖÜäöüÀÁÂÃÅàáâãåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕòóôõÙÚÛùúûÝýÿŠšŽžČčĆćŘřĚěŇňŮůĄąĘęŁłŃńŚśŹźŻżŐőŰűŞşȘșŢţĞğİıØøÆæŒœĐđ';

test('every letter of the Latin alphabets is there, and none looks like another', (t) => {
  const missing = JSON.stringify(glyphsOf('漢')[0]);
  const seen = new Map<string, string>();
  for (const letter of LETTERS + ACCENTS) {
    const shape = JSON.stringify(glyphsOf(letter)[0]);
    t.not(shape, missing, letter);
    // Cedilla and comma below are drawn alike.
    if ('ȘșŢţ'.includes(letter)) continue;
    t.is(seen.get(shape), undefined, `${letter} looks like ${seen.get(shape)}`);
    seen.set(shape, letter);
  }
});

test('a letter and its mark are one glyph, however they are written; what cannot be seen takes no room', (t) => {
  t.is(glyphsOf('u\u0308').length, 1);
  t.deepEqual(glyphsOf('u\u0308'), glyphsOf('ü'));
  t.is(textColumns('a\u0086b\u0087'), textColumns('ab'));
});

test('words stay inside the part of the picture that every television shows', (t) => {
  const box = extent(paint(['Ünderwässer', 'W'.repeat(400), `${'many words '.repeat(300)}end`]));
  t.true(box.left >= 1280 * 0.08 - 2 && box.right <= 1280 * 0.92 + 2, JSON.stringify(box));
  t.true(box.top >= 720 * 0.05 && box.bottom <= 720 * 0.93, JSON.stringify(box));
});

test('letters of a picture with wide pixels are as wide as those of one with square ones', (t) => {
  const square = extent(paint(['x', 'HHHH']));
  const wide = extent(paint(['x', 'HHHH'], 720, 576, 64 / 45), 720, 576);
  const widthOf = (box: { left: number; right: number }, pixel: number, height: number): number =>
    ((box.right - box.left) * pixel) / height;
  t.true(Math.abs(widthOf(square, 1, 720) - widthOf(wide, 64 / 45, 576)) < 0.01);
});

test('more lines than there is room for end with a sign that there were more', (t) => {
  const few = extent(paint(['Heading', 'one', 'two']));
  const many = extent(paint(['Heading', ...Array.from({ length: 60 }, (_, index) => `line ${index}`)]));
  t.true(many.bottom > few.bottom && many.bottom < 720 * 0.93);
});
