/** Headers of MPEG-2 (and MPEG-1) video. Spec: ISO/IEC 13818-2:2013, 6.2.2 and 6.2.3. */
import { u8, u16be, u24be, u32be } from '../mpegts/bytes.ts';
import { displayAspect, type PictureType, type VideoFormat } from './picture.ts';

export const PICTURE_START = 0x00;
export const SEQUENCE_HEADER = 0xb3;
export const EXTENSION_START = 0xb5;
export const SEQUENCE_END = 0xb7;
export const GROUP_START = 0xb8;

/** Ticks of 90 kHz by frame_rate_code (table 6-4). */
const FRAME_TICKS: readonly (number | null)[] = [null, 3753.75, 3750, 3600, 3003, 3000, 1800, 1501.5, 1500];
/** Display aspects by aspect_ratio_information (table 6-3); 1 says square samples. */
const ASPECTS: readonly ({ width: number; height: number } | null)[] = [
  null,
  null,
  { width: 4, height: 3 },
  { width: 16, height: 9 },
  { width: 221, height: 100 },
];

/** Reads sequence_header() at its start code; null when it is cut off. */
export function parseSequenceHeader(bytes: Uint8Array, offset: number, end = bytes.length): VideoFormat | null {
  if (end - offset < 12) return null;
  const size = u24be(bytes, offset + 4);
  const width = size >> 12; // horizontal_size_value
  const height = size & 0xfff; // vertical_size_value
  const codes = u8(bytes, offset + 7);
  const aspectCode = codes >> 4; // aspect_ratio_information
  const rateCode = codes & 15; // frame_rate_code
  if (width === 0 || height === 0) return null;
  const aspect = aspectCode === 1 ? displayAspect(width, height, 1, 1) : (ASPECTS[aspectCode] ?? null);
  return { width, height, aspect, frameTicks: FRAME_TICKS[rateCode] ?? null };
}

const TYPES: readonly (PictureType | null)[] = [null, 'I', 'P', 'B', 'I'];

/** picture_coding_type of the picture_header() at its start code; null for what there is none of. */
export function pictureType(bytes: Uint8Array, offset: number, end = bytes.length): PictureType | null {
  if (end - offset < 6) return null;
  const bits = u16be(bytes, offset + 4); // temporal_reference 10, picture_coding_type 3
  return TYPES[(bits >> 3) & 7] ?? null;
}

/** Whether the picture_coding_extension() at its start code is that of a field. Null: it is another extension. */
export function isFieldPicture(bytes: Uint8Array, offset: number, end = bytes.length): boolean | null {
  if (end - offset < 8 || u8(bytes, offset + 4) >> 4 !== 8) return null; // extension_start_code_identifier
  const bits = u32be(bytes, offset + 4);
  const structure = (bits >> 8) & 3; // after id 4, f_code 16, intra_dc_precision 2
  return structure !== 3; // picture_structure: 1 top field, 2 bottom field, 3 frame
}
