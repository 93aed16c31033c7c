/** Spec: ISO/IEC 13818-1:2019, 2.4.3.4 Adaptation field. Offsets are those of the packet's sync byte. */
import { u8, u32be, writeU32be } from './bytes.ts';
import { hasAdaptationField, PACKET_SIZE, writePacketHeader } from './packet.ts';
import type { Pcr27m, Pid } from './types.ts';

function flagsAt(bytes: Uint8Array, offset: number): number {
  return hasAdaptationField(bytes, offset) && u8(bytes, offset + 4) > 0 ? u8(bytes, offset + 5) : 0;
}

export function hasDiscontinuityIndicator(bytes: Uint8Array, offset: number): boolean {
  return (flagsAt(bytes, offset) & 0x80) !== 0;
}

export function hasRandomAccessIndicator(bytes: Uint8Array, offset: number): boolean {
  return (flagsAt(bytes, offset) & 0x40) !== 0;
}

/** True when the packet carries a whole PCR: PCR_flag, and adaptation_field_length of at least 7. */
export function hasPcr(bytes: Uint8Array, offset: number): boolean {
  return (flagsAt(bytes, offset) & 0x10) !== 0 && u8(bytes, offset + 4) >= 7;
}

/** The packet's PCR in 27 MHz ticks, null when it has none. 33 bits are not 32: the top bit is multiplied in. */
export function pcrAt(bytes: Uint8Array, offset: number): Pcr27m | null {
  if (!hasPcr(bytes, offset)) return null;
  const base = u32be(bytes, offset + 6) * 2 + (u8(bytes, offset + 10) >> 7);
  const extension = ((u8(bytes, offset + 10) & 1) << 8) | u8(bytes, offset + 11);
  return (base * 300 + extension) as Pcr27m;
}

/** Overwrites the PCR of a packet that has one. */
export function writePcr(bytes: Uint8Array, offset: number, pcr: Pcr27m): void {
  const base = Math.floor(pcr / 300);
  const extension = pcr % 300;
  writeU32be(bytes, offset + 6, Math.floor(base / 2)); // program_clock_reference_base 32..1
  bytes[offset + 10] = ((base % 2) << 7) | 0x7e | (extension >> 8); // base 0, reserved, extension 8
  bytes[offset + 11] = extension & 0xff; // extension 7..0
}

/** Writes a whole packet that carries nothing but a PCR. Its continuity_counter does not count (2.4.3.3). */
export function writePcrPacket(
  bytes: Uint8Array,
  offset: number,
  pid: Pid,
  counter: number,
  pcr: Pcr27m,
  discontinuity: boolean,
): void {
  writePacketHeader(bytes, offset, pid, false, 2, counter);
  bytes[offset + 4] = 183; // adaptation_field_length
  bytes[offset + 5] = 0x10 | (discontinuity ? 0x80 : 0); // PCR_flag
  writePcr(bytes, offset, pcr);
  bytes.fill(0xff, offset + 12, offset + PACKET_SIZE); // stuffing_byte
}

/** Shrinks the payload: an adaptation field of `length` bytes (0…183) made of flags 0 and stuffing. */
export function writeStuffingField(bytes: Uint8Array, offset: number, length: number): void {
  bytes[offset + 4] = length; // adaptation_field_length
  if (length === 0) return;
  bytes[offset + 5] = 0;
  bytes.fill(0xff, offset + 6, offset + 5 + length);
}

/** Sets discontinuity_indicator; false when the packet has no adaptation field with room for flags. */
export function setDiscontinuityIndicator(bytes: Uint8Array, offset: number): boolean {
  if (!hasAdaptationField(bytes, offset) || u8(bytes, offset + 4) === 0) return false;
  bytes[offset + 5] = u8(bytes, offset + 5) | 0x80;
  return true;
}
