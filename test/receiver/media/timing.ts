/**
 * The loop: 24 s hold a whole number of pictures (600 at 25/s), of MPEG audio frames (1,000 of 24 ms), of AC-3 and
 * E-AC-3 frames (750 of 32 ms) and of AAC frames (1,125 of 1,024 samples), so that every track joins up with itself.
 */
export const LOOP_SECONDS = 24;
export const FRAME_RATE = 25;
export const LOOP_FRAMES = LOOP_SECONDS * FRAME_RATE;
export const SAMPLE_RATE = 48_000;
/** In ticks of 90 kHz, the unit of PTS. */
export const LOOP_PTS = LOOP_SECONDS * 90_000;
/** In ticks of 27 MHz, the unit of PCR. */
export const LOOP_PCR = LOOP_SECONDS * 27_000_000;

/** White pictures at the start of each second. */
export const FLASH_FRAMES = 2;
export const BEEP_SECONDS = 0.08;

/** A part of an elementary stream with its stamps, in ticks of 90 kHz from the loop's start; they may be negative. */
export interface AccessUnit {
  readonly bytes: Buffer;
  readonly pts: number;
  readonly dts: number;
  readonly key: boolean;
}
