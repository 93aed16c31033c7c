/** Spec: ISO/IEC 13818-1:2019, 2.4.3.7 (PTS, DTS) and 2.4.2.2 (33-bit system clock). */
import { u8, u16be } from './bytes.ts';
import { PCR_MODULO, type Pts90k, TIMESTAMP_MODULO } from './types.ts';

/** Reads the 33 bits of the five bytes at `offset`; null when one of the three marker bits is not 1. */
export function timestampAt(bytes: Uint8Array, offset: number): Pts90k | null {
  const first = u8(bytes, offset);
  const middle = u16be(bytes, offset + 1);
  const last = u16be(bytes, offset + 3);
  if ((first & middle & last & 1) === 0) return null;
  // Bits 32..30 by multiplication: a shift would cut the number to 32 bits.
  return (((first >> 1) & 7) * 0x4000_0000 + (middle >> 1) * 0x8000 + (last >> 1)) as Pts90k;
}

/** Writes the five bytes; `prefix` is the four-bit code: 2 PTS alone, 3 PTS before a DTS, 1 DTS. */
export function writeTimestamp(bytes: Uint8Array, offset: number, prefix: 1 | 2 | 3, ticks: Pts90k): void {
  const top = Math.floor(ticks / 0x4000_0000);
  const middle = Math.floor(ticks / 0x8000) & 0x7fff;
  const low = ticks % 0x8000;
  bytes[offset] = (prefix << 4) | (top << 1) | 1; // PTS[32..30], marker_bit
  bytes[offset + 1] = middle >> 7; // PTS[29..22]
  bytes[offset + 2] = ((middle << 1) & 0xfe) | 1; // PTS[21..15], marker_bit
  bytes[offset + 3] = low >> 7; // PTS[14..7]
  bytes[offset + 4] = ((low << 1) & 0xfe) | 1; // PTS[6..0], marker_bit
}

/** Signed shortest distance from `from` to `to` on a circle of `modulo` ticks. */
export function wrappedDifference(from: number, to: number, modulo: number): number {
  let difference = (to - from) % modulo;
  if (difference > modulo / 2) difference -= modulo;
  if (difference < -modulo / 2) difference += modulo;
  return difference;
}

/** Signed distance of two 90 kHz stamps across the 33-bit wrap, in ticks. */
export function ptsDifference(from: number, to: number): number {
  return wrappedDifference(from, to, TIMESTAMP_MODULO);
}

/** Signed distance of two PCRs across the wrap, in 27 MHz ticks. */
export function pcrDifference(from: number, to: number): number {
  return wrappedDifference(from, to, PCR_MODULO);
}

/**
 * The one owner of wrap-around: turns wire stamps into a number that runs on past 2^33. Each stamp is placed nearest to
 * its predecessor, so jumps of up to half the range (13.25 h) in either direction keep their sign.
 */
export class TimestampUnwrapper {
  #last: number | null = null;
  readonly #modulo: number;

  constructor(modulo: number = TIMESTAMP_MODULO) {
    this.#modulo = modulo;
  }

  unwrap(stamp: number): number {
    this.#last = this.#last === null ? stamp : this.#last + wrappedDifference(this.#last, stamp, this.#modulo);
    return this.#last;
  }

  /** Places a stamp beside the last one without moving on. */
  peek(stamp: number): number {
    return this.#last === null ? stamp : this.#last + wrappedDifference(this.#last, stamp, this.#modulo);
  }

  reset(): void {
    this.#last = null;
  }
}
