/**
 * What a video looks like, from the headers at an access point.
 *
 * Spec: ISO/IEC 13818-2, 6.2.2.1 Sequence header; ISO/IEC 14496-10, 7.3.2.1.1 Sequence parameter set data syntax and E.1.1
 * VUI parameters syntax.
 */
import { u8, u16be } from '#shared/mpegts/bytes.ts';
import { hasPayload, PACKET_SIZE, payloadOffset, pidAt } from '#shared/mpegts/packet.ts';
import { streamKind, type VideoCodec } from '#shared/mpegts/stream-type.ts';
import type { Ring } from './ring.ts';

export interface Ratio {
  readonly num: number;
  readonly den: number;
}

export interface VideoFormat {
  readonly codec: 'h264' | 'mpeg2';
  /** Pixels shown, without what is cropped. */
  readonly width: number;
  readonly height: number;
  /** Frames per second; of interlaced video half its fields. */
  readonly frameRate: Ratio;
  /** Width to height of a pixel. */
  readonly sampleAspect: Ratio;
}

/** Headers come first; what lies behind so many bytes is picture. */
const HEAD_BYTES = 1_024;
const DEFAULT_RATE: Ratio = { num: 25, den: 1 };
const SQUARE: Ratio = { num: 1, den: 1 };

/** Enough of a stream to hold the headers, whatever lies between their packets. */
const LOOK_BYTES = 16 * 1024;
/** Access points that are looked at before it is given up: some name none of it. */
const MAX_LOOKS = 4;

/** Tells the format of a stream once, when it has come. */
export function readVideoFormat(ring: Ring, onFormat: (format: VideoFormat) => void): void {
  let looks = 0;
  let seenAt = -1;
  const unsubscribe = ring.subscribe(() => {
    const point = ring.newestAccessPoint;
    if (ring.closed !== null) unsubscribe();
    if (point === null || point.position <= seenAt || ring.end - point.position < LOOK_BYTES) return;
    const video = ring.pmt?.streams.map(streamKind).find((kind) => kind.kind === 'video');
    const bytes = ring.read(point.position);
    if (video?.kind !== 'video' || bytes === null) return;
    seenAt = point.position;
    const format = videoFormatAt(video.codec, bytes);
    if (format !== null) onFormat(format);
    if (format !== null || ++looks >= MAX_LOOKS) unsubscribe();
  });
}

/** Reads the format at an access point: `bytes` are whole packets, the first one the video's. Null where it is not told. */
export function videoFormatAt(codec: VideoCodec, bytes: Uint8Array): VideoFormat | null {
  if (codec !== 'h264' && codec !== 'mpeg2') return null;
  const head = elementaryHead(bytes);
  for (let at = 0; at + 4 < head.length; at++) {
    if (u8(head, at) !== 0 || u8(head, at + 1) !== 0 || u8(head, at + 2) !== 1) continue;
    const code = u8(head, at + 3);
    if (codec === 'mpeg2' && code === 0xb3) return parseSequenceHeader(head.subarray(at + 4));
    if (codec === 'h264' && (code & 0x1f) === 7) return parseSequenceParameterSet(withoutEmulation(head, at + 4));
  }
  return null;
}

/** The beginning of the video's PES data. */
function elementaryHead(packets: Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  let length = 0;
  const pid = packets.length < PACKET_SIZE ? null : pidAt(packets, 0);
  for (let at = 0; at + PACKET_SIZE <= packets.length && length < HEAD_BYTES; at += PACKET_SIZE) {
    if (pidAt(packets, at) !== pid || !hasPayload(packets, at)) continue;
    const from = payloadOffset(packets, at);
    if (from === null) break;
    parts.push(packets.subarray(from, at + PACKET_SIZE));
    length += at + PACKET_SIZE - from;
  }
  const pes = Buffer.concat(parts);
  return pes.length < 9 ? Buffer.alloc(0) : pes.subarray(9 + u8(pes, 8)); // PES_header_data_length
}

