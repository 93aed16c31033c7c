/** What a video looks like, from the headers at an access point. */
import { h264NalType, NAL_SPS, parseH264Sps } from '#shared/codec/h264.ts';
import { parseSequenceHeader, SEQUENCE_HEADER } from '#shared/codec/mpeg2-video.ts';
import { greatestDivisor, type VideoFormat as ToldFormat } from '#shared/codec/picture.ts';
import { startCodes } from '#shared/codec/start-code.ts';
import { u8 } from '#shared/mpegts/bytes.ts';
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
  const codes = startCodes(head);
  for (const [index, at] of codes.entries()) {
    const header = at + 3;
    const end = codes[index + 1] ?? head.length;
    if (header >= end) continue;
    if (codec === 'mpeg2' && u8(head, header) === SEQUENCE_HEADER) {
      const told = parseSequenceHeader(head, at, end);
      return told === null || told.frameTicks === null ? null : { codec, ...shape(told) };
    }
    if (codec === 'h264' && h264NalType(head, header) === NAL_SPS) {
      const told = parseH264Sps(head, header, end);
      return told === null ? null : { codec, ...shape(told) };
    }
  }
  return null;
}

/** What is not told is taken to be 25 frames of square pixels. */
function shape({ width, height, aspect, frameTicks }: ToldFormat): Omit<VideoFormat, 'codec'> {
  return {
    width,
    height,
    frameRate: frameTicks === null ? DEFAULT_RATE : reduced(90_000 * TICK_PARTS, Math.round(frameTicks * TICK_PARTS)),
    sampleAspect: aspect === null ? SQUARE : reduced(aspect.width * height, aspect.height * width),
  };
}

/** Ticks of 90 kHz per frame have quarters: 3753.75 at 23.976 Hz. */
const TICK_PARTS = 100;

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

function reduced(num: number, den: number): Ratio {
  const divisor = greatestDivisor(num, den);
  return { num: num / divisor, den: den / divisor };
}
