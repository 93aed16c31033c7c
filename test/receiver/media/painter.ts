import { GLYPH_HEIGHT, isDot, textWidth } from './font.ts';
import { FLASH_FRAMES, FRAME_RATE, LOOP_FRAMES } from './timing.ts';

/** Where a picture is painted: YUV 4:2:0, as FFmpeg's frames have it. */
export interface Planes {
  readonly data: readonly Buffer[];
  readonly linesize: readonly number[];
}

export interface PictureFormat {
  readonly width: number;
  readonly height: number;
  /** Odd rows show the picture half a frame later. */
  readonly interlaced: boolean;
  /** In the top left corner. */
  readonly label: string;
}

const BLACK = 16;
const WHITE = 235;
const GREY = 128;

interface Plane {
  readonly width: number;
  readonly height: number;
  readonly background: Uint8Array;
  /** Rows twice as wide as the picture, periodic with its width. */
  readonly band: Uint8Array;
}

/**
 * Paints picture n of the loop: a textured band that scrolls, a square that swings, a clock of seconds and frame
 * number; at the start of each second all white. The last picture leads into the first.
 */
export class Painter {
  readonly #format: PictureFormat;
  readonly #planes: readonly Plane[];

  constructor(format: PictureFormat) {
    this.#format = format;
    this.#planes = [0, 1, 2].map((index) => makePlane(format, index));
  }

  paint(target: Planes, frame: number): void {
    const flash = frame % FRAME_RATE < FLASH_FRAMES;
    this.#planes.forEach((plane, index) => {
      const data = target.data[index] as Buffer;
      const stride = target.linesize[index] as number;
      if (flash) {
        for (let y = 0; y < plane.height; y++)
          data.fill(index === 0 ? WHITE : GREY, y * stride, y * stride + plane.width);
        return;
      }
      this.#paintMoving(plane, data, stride, frame);
    });
    if (!flash) this.#paintClock(target, frame);
  }

  #paintMoving(plane: Plane, data: Buffer, stride: number, frame: number): void {
    const { width, height } = plane;
    const bandTop = Math.floor(height * 0.72);
    const side = Math.floor(height / 6);
    const squareTop = Math.floor(height * 0.08);
    for (let y = 0; y < height; y++) {
      const time = frame + (this.#format.interlaced && y % 2 === 1 ? 0.5 : 0);
      const row = y * stride;
      if (y >= bandTop) {
        const shift = Math.floor((time * width) / (LOOP_FRAMES / 3)) % width;
        const from = (y - bandTop) * width * 2 + shift;
        data.set(plane.band.subarray(from, from + width), row);
        continue;
      }
      data.set(plane.background.subarray(y * width, (y + 1) * width), row);
      if (y < squareTop || y >= squareTop + side) continue;
      const swing = 0.5 - 0.5 * Math.cos((2 * Math.PI * time) / (LOOP_FRAMES / 6));
      const left = Math.floor(swing * (width - side));
      data.fill(plane === this.#planes[0] ? 180 : 90, row + left, row + left + side);
    }
  }

  #paintClock(target: Planes, frame: number): void {
    const { width, height, label } = this.#format;
    const digits = `${two(Math.floor(frame / FRAME_RATE))}:${two(frame % FRAME_RATE)}`;
    const scale = Math.floor(width / (textWidth(digits) + 12));
    const left = Math.floor((width - textWidth(digits) * scale) / 2);
    paintText(target, digits, left, Math.floor(height * 0.48 - (GLYPH_HEIGHT * scale) / 2), scale);
    const small = Math.max(2, Math.floor(scale / 6));
    paintText(target, label, Math.floor(width * 0.04), Math.floor(height * 0.04), small);
  }
}

const two = (value: number): string => String(value).padStart(2, '0');

/** White letters on a black ground, in luma alone. */
function paintText(target: Planes, text: string, left: number, top: number, scale: number): void {
  const data = target.data[0] as Buffer;
  const stride = target.linesize[0] as number;
  const columns = textWidth(text);
  const line = new Uint8Array((columns + 2) * scale);
  for (let row = -1; row <= GLYPH_HEIGHT; row++) {
    for (let column = -1; column <= columns; column++) {
      const on = column >= 0 && column < columns && isDot(text, column, row);
      line.fill(on ? WHITE : BLACK, (column + 1) * scale, (column + 2) * scale);
    }
    for (let y = 0; y < scale; y++) data.set(line, (top + row * scale + y) * stride + left - scale);
  }
}

function makePlane(format: PictureFormat, index: number): Plane {
  const width = index === 0 ? format.width : format.width / 2;
  const height = index === 0 ? format.height : format.height / 2;
  const background = new Uint8Array(width * height);
  const bandHeight = height - Math.floor(height * 0.72);
  const band = new Uint8Array(width * 2 * bandHeight);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const bar = Math.floor((x * 8) / width);
      const bars = index === 0 ? 60 + bar * 12 : index === 1 ? 108 + bar * 6 : 150 - bar * 6;
      background[y * width + x] = bars + (index === 0 ? Math.floor((y * 40) / height) : 0);
    }
  }
  let seed = 12_345 + index;
  for (let y = 0; y < bandHeight; y++) {
    for (let x = 0; x < width; x++) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      const wave = Math.sin((2 * Math.PI * 24 * x) / width + y / 5) * (index === 0 ? 50 : 20);
      const grain = ((seed >>> 16) % 24) - 12;
      const value = 120 + wave + (index === 0 ? grain : 0);
      band[y * width * 2 + x] = value;
      band[y * width * 2 + width + x] = value;
    }
  }
  return { width, height, background, band };
}
