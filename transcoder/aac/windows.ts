/**
 * Halves of the filter bank's windows, and which halves a window sequence has.
 *
 * Spec: ISO/IEC 14496-3:2019, 4.6.11.3.2 (window shapes and sequences). Only the sine window is used (window_shape 0): it
 * separates neighbouring lines better than the KBD window, whose better rejection far away helps lone tones only; those have bits to spare as it is.
 */
export const LONG_LINES = 1024;
export const SHORT_LINES = 128;
export const SHORT_WINDOWS = 8;
/** Where the first of the eight short windows begins in the 2048 samples of a frame. */
export const SHORT_FROM = 448;

/** window_sequence (table 4.123). */
export const ONLY_LONG = 0;
export const LONG_START = 1;
export const EIGHT_SHORT = 2;
export const LONG_STOP = 3;
export type WindowSequence = typeof ONLY_LONG | typeof LONG_START | typeof EIGHT_SHORT | typeof LONG_STOP;

/** The rising half of a sine window; read backwards it is the falling one. */
export function sineSlope(lines: number): Float64Array {
  return Float64Array.from({ length: lines }, (_, n) => Math.sin((Math.PI / (2 * lines)) * (n + 0.5)));
}

/** The rising half of LONG_STOP, falling half of LONG_START: silent, a short slope, then open. */
export function shortSlopeInLong(): Float64Array {
  const half = new Float64Array(LONG_LINES).fill(1, SHORT_FROM + SHORT_LINES);
  half.fill(0, 0, SHORT_FROM);
  half.set(sineSlope(SHORT_LINES), SHORT_FROM);
  return half;
}
