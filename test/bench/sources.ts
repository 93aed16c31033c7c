import { parseAc3Header } from '#shared/codec/ac3.ts';
import type { AudioHeaderParser } from '#shared/codec/audio-frame.ts';
import { parseMpegAudioHeader } from '#shared/codec/mpeg-audio.ts';
import type { BenchMediaOptions } from './box/bench-media.ts';

export interface BenchSource extends BenchMediaOptions {
  readonly name: string;
  /** Syntax of the first track. */
  readonly parse: AudioHeaderParser;
}

/** 5 Mbit/s, H.264 and MPEG audio in stereo: an ordinary channel. */
export const MP2_SOURCE: BenchSource = { name: 'MP2', sid: 0x2ee4, bitrate: 5_000_000, parse: parseMpegAudioHeader };
/** 1080i with AC-3 5.1 and a second track in MPEG audio. */
export const AC3_SOURCE: BenchSource = { name: 'AC-3 5.1 + MP2', sid: 0x2b66, bitrate: null, parse: parseAc3Header };
