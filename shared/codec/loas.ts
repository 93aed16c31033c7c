/** Spec: ISO/IEC 14496-3:2019, 1.7.2 LOAS AudioSyncStream: the framing around LATM. */
import { u16be, u24be } from '../mpegts/bytes.ts';
import type { AudioFrameHeader } from './audio-frame.ts';

export const LOAS_HEADER = 3;

/** Reads syncword 0x2b7 and audioMuxLengthBytes. Rate, samples and channels lie in the StreamMuxConfig: 0 here. */
export function parseLoasHeader(bytes: Uint8Array, offset: number, end: number): AudioFrameHeader | 'short' | null {
  if (end - offset < LOAS_HEADER) return 'short';
  if (u16be(bytes, offset) >> 5 !== 0x2b7) return null; // syncword
  const length = LOAS_HEADER + (u24be(bytes, offset) & 0x1fff); // audioMuxLengthBytes
  return length === LOAS_HEADER ? null : { length, sampleRate: 0, samples: 0, channels: 0, dualMono: false };
}
