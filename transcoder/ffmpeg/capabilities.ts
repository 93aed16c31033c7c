import type { FFDecoderCodec, FFEncoderCodec } from 'node-av/constants';
import { AV_LOG_FATAL } from 'node-av/constants';
import { Codec, Log } from 'node-av/lib';
import { FFMPEG_AAC_ENCODERS } from './aac-encoder.ts';

export interface FfmpegCapabilities {
  readonly decoders: string[];
  readonly encoders: string[];
}

const DECODERS = ['mp3float', 'ac3', 'eac3', 'aac', 'aac_latm'];

/** What of the codecs we use this build of FFmpeg has. */
export function ffmpegCapabilities(): FfmpegCapabilities {
  return {
    decoders: DECODERS.filter((name) => Codec.findDecoderByName(name as FFDecoderCodec) !== null),
    encoders: FFMPEG_AAC_ENCODERS.filter((name) => Codec.findEncoderByName(name as FFEncoderCodec) !== null),
  };
}

/** FFmpeg writes to stderr by itself, per bad frame; faults are counted by us instead. */
export function silenceFfmpegLog(): void {
  Log.setLevel(AV_LOG_FATAL);
}
