/** Headers of HEVC video. Spec: ISO/IEC 23008-2:2020, 7.3.2.2 (SPS), 7.3.2.3 (PPS), 7.3.6.1 (slice segment header). */
import { u8 } from '../mpegts/bytes.ts';
import { BitReader } from './bit-reader.ts';
import { readU32, readUe } from './exp-golomb.ts';
import { displayAspect, type PictureType, type VideoFormat } from './picture.ts';
import { unescapeNal } from './start-code.ts';

/** nal_unit_type (table 7-1): slices are 0…31, those of pictures that need no earlier one 16…23. */
export const HEVC_VPS = 32;
export const HEVC_SPS = 33;
export const HEVC_PPS = 34;
export const HEVC_AUD = 35;
export const HEVC_PREFIX_SEI = 39;

const MAX_SIDE = 16_384;

export function hevcNalType(bytes: Uint8Array, start: number): number {
  return (u8(bytes, start) >> 1) & 0x3f; // forbidden_zero_bit, nal_unit_type
}

export function isHevcSlice(type: number): boolean {
  return type <= 9 || (type >= 16 && type <= 21);
}

export function isHevcAccessPoint(type: number): boolean {
  return type >= 16 && type <= 23; // BLA, IDR, CRA
}

/**
 * Reads seq_parameter_set_rbsp() up to the conformance window; null when it makes no sense. Samples are taken as square:
 * the VUI lies behind what takes a decoder to read.
 */
export function parseHevcSps(bytes: Uint8Array, start: number, end: number): VideoFormat | null {
  const bits = new BitReader(unescapeNal(bytes, start + 2, end));
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.read(3); // sps_max_sub_layers_minus1
  bits.skip(1); // sps_temporal_id_nesting_flag
  skipProfileTierLevel(bits, subLayers);
  readUe(bits); // sps_seq_parameter_set_id
  const chromaFormat = readUe(bits); // chroma_format_idc
  if (chromaFormat === 3) bits.skip(1); // separate_colour_plane_flag
  let width = readUe(bits); // pic_width_in_luma_samples
  let height = readUe(bits); // pic_height_in_luma_samples
  if (bits.flag()) {
    const across = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1; // SubWidthC
    const down = chromaFormat === 1 ? 2 : 1; // SubHeightC
    width -= (readUe(bits) + readUe(bits)) * across; // conf_win_left_offset, right
    height -= (readUe(bits) + readUe(bits)) * down; // top, bottom
  }
  if (bits.exhausted || width <= 0 || height <= 0 || width > MAX_SIDE || height > MAX_SIDE) return null;
  return { width, height, aspect: displayAspect(width, height, 1, 1), frameTicks: null };
}

function skipProfileTierLevel(bits: BitReader, subLayers: number): void {
  bits.skip(88 + 8); // general profile, flags and reserved bits; general_level_idc
  const present: [boolean, boolean][] = [];
  for (let layer = 0; layer < subLayers; layer++) present.push([bits.flag(), bits.flag()]);
  if (subLayers > 0) bits.skip((8 - subLayers) * 2); // reserved_zero_2bits
  for (const [profile, level] of present) bits.skip((profile ? 88 : 0) + (level ? 8 : 0));
}

/** Of a frame, in ticks of 90 kHz, as the VPS has it (7.3.2.1); null where it says nothing. */
export function parseHevcVpsTicks(bytes: Uint8Array, start: number, end: number): number | null {
  const bits = new BitReader(unescapeNal(bytes, start + 2, end));
  bits.skip(4 + 2 + 6); // vps_video_parameter_set_id, two flags, vps_max_layers_minus1
  const subLayers = bits.read(3); // vps_max_sub_layers_minus1
  bits.skip(1 + 16); // vps_temporal_id_nesting_flag, vps_reserved_0xffff_16bits
  skipProfileTierLevel(bits, subLayers);
  const all = bits.flag(); // vps_sub_layer_ordering_info_present_flag
  for (let layer = all ? 0 : subLayers; layer <= subLayers; layer++) {
    readUe(bits); // vps_max_dec_pic_buffering_minus1
    readUe(bits); // vps_max_num_reorder_pics
    readUe(bits); // vps_max_latency_increase_plus1
  }
  const maxLayer = bits.read(6); // vps_max_layer_id
  const sets = Math.min(1024, readUe(bits)); // vps_num_layer_sets_minus1
  bits.skip(sets * (maxLayer + 1)); // layer_id_included_flag
  if (!bits.flag()) return null; // vps_timing_info_present_flag
  const units = readU32(bits); // vps_num_units_in_tick
  const scale = readU32(bits); // vps_time_scale
  const ticks = scale === 0 ? 0 : (units * 90_000) / scale;
  return bits.exhausted || ticks < 300 || ticks > 90_000 ? null : ticks;
}

/** What of a PPS a slice header needs. */
export interface HevcPps {
  readonly id: number;
  readonly extraSliceBits: number;
}

export function parseHevcPps(bytes: Uint8Array, start: number, end: number): HevcPps | null {
  const bits = new BitReader(unescapeNal(bytes, start + 2, end, 32));
  const id = readUe(bits); // pps_pic_parameter_set_id
  readUe(bits); // pps_seq_parameter_set_id
  bits.skip(2); // dependent_slice_segments_enabled_flag, output_flag_present_flag
  const extraSliceBits = bits.read(3); // num_extra_slice_header_bits
  return bits.exhausted ? null : { id, extraSliceBits };
}

/** first_slice_segment_in_pic_flag of the slice whose NAL unit header lies at `start`. */
export function isFirstHevcSlice(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start > 2 && (u8(bytes, start + 2) & 0x80) !== 0;
}

const SLICE_TYPES: readonly PictureType[] = ['B', 'P', 'I'];

/** slice_type of a picture's first slice; null where its PPS is not known or the bits make no sense. */
export function hevcSliceType(
  bytes: Uint8Array,
  start: number,
  end: number,
  pps: ReadonlyMap<number, HevcPps>,
): PictureType | null {
  const type = hevcNalType(bytes, start);
  const bits = new BitReader(unescapeNal(bytes, start + 2, end, 24));
  if (!bits.flag()) return null; // first_slice_segment_in_pic_flag
  if (isHevcAccessPoint(type)) bits.skip(1); // no_output_of_prior_pics_flag
  const set = pps.get(readUe(bits)); // slice_pic_parameter_set_id
  if (set === undefined) return null;
  bits.skip(set.extraSliceBits); // slice_reserved_flag
  return SLICE_TYPES[readUe(bits)] ?? null; // slice_type
}
