import type { AacEncoderChoice } from '#shared/ipc/control.ts';
import { LcEncoder } from '../aac/lc-encoder.ts';
import {
  type AacEncoderOptions,
  bestAacEncoder,
  FFMPEG_AAC_ENCODERS,
  FfmpegAacEncoder,
} from '../ffmpeg/aac-encoder.ts';

/** FFmpeg's encoders, and our own, which has no look-ahead. See docs/decisions/0018-own-aac-encoder.md. */
export const AAC_ENCODERS = [...FFMPEG_AAC_ENCODERS, 'xg2g'] as const;
export type AacEncoderName = (typeof AAC_ENCODERS)[number];

/** Bits per second and full channel from which on our own is as good as FFmpeg's. */
const AMPLE_BITRATE = 96_000;

/** An AAC-LC encoder, used synchronously: 1024 samples in, raw access units (no ADTS) out. */
export interface AacEncoder {
  /** Access unit k holds the input samples from `k · 1024 − priming` on. */
  readonly priming: number;
  /** Encodes 1024 samples read from each plane at `offset`. `onAccessUnit` gets views valid during the call. */
  encode(planes: readonly Float32Array[], offset: number, onAccessUnit: (bytes: Buffer) => void): void;
  /** May be called twice. */
  close(): void;
}

export interface ChosenEncoderOptions extends Omit<AacEncoderOptions, 'name'> {
  readonly choice: AacEncoderChoice;
}

/**
 * What a choice comes to for so many channels (six are 5.1: the LFE is none that takes bits) at so many bits per second
 * over all of them. @throws XgError `FFMPEG_NO_ENCODER`
 */
export function chooseAacEncoder({
  choice,
  channels,
  bitrate,
}: Pick<ChosenEncoderOptions, 'choice' | 'channels' | 'bitrate'>): AacEncoderName {
  if (choice !== 'auto') return choice;
  const full = channels === 6 ? 5 : channels;
  return bitrate >= AMPLE_BITRATE * full ? 'xg2g' : bestAacEncoder();
}

/** @throws XgError `FFMPEG_NO_ENCODER`, `FFMPEG`; RangeError for what our own does not encode. */
export function openAacEncoder(options: ChosenEncoderOptions): AacEncoder {
  const { choice: _, ...rest } = options;
  const name = chooseAacEncoder(options);
  return name === 'xg2g' ? new LcEncoder(rest) : new FfmpegAacEncoder({ name, ...rest });
}