/** frame_rate_code, ISO/IEC 13818-2, table 6-4. */
const FRAME_RATES: readonly (Ratio | null)[] = [
  null,
  { num: 24_000, den: 1001 },
  { num: 24, den: 1 },
  { num: 25, den: 1 },
  { num: 30_000, den: 1001 },
  { num: 30, den: 1 },
  { num: 50, den: 1 },
  { num: 60_000, den: 1001 },
  { num: 60, den: 1 },
];
/** aspect_ratio_information, table 6-3: of the picture. */
const DISPLAY_ASPECTS: readonly (Ratio | null)[] = [
  null,
  null,
  { num: 4, den: 3 },
  { num: 16, den: 9 },
  { num: 221, den: 100 },
];

function parseSequenceHeader(bytes: Uint8Array): VideoFormat | null {
  if (bytes.length < 4) return null;
  const width = (u8(bytes, 0) << 4) | (u8(bytes, 1) >> 4); // horizontal_size_value
  const height = ((u8(bytes, 1) & 0x0f) << 8) | u8(bytes, 2); // vertical_size_value
  const aspect = DISPLAY_ASPECTS[u8(bytes, 3) >> 4]; // aspect_ratio_information
  const frameRate = FRAME_RATES[u8(bytes, 3) & 0x0f]; // frame_rate_code
  if (width === 0 || height === 0 || frameRate == null) return null;
  const sampleAspect = aspect == null ? SQUARE : reduced(aspect.num * height, aspect.den * width);
  return { codec: 'mpeg2', width, height, frameRate, sampleAspect };
}

/** aspect_ratio_idc, ISO/IEC 14496-10, table E-1. */
const SAMPLE_ASPECTS: readonly (readonly [number, number])[] = [
  [1, 1],
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
];
const EXTENDED_SAR = 255;
/** profile_idc of those that tell their chroma format. */
const HIGH_PROFILES = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

function parseSequenceParameterSet(bytes: Uint8Array): VideoFormat | null {
  const bits = new Bits(bytes);
  const profile = bits.read(8); // profile_idc
  bits.read(16); // constraint flags, level_idc
  bits.unsigned(); // seq_parameter_set_id
  const chroma = HIGH_PROFILES.has(profile) ? skipHighProfile(bits) : 1;
  bits.unsigned(); // log2_max_frame_num_minus4
  skipPictureOrder(bits);
  bits.unsigned(); // max_num_ref_frames
  bits.read(1); // gaps_in_frame_num_value_allowed_flag
  const macroblocksWide = bits.unsigned() + 1; // pic_width_in_mbs_minus1
  const mapUnitsHigh = bits.unsigned() + 1; // pic_height_in_map_units_minus1
  const framesOnly = bits.read(1); // frame_mbs_only_flag
  if (framesOnly === 0) bits.read(1); // mb_adaptive_frame_field_flag
  bits.read(1); // direct_8x8_inference_flag
  const crop = bits.read(1) === 1 ? [0, 0, 0, 0].map(() => bits.unsigned()) : [0, 0, 0, 0]; // left, right, top, bottom
  const [left = 0, right = 0, top = 0, bottom = 0] = crop;
  const unitX = chroma === 1 || chroma === 2 ? 2 : 1;
  const unitY = (chroma === 1 ? 2 : 1) * (2 - framesOnly);
  const width = macroblocksWide * 16 - unitX * (left + right);
  const height = mapUnitsHigh * 16 * (2 - framesOnly) - unitY * (top + bottom);
  if (bits.isOver || width <= 0 || height <= 0) return null;
  return { codec: 'h264', width, height, ...parseVui(bits) };
}

/** chroma_format_idc; the rest of it is passed over. */
function skipHighProfile(bits: Bits): number {
  const chroma = bits.unsigned(); // chroma_format_idc
  if (chroma === 3) bits.read(1); // separate_colour_plane_flag
  bits.unsigned(); // bit_depth_luma_minus8
  bits.unsigned(); // bit_depth_chroma_minus8
  bits.read(1); // qpprime_y_zero_transform_bypass_flag
  if (bits.read(1) === 0) return chroma; // seq_scaling_matrix_present_flag
  for (let list = 0; list < (chroma === 3 ? 12 : 8); list++) {
    if (bits.read(1) === 0) continue; // seq_scaling_list_present_flag
    let last = 8;
    let next = 8;
    for (let index = 0; index < (list < 6 ? 16 : 64) && !bits.isOver; index++) {
      if (next !== 0) next = (last + bits.signed() + 256) % 256; // delta_scale
      last = next === 0 ? last : next;
    }
  }
  return chroma;
}

