import { GLYPH_ROWS, type Glyph, glyphsOf, LINE_ROWS, textColumns } from './card-font.ts';

/** Where a picture is painted: YUV 4:2:0, limited range, a stride per plane. */
export interface PictureMemory {
  readonly planes: readonly Uint8Array[];
  readonly strides: readonly number[];
}

export interface CardPicture {
  readonly lines: readonly string[];
  readonly width: number;
  readonly height: number;
  /** Width of a pixel by its height. */
  readonly pixelAspect: number;
}

const INK = 225;
/** A dark blue, lighter at the top. */
const GROUND_TOP = 52;
const GROUND_BOTTOM = 28;
const GROUND_U = 146;
const GROUND_V = 122;
const STRIPE = { y: 150, u: 72, v: 168 };
/** Televisions cut off the edges. */
const MARGIN = 0.08;
/** Dots of the heading and of the text by the picture's height. */
const HEADING_DOTS = 1 / 120;
const TEXT_DOTS = 1 / 185;
const SMALLEST_TEXT = 0.6;
const SHRINK = 0.9;
/** A dot's edge: below one half, so that slanting lines hold together. */
const EDGE = 0.42;

interface Row {
  readonly text: string;
  /** Pixels per dot, downwards. */
  readonly scale: number;
}

/** Paints words on a plain ground. Too long a text is set smaller, then cut. */
export function paintCard(target: PictureMemory, picture: CardPicture): void {
  paintGround(target, picture);
  const { height, width } = picture;
  const left = Math.round(width * MARGIN);
  let top = height * MARGIN;
  for (const row of layOut(picture)) {
    if (row.text !== '') paintText(target, picture, row, left, Math.round(top));
    top += row.scale * (row.text === '' ? LINE_ROWS / 2 : LINE_ROWS);
  }
}

function layOut({ lines, width, height, pixelAspect }: CardPicture): Row[] {
  const [heading = '', ...text] = lines;
  const room = { width: width * (1 - 2 * MARGIN) * pixelAspect, height: height * (1 - 2 * MARGIN) };
  for (let shrink = 1; ; shrink *= SHRINK) {
    const set = (line: string, scale: number): Row[] =>
      wrap(line, Math.floor(room.width / scale)).map((part) => ({ text: part, scale }));
    const rows = [
      ...set(heading, height * HEADING_DOTS * Math.max(shrink, 0.8)),
      { text: '', scale: height * HEADING_DOTS },
      ...text.flatMap((line) => set(line, height * TEXT_DOTS * shrink)),
    ];
    const needed = rows.reduce((sum, row) => sum + row.scale * (row.text === '' ? LINE_ROWS / 2 : LINE_ROWS), 0);
    if (needed <= room.height || shrink <= SMALLEST_TEXT) return cut(rows, room.height);
  }
}

function cut(rows: readonly Row[], height: number): Row[] {
  let used = 0;
  const fitting = rows.filter((row) => {
    used += row.scale * (row.text === '' ? LINE_ROWS / 2 : LINE_ROWS);
    return used <= height;
  });
  const last = fitting.at(-1);
  if (fitting.length === rows.length || last === undefined) return fitting;
  return [...fitting.slice(0, -1), { ...last, text: '…' }];
}

/** Breaks at spaces; a word longer than a line is broken where the line ends. */
function wrap(line: string, columns: number): string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of line.split(' ')) {
    const longer = row === '' ? word : `${row} ${word}`;
    if (textColumns(longer) <= columns) {
      row = longer;
      continue;
    }
    if (row !== '') rows.push(row);
    row = word;
    while (textColumns(row) > columns && row.length > 1) {
      let length = row.length - 1;
      while (length > 1 && textColumns(row.slice(0, length)) > columns) length--;
      rows.push(row.slice(0, length));
      row = row.slice(length);
    }
  }
  return [...rows, row];
}

function paintGround({ planes, strides }: PictureMemory, { width, height }: CardPicture): void {
  const [luma, u, v] = planes;
  const stripe = Math.max(2, Math.round(width * 0.012)) & ~1;
  for (let y = 0; y < height; y++) {
    const row = y * (strides[0] as number);
    const shade = GROUND_TOP + Math.round(((GROUND_BOTTOM - GROUND_TOP) * y) / height);
    luma?.fill(shade, row, row + width);
    luma?.fill(STRIPE.y, row, row + stripe);
  }
  for (let y = 0; y < height / 2; y++) {
    for (const [plane, ground, accent, index] of [
      [u, GROUND_U, STRIPE.u, 1],
      [v, GROUND_V, STRIPE.v, 2],
    ] as const) {
      const row = y * (strides[index] as number);
      plane?.fill(ground, row, row + width / 2);
      plane?.fill(accent, row, row + stripe / 2);
    }
  }
}

function paintText(target: PictureMemory, picture: CardPicture, row: Row, left: number, top: number): void {
  const scaleX = row.scale / picture.pixelAspect;
  let column = 0;
  for (const glyph of glyphsOf(row.text)) {
    paintGlyph(target, picture, glyph, { left: left + column * scaleX, top, scaleX, scaleY: row.scale });
    column += glyph.width + 1;
  }
}

interface Place {
  readonly left: number;
  readonly top: number;
  readonly scaleX: number;
  readonly scaleY: number;
}

/** Dots are read as a surface between their middles and cut at one height: letters come out round and with soft edges. */
function paintGlyph(target: PictureMemory, picture: CardPicture, glyph: Glyph, place: Place): void {
  const luma = target.planes[0] as Uint8Array;
  const stride = target.strides[0] as number;
  const { left, top, scaleX, scaleY } = place;
  const softness = 0.7 / Math.min(scaleX, scaleY);
  const toX = Math.min(picture.width, Math.ceil(left + (glyph.width + 1) * scaleX));
  const toY = Math.min(picture.height, Math.ceil(top + (GLYPH_ROWS + 1) * scaleY));
  for (let y = Math.max(0, Math.floor(top - scaleY)); y < toY; y++) {
    const v = (y + 0.5 - top) / scaleY - 0.5;
    const v0 = Math.floor(v);
    const upper = glyph.rows[v0] ?? 0;
    const lower = glyph.rows[v0 + 1] ?? 0;
    if ((upper | lower) === 0) continue;
    for (let x = Math.max(0, Math.floor(left - scaleX)); x < toX; x++) {
      const u = (x + 0.5 - left) / scaleX - 0.5;
      const u0 = Math.floor(u);
      const height = mix(
        mix(dot(upper, glyph.width, u0), dot(upper, glyph.width, u0 + 1), u - u0),
        mix(dot(lower, glyph.width, u0), dot(lower, glyph.width, u0 + 1), u - u0),
        v - v0,
      );
      const cover = Math.min(1, Math.max(0, (height - EDGE) / softness + 0.5));
      if (cover === 0) continue;
      const at = y * stride + x;
      luma[at] = Math.round(mix(luma[at] as number, INK, cover));
    }
  }
}

function dot(row: number, width: number, column: number): number {
  return column < 0 || column >= width ? 0 : (row >> (width - 1 - column)) & 1;
}

const mix = (from: number, to: number, share: number): number => from + (to - from) * share;
