/**
 * DVB subtitles: every two seconds a box with the second's number, in a display set that needs no other.
 *
 * Spec: ETSI EN 300 743, 7.1 (PES data field) and 7.2 (segments).
 */
import { GLYPH_HEIGHT, isDot, textWidth } from './font.ts';
import { LOOP_SECONDS } from './timing.ts';
import type { Pes } from './track-packets.ts';

const EVERY_SECONDS = 2;
const PAGE = 1;
const REGION = 1;
const CLUT = 1;
const OBJECT = 1;
const SCALE = 4;
const WIDTH = 320;
const HEIGHT = (GLYPH_HEIGHT + 4) * SCALE;

export function dvbSubtitlePes(): Pes[] {
  return Array.from({ length: LOOP_SECONDS / EVERY_SECONDS }, (_, index): Pes => {
    const second = index * EVERY_SECONDS;
    const pts = second * 90_000;
    const data = displaySet(`SEKUNDE ${String(second).padStart(2, '0')}`, index & 15);
    return { data, streamId: 0xbd, pts, dts: pts, key: false, aligned: true, unbounded: false };
  });
}

function displaySet(text: string, version: number): Buffer {
  return Buffer.concat([
    Buffer.from([0x20, 0x00]), // data_identifier, subtitle_stream_id
    segment(0x10, [3, (version << 4) | (2 << 2) | 3, REGION, 0xff, ...u16(200), ...u16(480)]), // page composition
    segment(0x11, regionComposition(version)),
    segment(0x12, clutDefinition(version)),
    segment(0x13, objectData(text, version)),
    segment(0x80, []), // end of display set
    Buffer.from([0xff]), // end_of_PES_data_field_marker
  ]);
}

function segment(type: number, body: readonly number[]): Buffer {
  return Buffer.from([0x0f, type, ...u16(PAGE), ...u16(body.length), ...body]); // sync_byte, segment_type, page_id …
}

function regionComposition(version: number): number[] {
  return [
    REGION,
    (version << 4) | 0x08 | 0x07, // region_version_number, region_fill_flag 1, reserved
    ...u16(WIDTH),
    ...u16(HEIGHT),
    (1 << 5) | (1 << 2) | 3, // region_level_of_compatibility 2 bit, region_depth 2 bit, reserved
    CLUT,
    0, // region_8-bit_pixel_code
    (0 << 4) | (1 << 2) | 3, // 4-bit code, 2-bit code: background, reserved
    ...u16(OBJECT),
    ...u16(0x0000), // object_type bitmap, provider 0, horizontal position 0
    ...u16(0xf000), // reserved, vertical position 0
  ];
}

/** Entry 0 transparent, 1 black, 2 white. */
function clutDefinition(version: number): number[] {
  const entry = (id: number, y: number, transparency: number): number[] => [id, 0x80 | 0x1f, y, 128, 128, transparency];
  return [CLUT, (version << 4) | 0x0f, ...entry(0, 0, 255), ...entry(1, 16, 0), ...entry(2, 235, 0)];
}

function objectData(text: string, version: number): number[] {
  const fields: [number[], number[]] = [[], []];
  const left = Math.floor((WIDTH / SCALE - textWidth(text)) / 2);
  for (let y = 0; y < HEIGHT; y++) {
    const pixels = Array.from({ length: WIDTH }, (_, x) => {
      const column = Math.floor(x / SCALE) - left;
      return column >= 0 && column < textWidth(text) && isDot(text, column, Math.floor(y / SCALE) - 2) ? 2 : 1;
    });
    const field = fields[(y % 2) as 0 | 1];
    field.push(0x10, ...runLengths(pixels), 0xf0); // data_type 2-bit pixels … end of object line
  }
  return [
    ...u16(OBJECT),
    (version << 4) | 0x01, // object_version_number, object_coding_method pixels, non_modifying_colour 0
    ...u16(fields[0].length),
    ...u16(fields[1].length),
    ...fields[0],
    ...fields[1],
  ];
}

/** 2-bit/pixel_code_string: runs of 12…27 and 29…284, single pixels otherwise. Colours here are never 0. */
function runLengths(pixels: readonly number[]): number[] {
  const bits: number[] = [];
  const put = (value: number, count: number): void => {
    for (let bit = count - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  };
  for (let at = 0; at < pixels.length; ) {
    const colour = pixels[at] as number;
    let run = 1;
    while (at + run < pixels.length && pixels[at + run] === colour) run++;
    if (run >= 29) {
      run = Math.min(run, 284);
      put(0b0000_11, 6); // 00, switch_1 0, switch_2 0, switch_3 3: run of 29…284
      put(run - 29, 8);
      put(colour, 2);
    } else if (run >= 12) {
      run = Math.min(run, 27);
      put(0b0000_10, 6); // switch_3 2: run of 12…27
      put(run - 12, 4);
      put(colour, 2);
    } else {
      run = 1;
      put(colour, 2);
    }
    at += run;
  }
  put(0b0000_00, 6); // end of 2-bit/pixel_code_string
  while (bits.length % 8 !== 0) bits.push(0);
  const bytes: number[] = [];
  for (let at = 0; at < bits.length; at += 8) {
    bytes.push(bits.slice(at, at + 8).reduce((value, bit) => (value << 1) | bit, 0));
  }
  return bytes;
}

function u16(value: number): number[] {
  return [value >> 8, value & 0xff];
}
