/**
 * What a PMT entry carries, from its stream_type and, for private data, its descriptors.
 *
 * Spec: ISO/IEC 13818-1:2019, table 2-34 Stream type assignments; ETSI EN 300 468, Annex D (AC-3), G (DTS), H (AAC).
 */
import { hex } from './bytes.ts';
import {
  DESCRIPTOR_AAC,
  DESCRIPTOR_AC3,
  DESCRIPTOR_DTS,
  DESCRIPTOR_ENHANCED_AC3,
  DESCRIPTOR_SUBTITLING,
  DESCRIPTOR_TELETEXT,
  findDescriptor,
  registrationOf,
} from './descriptors.ts';
import type { PmtStream } from './pmt.ts';
import type { StreamType } from './types.ts';

export const STREAM_MPEG1_VIDEO = 0x01 as StreamType;
export const STREAM_MPEG2_VIDEO = 0x02 as StreamType;
export const STREAM_MPEG1_AUDIO = 0x03 as StreamType;
export const STREAM_MPEG2_AUDIO = 0x04 as StreamType;
export const STREAM_PRIVATE_SECTIONS = 0x05 as StreamType;
export const STREAM_PRIVATE_PES = 0x06 as StreamType;
export const STREAM_AAC_ADTS = 0x0f as StreamType;
export const STREAM_AAC_LATM = 0x11 as StreamType;
export const STREAM_H264 = 0x1b as StreamType;
export const STREAM_HEVC = 0x24 as StreamType;
/** ATSC A/53 and the HLS authors' use: user private values. */
export const STREAM_AC3 = 0x81 as StreamType;
export const STREAM_EAC3 = 0x87 as StreamType;

export type AudioCodec = 'mpeg-audio' | 'ac3' | 'eac3' | 'aac-adts' | 'aac-latm' | 'dts';
export type VideoCodec = 'mpeg1' | 'mpeg2' | 'h264' | 'hevc';

export type StreamKind =
  | { readonly kind: 'audio'; readonly codec: AudioCodec }
  | { readonly kind: 'video'; readonly codec: VideoCodec }
  | { readonly kind: 'teletext' }
  | { readonly kind: 'subtitles' }
  | { readonly kind: 'other' };

const BY_TYPE: ReadonlyMap<number, StreamKind> = new Map<number, StreamKind>([
  [STREAM_MPEG1_VIDEO, { kind: 'video', codec: 'mpeg1' }],
  [STREAM_MPEG2_VIDEO, { kind: 'video', codec: 'mpeg2' }],
  [STREAM_MPEG1_AUDIO, { kind: 'audio', codec: 'mpeg-audio' }],
  [STREAM_MPEG2_AUDIO, { kind: 'audio', codec: 'mpeg-audio' }],
  [STREAM_AAC_ADTS, { kind: 'audio', codec: 'aac-adts' }],
  [STREAM_AAC_LATM, { kind: 'audio', codec: 'aac-latm' }],
  [STREAM_H264, { kind: 'video', codec: 'h264' }],
  [STREAM_HEVC, { kind: 'video', codec: 'hevc' }],
]);

const BY_REGISTRATION: ReadonlyMap<string, StreamKind> = new Map<string, StreamKind>([
  ['AC-3', { kind: 'audio', codec: 'ac3' }],
  ['EAC3', { kind: 'audio', codec: 'eac3' }],
  ['DTS1', { kind: 'audio', codec: 'dts' }],
  ['DTS2', { kind: 'audio', codec: 'dts' }],
  ['DTS3', { kind: 'audio', codec: 'dts' }],
  ['HEVC', { kind: 'video', codec: 'hevc' }],
]);

/** DVB puts these in PES of private data and says by descriptor what they are. */
const BY_DESCRIPTOR: readonly (readonly [number, StreamKind])[] = [
  [DESCRIPTOR_AC3, { kind: 'audio', codec: 'ac3' }],
  [DESCRIPTOR_ENHANCED_AC3, { kind: 'audio', codec: 'eac3' }],
  [DESCRIPTOR_DTS, { kind: 'audio', codec: 'dts' }],
  [DESCRIPTOR_AAC, { kind: 'audio', codec: 'aac-latm' }],
  [DESCRIPTOR_TELETEXT, { kind: 'teletext' }],
  [DESCRIPTOR_SUBTITLING, { kind: 'subtitles' }],
];

export function streamKind(stream: Pick<PmtStream, 'streamType' | 'descriptors'>): StreamKind {
  const byType = BY_TYPE.get(stream.streamType);
  if (byType !== undefined) return byType;
  const registration = registrationOf(stream.descriptors);
  if (stream.streamType === STREAM_PRIVATE_PES) {
    for (const [tag, kind] of BY_DESCRIPTOR) if (findDescriptor(stream.descriptors, tag) !== null) return kind;
  }
  const byRegistration = registration === null ? undefined : BY_REGISTRATION.get(registration);
  if (byRegistration !== undefined) return byRegistration;
  if (stream.streamType === STREAM_AC3) return { kind: 'audio', codec: 'ac3' };
  if (stream.streamType === STREAM_EAC3) return { kind: 'audio', codec: 'eac3' };
  return { kind: 'other' };
}

const TYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [STREAM_MPEG1_VIDEO, 'MPEG-1 video'],
  [STREAM_MPEG2_VIDEO, 'MPEG-2 video'],
  [STREAM_MPEG1_AUDIO, 'MPEG-1 audio'],
  [STREAM_MPEG2_AUDIO, 'MPEG-2 audio'],
  [STREAM_PRIVATE_SECTIONS, 'private sections'],
  [STREAM_PRIVATE_PES, 'private PES'],
  [STREAM_AAC_ADTS, 'AAC (ADTS)'],
  [STREAM_AAC_LATM, 'AAC (LATM)'],
  [STREAM_H264, 'H.264 video'],
  [STREAM_HEVC, 'HEVC video'],
  [STREAM_AC3, 'AC-3 (user private)'],
  [STREAM_EAC3, 'E-AC-3 (user private)'],
]);

/** `0x1b H.264 video`-style text; unknown values keep their number. */
export function describeStreamType(streamType: StreamType): string {
  return `${hex(streamType)} ${TYPE_NAMES.get(streamType) ?? 'unknown'}`;
}
