/** Headers of H.264 video. Spec: ISO/IEC 14496-10:2020, 7.3.2.1.1 (SPS), 7.3.3 (slice header), E.1.1 (VUI). */
import { u8 } from '../mpegts/bytes.ts';
import { BitReader } from './bit-reader.ts';
import { readSe, readU32, readUe } from './exp-golomb.ts';
import { ASPECT_EXTENDED, displayAspect, type PictureType, SAMPLE_ASPECTS, type VideoFormat } from './picture.ts';
import { unescapeNal } from './start-code.ts';

/** nal_unit_type (table 7-1). */
export const NAL_SLICE = 1;
export const NAL_IDR = 5;
export const NAL_SEI = 6;
export const NAL_SPS = 7;
export const NAL_PPS = 8;
export const NAL_AUD = 9;

export interface H264Sps extends VideoFormat {
  readonly frameNumBits: number;
  readonly frameMbsOnly: boolean;
  readonly separateColourPlanes: boolean;
}

const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);
/** Larger pictures than any level has: a broken header. */
const MAX_SIDE = 16_384;

/** Reads seq_parameter_set_rbsp() of the NAL unit whose header byte lies at `start`; null when it makes no sense. */
export function parseH264Sps(bytes: Uint8Array, start: number, end: number): H264Sps | null {
  const bits = new BitReader(unescapeNal(bytes, start + 1, end));
  const profile = bits.read(8); // profile_idc
  bits.skip(16); // constraint_set flags, reserved_zero_2bits, level_idc
  readUe(bits); // seq_parameter_set_id
  let chromaFormat = 1;
  let separateColourPlanes = false;
  if (HIGH_PROFILES.has(profile)) {
    chromaFormat = readUe(bits); // chroma_format_idc
    if (chromaFormat === 3) separateColourPlanes = bits.flag(); // separate_colour_plane_flag
    readUe(bits); // bit_depth_luma_minus8
    readUe(bits); // bit_depth_chroma_minus8
    bits.skip(1); // qpprime_y_zero_transform_bypass_flag
    if (bits.flag()) skipScalingLists(bits, chromaFormat === 3 ? 12 : 8); // seq_scaling_matrix_present_flag
  }
  const frameNumBits = readUe(bits) + 4; // log2_max_frame_num_minus4
  skipPictureOrder(bits);
  readUe(bits); // max_num_ref_frames
  bits.skip(1); // gaps_in_frame_num_value_allowed_flag
  const widthMbs = readUe(bits) + 1; // pic_width_in_mbs_minus1
  const heightUnits = readUe(bits) + 1; // pic_height_in_map_units_minus1
  const frameMbsOnly = bits.flag(); // frame_mbs_only_flag
  if (!frameMbsOnly) bits.skip(1); // mb_adaptive_frame_field_flag
  bits.skip(1); // direct_8x8_inference_flag
  let width = widthMbs * 16;
  let height = heightUnits * 16 * (frameMbsOnly ? 1 : 2);
  if (bits.flag()) {
    const across = chromaFormat === 1 || chromaFormat === 2 ? 2 : 1; // CropUnitX
    const down = (chromaFormat === 1 ? 2 : 1) * (frameMbsOnly ? 1 : 2); // CropUnitY
    width -= (readUe(bits) + readUe(bits)) * across; // frame_crop_left_offset, right
    height -= (readUe(bits) + readUe(bits)) * down; // top, bottom
  }
  const isSane = width > 0 && height > 0 && width <= MAX_SIDE && height <= MAX_SIDE && frameNumBits <= 16;
  if (!isSane || bits.exhausted) return null;
  const vui = bits.flag() ? readVui(bits) : NO_VUI; // vui_parameters_present_flag
  const [sarWidth, sarHeight] = vui.sampleAspect;
  const aspect = displayAspect(width, height, sarWidth, sarHeight);
  return { width, height, aspect, frameTicks: vui.frameTicks, frameNumBits, frameMbsOnly, separateColourPlanes };
}

