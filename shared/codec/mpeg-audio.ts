/** Spec: ISO/IEC 11172-3:1993, 2.4.1.3 Header and 2.4.2.3; ISO/IEC 13818-3:1998, 2.4.2.3 (half sampling rates). */
import { u8, u32be } from '../mpegts/bytes.ts';
import type { AudioFrameHeader } from './audio-frame.ts';

/** kbit/s by [MPEG-1: layer I, II, III; MPEG-2: layer I, II and III] and bitrate_index. 0 = free format, refused. */
const BITRATES: Readonly<Record<string, readonly number[]>> = {
  '1.1': [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
  '1.2': [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
  '1.3': [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  '2.1': [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
  '2.2': [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  '2.3': [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const SAMPLE_RATES = [44_100, 48_000, 32_000];

export interface MpegAudioHeader extends AudioFrameHeader {
  readonly layer: 1 | 2 | 3;
}

export function parseMpegAudioHeader(bytes: Uint8Array, offset: number, end: number): MpegAudioHeader | 'short' | null {
  if (end - offset < 4) return 'short';
  const word = u32be(bytes, offset);
  if (word >>> 21 !== 0x7ff) return null; // syncword, with the half-rate extension's 11 bits
  const id = (word >>> 19) & 3; // 3 MPEG-1, 2 MPEG-2 LSF, 0 MPEG-2.5 (not in broadcasts), 1 reserved
  const layerBits = (word >>> 17) & 3; // 3 layer I, 2 layer II, 1 layer III, 0 reserved
  const bitrateIndex = (word >>> 12) & 15; // bitrate_index
  const rateIndex = (word >>> 10) & 3; // sampling_frequency
  const padding = (word >>> 9) & 1; // padding_bit
  if (id < 2 || layerBits === 0 || bitrateIndex === 0 || bitrateIndex === 15 || rateIndex === 3) return null;
  const layer = (4 - layerBits) as 1 | 2 | 3;
  const version = id === 3 ? 1 : 2;
  const bitrate = (BITRATES[`${version}.${layer}`]?.[bitrateIndex] ?? 0) * 1000;
  const sampleRate = (SAMPLE_RATES[rateIndex] ?? 0) / version;
  const samples = layer === 1 ? 384 : layer === 3 && version === 2 ? 576 : 1152;
  const slot = layer === 1 ? 4 : 1;
  const length = (Math.floor(((samples / 8) * bitrate) / sampleRate / slot) + padding) * slot;
  const mode = u8(bytes, offset + 3) >> 6; // mode: '10' dual_channel, '11' single_channel
  return { layer, length, sampleRate, samples, channels: mode === 3 ? 1 : 2, dualMono: mode === 2 };
}