function skipPictureOrder(bits: Bits): void {
  const type = bits.unsigned(); // pic_order_cnt_type
  if (type === 0) bits.unsigned(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  bits.read(1); // delta_pic_order_always_zero_flag
  bits.signed(); // offset_for_non_ref_pic
  bits.signed(); // offset_for_top_to_bottom_field
  const count = bits.unsigned(); // num_ref_frames_in_pic_order_cnt_cycle
  for (let index = 0; index < count && !bits.isOver; index++) bits.signed(); // offset_for_ref_frame
}

function parseVui(bits: Bits): Pick<VideoFormat, 'frameRate' | 'sampleAspect'> {
  let sampleAspect = SQUARE;
  if (bits.read(1) === 0) return { frameRate: DEFAULT_RATE, sampleAspect }; // vui_parameters_present_flag
  if (bits.read(1) === 1) {
    const idc = bits.read(8); // aspect_ratio_idc
    const [num, den] = idc === EXTENDED_SAR ? [bits.read(16), bits.read(16)] : (SAMPLE_ASPECTS[idc] ?? [1, 1]);
    if (num > 0 && den > 0) sampleAspect = reduced(num, den);
  }
  if (bits.read(1) === 1) bits.read(1); // overscan_info_present_flag, overscan_appropriate_flag
  if (bits.read(1) === 1) {
    bits.read(4); // video_format, video_full_range_flag
    if (bits.read(1) === 1) bits.read(24); // colour_description_present_flag: primaries, transfer, matrix
  }
  if (bits.read(1) === 1) {
    bits.unsigned(); // chroma_sample_loc_type_top_field
    bits.unsigned(); // chroma_sample_loc_type_bottom_field
  }
  if (bits.read(1) === 0) return { frameRate: DEFAULT_RATE, sampleAspect }; // timing_info_present_flag
  const unitsInTick = bits.read(16) * 0x1_0000 + bits.read(16); // num_units_in_tick
  const timeScale = bits.read(16) * 0x1_0000 + bits.read(16); // time_scale
  const isTold = unitsInTick > 0 && timeScale > 0 && !bits.isOver;
  return { frameRate: isTold ? reduced(timeScale, 2 * unitsInTick) : DEFAULT_RATE, sampleAspect };
}

function reduced(num: number, den: number): Ratio {
  let [divisor, rest] = [num, den];
  while (rest !== 0) [divisor, rest] = [rest, divisor % rest];
  return { num: num / divisor, den: den / divisor };
}

/** Drops each 03 of 00 00 03. Spec: ISO/IEC 14496-10, 7.4.1.1. */
function withoutEmulation(bytes: Uint8Array, from: number): Uint8Array {
  const clean: number[] = [];
  for (let at = from; at < bytes.length; at++) {
    if (at >= from + 2 && u16be(bytes, at - 2) === 0 && u8(bytes, at) === 3) continue;
    clean.push(u8(bytes, at));
  }
  return Uint8Array.from(clean);
}

/** Reads a few dozen bits of a header; behind its end there are zeros, and `isOver` says so. */
class Bits {
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isOver(): boolean {
    return this.#position > this.#bytes.length * 8;
  }

  /** Up to 24 bits. */
  read(count: number): number {
    let value = 0;
    for (let index = 0; index < count; index++) {
      const byte = this.#bytes[this.#position >> 3] ?? 0;
      value = (value << 1) | ((byte >> (7 - (this.#position & 7))) & 1);
      this.#position++;
    }
    return value;
  }

  /** ue(v), ISO/IEC 14496-10, 9.1. */
  unsigned(): number {
    let zeros = 0;
    while (this.read(1) === 0 && zeros < 24) zeros++;
    return (1 << zeros) - 1 + this.read(zeros);
  }

  /** se(v). */
  signed(): number {
    const code = this.unsigned();
    return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
  }
}
