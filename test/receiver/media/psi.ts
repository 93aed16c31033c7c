/** PAT and PMT of a demo service. The PAT names all programmes of the transponder, as the box sends it. */
import {
  DESCRIPTOR_AAC,
  DESCRIPTOR_AC3,
  DESCRIPTOR_CA,
  DESCRIPTOR_ENHANCED_AC3,
  DESCRIPTOR_STREAM_IDENTIFIER,
  DESCRIPTOR_SUBTITLING,
  DESCRIPTOR_TELETEXT,
  type Descriptor,
  languageDescriptor,
} from '#shared/mpegts/descriptors.ts';
import { buildPat } from '#shared/mpegts/pat.ts';
import { buildPmt, type PmtStream } from '#shared/mpegts/pmt.ts';
import {
  STREAM_AAC_LATM,
  STREAM_H264,
  STREAM_HEVC,
  STREAM_MPEG1_AUDIO,
  STREAM_MPEG2_AUDIO,
  STREAM_MPEG2_VIDEO,
  STREAM_PRIVATE_PES,
} from '#shared/mpegts/stream-type.ts';
import { asPid, asProgramNumber, asSectionVersion, type StreamType } from '#shared/mpegts/types.ts';
import { type AudioTrack, type DemoService, SERVICES } from '../lineup/services.ts';

export function patOf(service: DemoService): Buffer {
  const onTransponder = SERVICES.filter((other) => other.transponder.key === service.transponder.key);
  const programs = onTransponder.map((other) => ({
    program: asProgramNumber(other.sid),
    pmtPid: asPid(other.media.pmtPid),
  }));
  return buildPat(service.transponder.tsid, asSectionVersion(3), programs);
}

export function pmtOf(service: DemoService): Buffer {
  const { media } = service;
  const streams: PmtStream[] = [];
  if (media.video !== null) {
    streams.push(stream(videoType(media.video.id), media.video.pid, [identifier(1)]));
  }
  media.audio.forEach((track, index) => {
    streams.push(audioStream(track, index));
  });
  if (media.teletextPid !== undefined) {
    streams.push(stream(STREAM_PRIVATE_PES, media.teletextPid, [teletextDescriptor(), identifier(0x20)]));
  }
  if (media.subtitlePid !== undefined) {
    streams.push(stream(STREAM_PRIVATE_PES, media.subtitlePid, [subtitlingDescriptor(), identifier(0x30)]));
  }
  const pcrPid = asPid(media.video?.pid ?? media.audio[0]?.pid ?? 0x1fff);
  const descriptors = service.reception === 'scrambled' ? [caDescriptor(0x1833, 0x1b00)] : [];
  return buildPmt({ program: asProgramNumber(service.sid), pcrPid, descriptors, streams }, asSectionVersion(7));
}

function stream(streamType: StreamType, pid: number, descriptors: readonly Descriptor[]): PmtStream {
  return { streamType, pid: asPid(pid), descriptors };
}

function videoType(id: string): StreamType {
  if (id.startsWith('h264')) return STREAM_H264;
  return id.startsWith('hevc') ? STREAM_HEVC : STREAM_MPEG2_VIDEO;
}

function audioStream(track: AudioTrack, index: number): PmtStream {
  const common = [identifier(0x10 + index), languageDescriptor(track.language, track.audioType ?? 'undefined')];
  switch (track.id) {
    case 'mp2-1000':
      return stream(STREAM_MPEG1_AUDIO, track.pid, common);
    case 'mp2-1500':
      return stream(STREAM_MPEG2_AUDIO, track.pid, common); // boxes meet both numbers for the same coding
    case 'ac3-51-1000':
      return stream(STREAM_PRIVATE_PES, track.pid, [
        { tag: DESCRIPTOR_AC3, payload: Buffer.from([0x80, 0x44]) },
        ...common,
      ]);
    case 'ac3-20-1000':
      return stream(STREAM_PRIVATE_PES, track.pid, [
        { tag: DESCRIPTOR_AC3, payload: Buffer.from([0x80, 0x42]) },
        ...common,
      ]);
    case 'eac3-20-1000':
      return stream(STREAM_PRIVATE_PES, track.pid, [
        { tag: DESCRIPTOR_ENHANCED_AC3, payload: Buffer.from([0x80, 0xc2]) },
        ...common,
      ]);
    case 'latm-1000':
      // profile_and_level 0x51 (AAC level 2), AAC_type_flag 0
      return stream(STREAM_AAC_LATM, track.pid, [
        { tag: DESCRIPTOR_AAC, payload: Buffer.from([0x51, 0x7f]) },
        ...common,
      ]);
  }
}

/** Spec: ETSI EN 300 468, 6.2.39: component_tag. */
function identifier(tag: number): Descriptor {
  return { tag: DESCRIPTOR_STREAM_IDENTIFIER, payload: Buffer.from([tag]) };
}

/** Spec: ETSI EN 300 468, 6.2.43: language, teletext_type and magazine, page. Page 100 and subtitles on 150. */
function teletextDescriptor(): Descriptor {
  const entry = (type: number, magazine: number, page: number): number[] => [
    ...Buffer.from('deu'),
    (type << 3) | magazine,
    page,
  ];
  return { tag: DESCRIPTOR_TELETEXT, payload: Buffer.from([...entry(1, 1, 0x00), ...entry(2, 1, 0x50)]) };
}

/** Spec: ETSI EN 300 468, 6.2.41: language, subtitling_type 0x10 (no aspect ratio), composition and ancillary page. */
function subtitlingDescriptor(): Descriptor {
  return { tag: DESCRIPTOR_SUBTITLING, payload: Buffer.from([...Buffer.from('deu'), 0x10, 0, 1, 0, 1]) };
}

/** Spec: ISO/IEC 13818-1:2019, 2.6.16: CA_system_ID, reserved, CA_PID. */
function caDescriptor(system: number, pid: number): Descriptor {
  return { tag: DESCRIPTOR_CA, payload: Buffer.from([system >> 8, system & 0xff, 0xe0 | (pid >> 8), pid & 0xff]) };
}
