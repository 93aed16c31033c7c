/** What every audio sync frame says of itself, whatever its syntax. */
export interface AudioFrameHeader {
  /** Bytes of the whole frame, header included. */
  readonly length: number;
  readonly sampleRate: number;
  /** Samples per channel. */
  readonly samples: number;
  /** Channels as coded, LFE included; 0 where only the decoder can tell. */
  readonly channels: number;
  /** Two languages in one track, a channel each: AC-3 acmod 0 (1+1), MPEG audio mode dual_channel. */
  readonly dualMono: boolean;
}

/**
 * Reads a header at `offset`.
 * - `AudioFrameHeader`: a valid one;
 * - `'short'`: the bytes before `end` do not suffice to tell;
 * - `null`: no header here.
 */
export type AudioHeaderParser = (bytes: Uint8Array, offset: number, end: number) => AudioFrameHeader | 'short' | null;
