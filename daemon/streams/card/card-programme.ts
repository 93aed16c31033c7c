import type { CardMake } from '#shared/ipc/card.ts';
import { languagesOf } from '#shared/mpegts/descriptors.ts';
import { isSameLanguage } from '#shared/mpegts/language.ts';
import type { Pmt, PmtStream } from '#shared/mpegts/pmt.ts';
import { serviceDescriptor } from '#shared/mpegts/sdt.ts';
import {
  type AudioCodec,
  STREAM_AAC_ADTS,
  STREAM_H264,
  STREAM_MPEG2_VIDEO,
  streamKind,
} from '#shared/mpegts/stream-type.ts';
import { asPid, asProgramNumber, type Pid } from '#shared/mpegts/types.ts';
import type { KnownProgram } from '../known-programs.ts';
import type { StreamVariant } from '../profiles.ts';
import type { SourceService } from '../source-stream.ts';
import type { VideoFormat } from '../video-format.ts';
import type { CardProgramme } from './card-muxer.ts';

/** What a card of a channel is made of: as much like the channel itself as is known. */
export interface CardPlan {
  /** For the transcoder; the words come with each card. */
  readonly make: Omit<CardMake, 'lines'>;
  readonly programme: CardProgramme;
  /** Made after the channel's tables of last time. */
  readonly isKnown: boolean;
}

export interface CardPlanInput {
  readonly service: SourceService;
  readonly variant: StreamVariant;
  /** Its tables of last time; null for a channel not seen before. */
  readonly known: KnownProgram | null;
  readonly format: VideoFormat | null;
}

const DEFAULT_FORMATS: Readonly<Record<CardMake['codec'], VideoFormat>> = {
  h264: {
    codec: 'h264',
    width: 1280,
    height: 720,
    frameRate: { num: 25, den: 1 },
    sampleAspect: { num: 1, den: 1 },
  },
  mpeg2: {
    codec: 'mpeg2',
    width: 720,
    height: 576,
    frameRate: { num: 25, den: 1 },
    sampleAspect: { num: 64, den: 45 },
  },
};
const VIDEO_TYPES = { h264: STREAM_H264, mpeg2: STREAM_MPEG2_VIDEO } as const;
/** Where nothing is known of the channel. */
const PIDS = { pmt: asPid(0x0100), video: asPid(0x0101), audio: asPid(0x0102) };
const SILENCES: Readonly<Partial<Record<AudioCodec, CardMake['audio']>>> = {
  'mpeg-audio': 'mp2',
  ac3: 'ac3',
  eac3: 'eac3',
  'aac-adts': 'aac',
};
const PES_AUDIO = 0xc0;
/** stream_id of private_stream_1, in which DVB puts AC-3. Spec: ETSI TS 101 154, annex F. */
const PES_PRIVATE = 0xbd;
const TELEVISION = 0x01;

/**
 * Same programme number, same PIDs, same codecs, same size: players that never look at a PMT twice can stay when the channel
 * takes the card's place.
 */
export function planCard({ service, variant, known, format }: CardPlanInput): CardPlan {
  const streams = known?.pmt.streams ?? [];
  const knownVideo = streams.find((stream) => streamKind(stream).kind === 'video');
  const kind = knownVideo === undefined ? null : streamKind(knownVideo);
  const codec = kind?.kind === 'video' && (kind.codec === 'mpeg2' || kind.codec === 'h264') ? kind.codec : 'h264';
  const picture = format !== null && format.codec === codec && isMakeable(format) ? format : DEFAULT_FORMATS[codec];
  const video: PmtStream = {
    streamType: VIDEO_TYPES[codec],
    pid: knownVideo?.pid ?? PIDS.video,
    descriptors:
      knownVideo !== undefined && kind?.kind === 'video' && kind.codec === codec ? knownVideo.descriptors : [],
  };
  const { stream: audio, silence } = planSound(streams, variant, video.pid);
  const program = known?.pmt.program ?? asProgramNumber(service.program ?? 1);
  const pmt: Pmt = { program, pcrPid: video.pid, descriptors: [], streams: [video, audio] };
  const transportStreamId = known?.transportStreamId ?? 1;
  const description = { serviceType: TELEVISION, provider: 'xg2g', name: service.name };
  return {
    isKnown: known !== null,
    make: {
      codec,
      width: picture.width,
      height: picture.height,
      frameRate: picture.frameRate,
      sampleAspect: picture.sampleAspect,
      audio: silence,
    },
    programme: {
      pmt,
      pmtPid: known?.pmtPid ?? PIDS.pmt,
      transportStreamId,
      sdt: {
        transportStreamId,
        originalNetworkId: service.originalNetworkId,
        services: [{ service: program, descriptors: [serviceDescriptor(description)] }],
      },
      videoPid: video.pid,
      audioPid: audio.pid,
      audioStreamId: silence === 'ac3' || silence === 'eac3' ? PES_PRIVATE : PES_AUDIO,
      frameRate: picture.frameRate,
    },
  };
}

/** Whether a player that keeps its decoders as they are can go on from a card to the channel. */
export function fitsChannel(
  { programme, isKnown }: Pick<CardPlan, 'programme' | 'isKnown'>,
  channel: Pick<Pmt, 'program' | 'streams'>,
): boolean {
  if (!isKnown || channel.program !== programme.pmt.program) return false;
  return programme.pmt.streams.every((stream) => {
    const kind = streamKind(stream);
    const there = channel.streams.find(({ pid }) => pid === stream.pid);
    if (there === undefined || kind.kind === 'other') return false;
    const other = streamKind(there);
    return 'codec' in kind && 'codec' in other && kind.codec === other.codec;
  });
}

/** The first track that the variant keeps, in the codec that it comes out in. */
function planSound(
  streams: readonly PmtStream[],
  { audio }: StreamVariant,
  videoPid: Pid,
): { stream: PmtStream; silence: CardMake['audio'] } {
  const tracks = streams.filter((stream) => streamKind(stream).kind === 'audio');
  const language = audio?.language?.split('-')[0];
  const wanted =
    language === undefined
      ? undefined
      : tracks.find(({ descriptors }) => languagesOf(descriptors).some(({ code }) => isSameLanguage(code, language)));
  const track = wanted ?? tracks[0];
  const kind = track === undefined ? null : streamKind(track);
  const untouched = audio === null || audio.mode === 'pass';
  const silence = untouched && kind?.kind === 'audio' ? SILENCES[kind.codec] : undefined;
  if (track !== undefined && silence !== undefined) return { stream: track, silence };
  const free = PIDS.audio === videoPid ? asPid(PIDS.audio + 1) : PIDS.audio;
  const { pid, descriptors } = track ?? { pid: free, descriptors: [] };
  return { stream: { streamType: STREAM_AAC_ADTS, pid, descriptors: descriptors.filter(isLanguage) }, silence: 'aac' };
}

/** ISO_639_language_descriptor: what else a track says of itself is about another codec. */
const isLanguage = ({ tag }: { readonly tag: number }): boolean => tag === 0x0a;

/** Within what `card.make` takes. */
function isMakeable({ width, height, frameRate, sampleAspect }: VideoFormat): boolean {
  const rate = frameRate.num / frameRate.den;
  return (
    width % 2 === 0 &&
    height % 2 === 0 &&
    width >= 320 &&
    width <= 1920 &&
    height >= 240 &&
    height <= 1088 &&
    rate >= 10 &&
    rate <= 60 &&
    Math.max(frameRate.num, frameRate.den) <= 120_000 &&
    Math.max(sampleAspect.num, sampleAspect.den) <= 1_000
  );
}