const NO_VUI = { sampleAspect: [0, 0] as readonly [number, number], frameTicks: null as number | null };

function skipPictureOrder(bits: BitReader): void {
  const type = readUe(bits); // pic_order_cnt_type
  if (type === 0) readUe(bits); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  bits.skip(1); // delta_pic_order_always_zero_flag
  readSe(bits); // offset_for_non_ref_pic
  readSe(bits); // offset_for_top_to_bottom_field
  const count = Math.min(255, readUe(bits)); // num_ref_frames_in_pic_order_cnt_cycle
  for (let index = 0; index < count; index++) readSe(bits); // offset_for_ref_frame
}

function skipScalingLists(bits: BitReader, count: number): void {
  for (let list = 0; list < count; list++) {
    if (!bits.flag()) continue; // seq_scaling_list_present_flag
    let last = 8;
    let next = 8;
    for (let index = 0; index < (list < 6 ? 16 : 64) && next !== 0; index++) {
      next = (last + readSe(bits) + 256) & 0xff; // delta_scale
      last = next === 0 ? last : next;
    }
  }
}

function readVui(bits: BitReader): typeof NO_VUI {
  let sampleAspect: readonly [number, number] = [0, 0];
  if (bits.flag()) {
    const idc = bits.read(8); // aspect_ratio_idc
    sampleAspect = idc === ASPECT_EXTENDED ? [bits.read(16), bits.read(16)] : (SAMPLE_ASPECTS[idc] ?? [0, 0]);
  }
  if (bits.flag()) bits.skip(1); // overscan_info_present_flag, overscan_appropriate_flag
  if (bits.flag()) {
    bits.skip(4); // video_format, video_full_range_flag
    if (bits.flag()) bits.skip(24); // colour_description
  }
  if (bits.flag()) {
    readUe(bits); // chroma_sample_loc_type_top_field
    readUe(bits); // chroma_sample_loc_type_bottom_field
  }
  let frameTicks: number | null = null;
  if (bits.flag()) {
    const units = readU32(bits); // num_units_in_tick, of a field
    const scale = readU32(bits); // time_scale
    const ticks = scale === 0 ? 0 : (units * 2 * 90_000) / scale;
    if (ticks >= 300 && ticks <= 90_000) frameTicks = ticks;
  }
  return bits.exhausted ? NO_VUI : { sampleAspect, frameTicks };
}

/** What the first bits of a slice say. */
export interface H264Slice {
  readonly firstMb: number;
  readonly type: PictureType;
  /** A field's; without an SPS that is not to be seen: false. */
  readonly isField: boolean;
}

/** slice_type modulo 5 (table 7-6): P, B, I, SP, SI. */
const SLICE_TYPES: readonly PictureType[] = ['P', 'B', 'I', 'P', 'I'];

/** Reads the start of slice_header() of the NAL unit whose header byte lies at `start`; null when it is cut off. */
export function parseH264Slice(bytes: Uint8Array, start: number, end: number, sps: H264Sps | null): H264Slice | null {
  const bits = new BitReader(unescapeNal(bytes, start + 1, end, 24));
  const firstMb = readUe(bits); // first_mb_in_slice
  const type = SLICE_TYPES[readUe(bits) % 5]; // slice_type
  readUe(bits); // pic_parameter_set_id
  let isField = false;
  if (sps !== null && !sps.frameMbsOnly) {
    if (sps.separateColourPlanes) bits.skip(2); // colour_plane_id
    bits.skip(sps.frameNumBits); // frame_num
    isField = bits.flag(); // field_pic_flag
  }
  return type === undefined || bits.exhausted ? null : { firstMb, type, isField };
}

/** Pictures that an SPS in front of them makes a place to begin. */
export const H264_ENTRY_TYPES: ReadonlySet<PictureType> = new Set(['I']);

export function h264NalType(bytes: Uint8Array, start: number): number {
  return u8(bytes, start) & 0x1f; // nal_unit_type
}
