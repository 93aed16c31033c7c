const DB_TO_NEPER = Math.LN10 / 20;

/** Amplitude factor of a level in dB. */
export function dbToGain(db: number): number {
  return Math.exp(db * DB_TO_NEPER);
}

/** Level in dB of an amplitude factor; −∞ for 0. */
export function gainToDb(gain: number): number {
  return 20 * Math.log10(gain);
}

/** Offset that makes a 997 Hz sine of 0 dBFS in one front channel read −3.01 LKFS. */
const LOUDNESS_OFFSET = -0.691;

/**
 * Loudness in LUFS of a weighted, K-weighted mean square; −∞ for 0.
 *
 * Spec: ITU-R BS.1770-5, Annex 1, equation (2).
 */
export function powerToLufs(power: number): number {
  return LOUDNESS_OFFSET + 10 * Math.log10(power);
}

/** The mean square that reads `lufs`. */
export function lufsToPower(lufs: number): number {
  return 10 ** ((lufs - LOUDNESS_OFFSET) / 10);
}
