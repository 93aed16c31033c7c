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
  /** In long windows TNS ends where this band begins (TNS_MAX_BANDS). */
  readonly tnsEnd: number;
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

const LONG_96 = [
  0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 64, 72, 80, 88, 96, 108, 120, 132, 144, 156, 172, 188, 212,
  240, 276, 320, 384, 448, 512, 576, 640, 704, 768, 832, 896, 960, 1024,
];
const LONG_64 = [
  0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 64, 72, 80, 88, 100, 112, 124, 140, 156, 172, 192, 216, 240,
  268, 304, 344, 384, 424, 464, 504, 544, 584, 624, 664, 704, 744, 784, 824, 864, 904, 944, 984, 1024,
];
const LONG_8 = [
  0, 12, 24, 36, 48, 60, 72, 84, 96, 108, 120, 132, 144, 156, 172, 188, 204, 220, 236, 252, 268, 288, 308, 328, 348,
  372, 396, 420, 448, 476, 508, 544, 580, 620, 664, 712, 764, 820, 880, 944, 1024,
];
const SHORT_96 = [0, 4, 8, 12, 16, 20, 24, 32, 40, 48, 64, 92, 128];
const SHORT_8 = [0, 4, 8, 12, 16, 20, 24, 28, 36, 44, 52, 60, 72, 88, 108, 128];

const TABLES: Readonly<Record<number, BandTables>> = {
  96000: { long: LONG_96, short: SHORT_96, tnsEnd: 31 },
  88200: { long: LONG_96, short: SHORT_96, tnsEnd: 31 },
  64000: { long: LONG_64, short: SHORT_96, tnsEnd: 34 },
  48000: { long: LONG_48, short: SHORT_48, tnsEnd: 40 },
  44100: { long: LONG_48, short: SHORT_48, tnsEnd: 42 },
  32000: { long: LONG_32, short: SHORT_48, tnsEnd: 51 },
  24000: { long: LONG_24, short: SHORT_24, tnsEnd: 46 },
  22050: { long: LONG_24, short: SHORT_24, tnsEnd: 46 },
  16000: { long: LONG_16, short: SHORT_16, tnsEnd: 42 },
  12000: { long: LONG_16, short: SHORT_16, tnsEnd: 42 },
  11025: { long: LONG_16, short: SHORT_16, tnsEnd: 42 },
  8000: { long: LONG_8, short: SHORT_8, tnsEnd: 39 },
  7350: { long: LONG_8, short: SHORT_8, tnsEnd: 39 },
};

export const BAND_RATES: readonly number[] = Object.keys(TABLES).map(Number);

/** Most bands a channel can have: eight groups of short windows, fifteen bands each. */
export const MAX_BANDS = 120;

/** Null at a rate that is not encoded. */
export function bandTables(sampleRate: number): BandTables | null {
  return TABLES[sampleRate] ?? null;
}
