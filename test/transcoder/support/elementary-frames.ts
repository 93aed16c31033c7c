import { parseAc3Header } from '#shared/codec/ac3.ts';
import { parseAdtsHeader } from '#shared/codec/adts.ts';
import type { AudioHeaderParser } from '#shared/codec/audio-frame.ts';
import { parseLoasHeader } from '#shared/codec/loas.ts';
import { parseMpegAudioHeader } from '#shared/codec/mpeg-audio.ts';
import type { AudioCodec } from '#shared/mpegts/stream-type.ts';

export const HEADER_PARSERS: Readonly<Partial<Record<AudioCodec, AudioHeaderParser>>> = {
  'mpeg-audio': parseMpegAudioHeader,
  ac3: parseAc3Header,
  eac3: parseAc3Header,
  'aac-adts': parseAdtsHeader,
  'aac-latm': parseLoasHeader,
};

/** The frames of a faultless elementary stream, as views. @throws Error where one does not follow the other. */
export function elementaryFrames(codec: AudioCodec, stream: Buffer): Buffer[] {
  const parse = HEADER_PARSERS[codec];
  const frames: Buffer[] = [];
  for (let at = 0; at < stream.length; ) {
    const header = parse?.(stream, at, stream.length) ?? null;
    if (header === null || header === 'short') throw new Error(`no ${codec} frame at byte ${at} of ${stream.length}`);
    frames.push(stream.subarray(at, at + header.length));
    at += header.length;
  }
  return frames;
}
