/** Spec: ISO/IEC 14496-3:2019, 1.A.3.2 ADTS fixed and variable header. */
import { u8, u16be } from '../mpegts/bytes.ts';
import type { AudioFrameHeader } from './audio-frame.ts';

/** sampling_frequency_index (table 1.18). */
export const AAC_SAMPLE_RATES: readonly number[] = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
];
/** Channels by channel_configuration (table 1.19); 0: told in the stream itself. */
const CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];

export const ADTS_HEADER = 7;
export const AAC_FRAME_SAMPLES = 1024;

export function parseAdtsHeader(bytes: Uint8Array, offset: number, end: number): AudioFrameHeader | 'short' | null {
  if (end - offset < ADTS_HEADER) return 'short';
  if ((u16be(bytes, offset) & 0xfff6) !== 0xfff0) return null; // syncword, layer '00'
  const sampleRate = AAC_SAMPLE_RATES[(u8(bytes, offset + 2) >> 2) & 15]; // sampling_frequency_index
  const length = ((u8(bytes, offset + 3) & 3) << 11) | (u8(bytes, offset + 4) << 3) | (u8(bytes, offset + 5) >> 5);
  if (sampleRate === undefined || length < ADTS_HEADER) return null; // aac_frame_length
  const configuration = ((u8(bytes, offset + 2) & 1) << 2) | (u8(bytes, offset + 3) >> 6); // channel_configuration
  const blocks = (u8(bytes, offset + 6) & 3) + 1; // number_of_raw_data_blocks_in_frame
  const channels = CHANNELS[configuration] ?? 0;
  return { length, sampleRate, samples: blocks * AAC_FRAME_SAMPLES, channels, dualMono: false };
}

/** sampling_frequency_index of a rate; null when ADTS has none for it. */
export function adtsRateIndex(sampleRate: number): number | null {
  const index = AAC_SAMPLE_RATES.indexOf(sampleRate);
  return index < 0 ? null : index;
}

/** channel_configuration of a channel count (1…6, 8); null when there is none. */
export function adtsChannelConfiguration(channels: number): number | null {
  const index = CHANNELS.indexOf(channels);
  return index <= 0 ? null : index;
}

/** Writes the seven bytes before a raw AAC-LC access unit of `auLength` bytes. */
export function writeAdtsHeader(
  bytes: Uint8Array,
  offset: number,
  rateIndex: number,
  channelConfiguration: number,
  auLength: number,
): void {
  const length = ADTS_HEADER + auLength;
  bytes[offset] = 0xff; // syncword
  bytes[offset + 1] = 0xf1; // syncword, ID 0 (MPEG-4), layer 0, protection_absent 1
  bytes[offset + 2] = (1 << 6) | (rateIndex << 2) | (channelConfiguration >> 2); // profile 1 (LC), private_bit 0
  bytes[offset + 3] = ((channelConfiguration & 3) << 6) | (length >> 11); // original, home, copyright bits 0
  bytes[offset + 4] = (length >> 3) & 0xff; // aac_frame_length
  bytes[offset + 5] = ((length & 7) << 5) | 0x1f; // adts_buffer_fullness 0x7ff (variable rate)
  bytes[offset + 6] = 0xfc; // adts_buffer_fullness, number_of_raw_data_blocks_in_frame 0
}
