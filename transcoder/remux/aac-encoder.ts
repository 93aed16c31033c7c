import { LcEncoder } from '../aac/lc-encoder.ts';
import { type AacEncoderOptions, FFMPEG_AAC_ENCODERS, FfmpegAacEncoder } from '../ffmpeg/aac-encoder.ts';

/** FFmpeg's encoders, and our own, which has no look-ahead. See docs/decisions/0018-own-aac-encoder.md. */
export const AAC_ENCODERS = [...FFMPEG_AAC_ENCODERS, 'xg2g'] as const;
export type AacEncoderName = (typeof AAC_ENCODERS)[number];

/** An AAC-LC encoder, used synchronously: 1024 samples in, raw access units (no ADTS) out. */
export interface AacEncoder {
  /** Access unit k holds the input samples from `k · 1024 − priming` on. */
  readonly priming: number;
  /** Encodes 1024 samples read from each plane at `offset`. `onAccessUnit` gets views valid during the call. */
  encode(planes: readonly Float32Array[], offset: number, onAccessUnit: (bytes: Buffer) => void): void;
  /** May be called twice. */
  close(): void;
}

export interface NamedEncoderOptions extends Omit<AacEncoderOptions, 'name'> {
  readonly name: AacEncoderName;
}

/** @throws XgError `FFMPEG_NO_ENCODER`, `FFMPEG`; RangeError for what our own does not encode. */
export function openAacEncoder({ name, ...options }: NamedEncoderOptions): AacEncoder {
  return name === 'xg2g' ? new LcEncoder(options) : new FfmpegAacEncoder({ name, ...options });
}
