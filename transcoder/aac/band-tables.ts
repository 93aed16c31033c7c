/**
 * Scale factor bands by sampling rate.
 *
 * Spec: ISO/IEC 14496-3:2019, 4.5.4 (tables 4.129 to 4.147); limits of TNS: table 4.139 (object type AAC LC).
 */
export interface BandTables {
  /** Offsets of the bands in 1024 lines, 1024 last. */
  readonly long: readonly number[];
  /** Offsets in the 128 lines of a short window, 128 last. */
  readonly short: readonly number[];
  /** TNS reaches up to this band (TNS_MAX_BANDS), in long and in short windows. */
  readonly tnsLong: number;
  readonly tnsShort: number;
}

const LONG_48 = [
  0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 48, 56, 64, 72, 80, 88, 96, 108, 120, 132, 144, 160, 176, 196, 216, 240, 264,
  292, 320, 352, 384, 416, 448, 480, 512, 544, 576, 608, 640, 672, 704, 736, 768, 800, 832, 864, 896, 928, 1024,
];
const LONG_32 = [...LONG_48.slice(0, -1), 960, 992, 1024];
const LONG_24 = [
  0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 52, 60, 68, 76, 84, 92, 100, 108, 116, 124, 136, 148, 160, 172, 188, 204,
  220, 240, 260, 284, 308, 336, 364, 396, 432, 468, 508, 552, 600, 652, 704, 768, 832, 896, 960, 1024,
];
const LONG_16 = [
  0, 8, 16, 24, 32, 40, 48, 56, 64, 72, 80, 88, 100, 112, 124, 136, 148, 160, 172, 184, 196, 212, 228, 244, 260, 280,
  300, 320, 344, 368, 396, 424, 456, 492, 532, 572, 616, 664, 716, 772, 832, 896, 960, 1024,
];
const SHORT_48 = [0, 4, 8, 12, 16, 20, 28, 36, 44, 56, 68, 80, 96, 112, 128];
const SHORT_24 = [0, 4, 8, 12, 16, 20, 24, 28, 36, 44, 52, 64, 76, 92, 108, 128];
const SHORT_16 = [0, 4, 8, 12, 16, 20, 24, 28, 32, 40, 48, 60, 72, 88, 108, 128];

const TABLES: Readonly<Record<number, BandTables>> = {
  48000: { long: LONG_48, short: SHORT_48, tnsLong: 40, tnsShort: 14 },
  44100: { long: LONG_48, short: SHORT_48, tnsLong: 42, tnsShort: 14 },
  32000: { long: LONG_32, short: SHORT_48, tnsLong: 51, tnsShort: 14 },
  24000: { long: LONG_24, short: SHORT_24, tnsLong: 46, tnsShort: 14 },
  22050: { long: LONG_24, short: SHORT_24, tnsLong: 46, tnsShort: 14 },
  16000: { long: LONG_16, short: SHORT_16, tnsLong: 42, tnsShort: 14 },
};

export const BAND_RATES: readonly number[] = Object.keys(TABLES).map(Number);

/** Most bands a channel can have: eight groups of short windows, fifteen bands each. */
export const MAX_BANDS = 120;

/** Null at a rate that is not encoded. */
export function bandTables(sampleRate: number): BandTables | null {
  return TABLES[sampleRate] ?? null;
}
