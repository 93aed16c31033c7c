import type { VideoFormat } from '#shared/codec/picture.ts';
import { audioRoleOf, audioTypeOf } from '#shared/mpegts/audio-role.ts';
import { u8, u16be } from '#shared/mpegts/bytes.ts';
import {
  DESCRIPTOR_SUBTITLING,
  DESCRIPTOR_TELETEXT,
  type Descriptor,
  findDescriptor,
  languageOf,
} from '#shared/mpegts/descriptors.ts';
import type { Pmt, PmtStream } from '#shared/mpegts/pmt.ts';
import { type AudioCodec, streamKind, type VideoCodec } from '#shared/mpegts/stream-type.ts';
import type { Pid } from '#shared/mpegts/types.ts';

/** `type` of a stream in subscriptionStart. */
export type HtspStreamType =
  | 'MPEG2VIDEO'
  | 'H264'
  | 'HEVC'
  | 'MPEG2AUDIO'
  | 'AC3'
  | 'EAC3'
  | 'AAC'
  | 'AACLATM'
  | 'DTS'
  | 'DVBSUB'
  | 'TELETEXT';

/** One elementary stream as clients see it. `index` is what names it in packets: 1 and up, in the order of the PMT. */
export type Track = VideoTrack | AudioTrack | SubtitleTrack | TeletextTrack;

interface TrackBase {
  readonly index: number;
  readonly pid: Pid;
  readonly type: HtspStreamType;
  /** ISO 639-2; null where the tables say nothing. */
  readonly language: string | null;
}

export interface VideoTrack extends TrackBase {
  readonly kind: 'video';
  readonly codec: VideoCodec;
  /** Null until the stream has said it. */
  readonly format: VideoFormat | null;
}

export interface AudioTrack extends TrackBase {
  readonly kind: 'audio';
  readonly codec: AudioCodec;
  /** audio_type of the ISO_639_language_descriptor: 2 for the hard of hearing, 3 audio description. */
  readonly audioType: number;
  /** Null until the first frame has come. */
  readonly sound: { readonly channels: number; readonly sampleRate: number } | null;
}

export interface SubtitleTrack extends TrackBase {
  readonly kind: 'subtitles';
  readonly compositionId: number;
  readonly ancillaryId: number;
}

export interface TeletextTrack extends TrackBase {
  readonly kind: 'teletext';
}

const VIDEO_TYPES: Readonly<Record<VideoCodec, HtspStreamType>> = {
  mpeg1: 'MPEG2VIDEO',
  mpeg2: 'MPEG2VIDEO',
  h264: 'H264',
  hevc: 'HEVC',
};

const AUDIO_TYPES: Readonly<Record<AudioCodec, HtspStreamType>> = {
  'mpeg-audio': 'MPEG2AUDIO',
  ac3: 'AC3',
  eac3: 'EAC3',
  'aac-adts': 'AAC',
  // Sent on as AAC where its frames can be wrapped anew; else under its own name.
  'aac-latm': 'AAC',
  dts: 'DTS',
};

/** More than any programme has, and than Kodi takes. */
const MAX_TRACKS = 32;

/** What of a programme clients can use, in the order of its PMT. */
export function tracksOf(pmt: Pmt): Track[] {
  const tracks: Track[] = [];
  for (const stream of pmt.streams) {
    for (const track of tracksOfStream(stream, tracks.length + 1)) {
      if (tracks.length < MAX_TRACKS) tracks.push(track);
    }
  }
  return tracks;
}

function tracksOfStream(stream: PmtStream, index: number): Track[] {
  const { pid, descriptors } = stream;
  const kind = streamKind(stream);
  const language = languageOf(descriptors)?.code ?? null;
  switch (kind.kind) {
    case 'video':
      return [{ kind: 'video', index, pid, codec: kind.codec, type: VIDEO_TYPES[kind.codec], language, format: null }];
    case 'audio': {
      const audioType = AUDIO_TYPE_CODES[audioTypeOf(audioRoleOf(descriptors))] ?? 0;
      const type = AUDIO_TYPES[kind.codec];
      return [{ kind: 'audio', index, pid, codec: kind.codec, type, language, audioType, sound: null }];
    }
    case 'subtitles':
      return subtitlesOf(descriptors).map((entry, offset) => ({
        kind: 'subtitles',
        index: index + offset,
        pid,
        type: 'DVBSUB',
        ...entry,
      }));
    case 'teletext':
      return [{ kind: 'teletext', index, pid, type: 'TELETEXT', language: teletextLanguage(descriptors) ?? language }];
    case 'other':
      return [];
  }
}

const AUDIO_TYPE_CODES: Readonly<Partial<Record<string, number>>> = {
  'clean-effects': 1,
  'hearing-impaired': 2,
  'visual-impaired-commentary': 3,
};

interface SubtitleEntry {
  readonly language: string | null;
  readonly compositionId: number;
  readonly ancillaryId: number;
}

/** Spec: ETSI EN 300 468 V1.16.1, 6.2.42 subtitling_descriptor. Several languages may share a PID. */
function subtitlesOf(descriptors: readonly Descriptor[]): SubtitleEntry[] {
  const payload = findDescriptor(descriptors, DESCRIPTOR_SUBTITLING)?.payload ?? new Uint8Array(0);
  const entries: SubtitleEntry[] = [];
  for (let at = 0; at + 8 <= payload.length; at += 8) {
    entries.push({
      language: languageCode(payload, at), // ISO_639_language_code
      compositionId: u16be(payload, at + 4), // composition_page_id
      ancillaryId: u16be(payload, at + 6), // ancillary_page_id
    });
  }
  return entries;
}

/** Spec: ETSI EN 300 468 V1.16.1, 6.2.44 teletext_descriptor. */
function teletextLanguage(descriptors: readonly Descriptor[]): string | null {
  const payload = findDescriptor(descriptors, DESCRIPTOR_TELETEXT)?.payload ?? new Uint8Array(0);
  return payload.length >= 5 ? languageCode(payload, 0) : null;
}

function languageCode(bytes: Uint8Array, at: number): string | null {
  const code = String.fromCharCode(u8(bytes, at), u8(bytes, at + 1), u8(bytes, at + 2)).toLowerCase();
  return /^[a-z]{3}$/.test(code) ? code : null;
}

/** Whether two lists tell a client the same: it must be started anew when they do not. */
export function isSamePlan(one: readonly Track[], other: readonly Track[]): boolean {
  return one.length === other.length && one.every((track, at) => planOf(track) === planOf(other[at] as Track));
}

function planOf(track: Track): string {
  const own = track.kind === 'subtitles' ? `${track.compositionId}/${track.ancillaryId}` : '';
  const codec = track.kind === 'video' || track.kind === 'audio' ? track.codec : '';
  return [track.index, track.pid, track.kind, codec, track.language ?? '', own].join(' ');
}
