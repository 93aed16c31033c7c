/** Spec: ETSI TS 102 366 V1.4.1, 4.3.1 syncinfo, 4.3.2 bsi (AC-3) and Annex E, E.1.2.2 bsi (E-AC-3). */
import { u8, u16be } from '../mpegts/bytes.ts';
import type { AudioFrameHeader } from './audio-frame.ts';

const SAMPLE_RATES = [48_000, 44_100, 32_000];
/** kbit/s by frmsizecod >> 1 (table 4.13). */
const BITRATES = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384, 448, 512, 576, 640];
/** Full-bandwidth channels by acmod (table 4.3). acmod 0 is dual mono (1+1). */
const CHANNELS = [2, 1, 2, 3, 3, 4, 4, 5];
const BLOCKS = [1, 2, 3, 6];
export const BLOCK_SAMPLES = 256;

export interface Ac3Header extends AudioFrameHeader {
  readonly enhanced: boolean;
  /** E-AC-3 strmtyp: 0 independent, 1 dependent, 2 converted from AC-3; AC-3 is always 0. */
  readonly streamType: number;
  readonly substreamId: number;
}

/** Reads an AC-3 or E-AC-3 sync frame header; bsid tells them apart (up to 10 AC-3, 11…16 E-AC-3). */
export function parseAc3Header(bytes: Uint8Array, offset: number, end: number): Ac3Header | 'short' | null {
  if (end - offset < 7) return 'short';
  if (u16be(bytes, offset) !== 0x0b77) return null; // syncword
  const bsid = u8(bytes, offset + 5) >> 3; // bsid, at the same place in both syntaxes
  if (bsid > 16) return null;
  return bsid <= 10 ? parseAc3(bytes, offset) : parseEac3(bytes, offset);
}

function parseAc3(bytes: Uint8Array, offset: number): Ac3Header | null {
  const rateCode = u8(bytes, offset + 4) >> 6; // fscod
  const sizeCode = u8(bytes, offset + 4) & 0x3f; // frmsizecod
  const bitrate = BITRATES[sizeCode >> 1];
  const sampleRate = SAMPLE_RATES[rateCode];
  if (bitrate === undefined || sampleRate === undefined) return null;
  // Table 4.13: 16-bit words per frame; at 44.1 kHz the lowest bit of frmsizecod adds the odd word.
  const words =
    rateCode === 1 ? Math.floor((bitrate * 96_000) / 44_100) + (sizeCode & 1) : (bitrate * 96) / (sampleRate / 1000);
  const mode = u8(bytes, offset + 6) >> 5; // acmod
  let bit = 3; // where lfeon lies in the bits after acmod
  if ((mode & 1) !== 0 && mode !== 1) bit += 2; // cmixlev
  if ((mode & 4) !== 0) bit += 2; // surmixlev
  if (mode === 2) bit += 2; // dsurmod
  const lfe = (u8(bytes, offset + 6) >> (7 - bit)) & 1; // lfeon
  return {
    enhanced: false,
    streamType: 0,
    substreamId: 0,
    dualMono: mode === 0,
    length: words * 2,
    sampleRate,
    samples: 6 * BLOCK_SAMPLES,
    channels: (CHANNELS[mode] ?? 2) + lfe,
  };
}

function parseEac3(bytes: Uint8Array, offset: number): Ac3Header | null {
  const streamType = u8(bytes, offset + 2) >> 6; // strmtyp
  if (streamType === 3) return null; // reserved
  const length = ((u16be(bytes, offset + 2) & 0x07ff) + 1) * 2; // frmsiz
  const rateCode = u8(bytes, offset + 4) >> 6; // fscod
  const secondCode = (u8(bytes, offset + 4) >> 4) & 3; // fscod2 or numblkscod
  const sampleRate = rateCode === 3 ? (SAMPLE_RATES[secondCode] ?? 0) / 2 : (SAMPLE_RATES[rateCode] ?? 0);
  if (sampleRate === 0 || length < 8) return null;
  const blocks = rateCode === 3 ? 6 : (BLOCKS[secondCode] ?? 6);
  const mode = (u8(bytes, offset + 4) >> 1) & 7; // acmod
  return {
    enhanced: true,
    streamType,
    substreamId: (u8(bytes, offset + 2) >> 3) & 7, // substreamid
    dualMono: mode === 0,
    length,
    sampleRate,
    samples: blocks * BLOCK_SAMPLES,
    channels: (CHANNELS[mode] ?? 2) + (u8(bytes, offset + 4) & 1), // lfeon
  };
}
