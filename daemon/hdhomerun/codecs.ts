import type { AudioCodec, VideoCodec } from '#shared/mpegts/stream-type.ts';
import type { ChannelTracks } from '../streams/channel-memory.ts';

/** As the device spells them. */
export interface CodecNames {
  readonly video: string | null;
  readonly audio: string | null;
}

const VIDEO: Readonly<Partial<Record<VideoCodec, string>>> = { mpeg2: 'MPEG2', h264: 'H264', hevc: 'HEVC' };
const AUDIO: Readonly<Partial<Record<AudioCodec, string>>> = {
  'mpeg-audio': 'MPEG',
  ac3: 'AC3',
  eac3: 'EAC3',
  'aac-adts': 'AAC',
  'aac-latm': 'AAC',
};

/** What a client will find in a stream: pictures as they are broadcast, sound as its profile makes it. */
export function codecNames(tracks: ChannelTracks | null, soundBecomesAac: boolean): CodecNames {
  const video = tracks?.video[0];
  const audio = tracks?.audio[0];
  return {
    video: video === undefined ? null : (VIDEO[video] ?? null),
    audio: soundBecomesAac ? 'AAC' : audio === undefined ? null : (AUDIO[audio] ?? null),
  };
}
