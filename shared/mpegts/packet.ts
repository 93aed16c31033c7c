/**
 * The transport packet by offset: no object per packet. All functions read or write the 188 bytes at `offset`; the
 * caller has checked that they are there and that the first is 0x47.
 *
 * Spec: ISO/IEC 13818-1:2019, 2.4.3.2 Transport stream packet layer.
 */
import { u8, u16be } from './bytes.ts';
import type { Pid } from './types.ts';

export const PACKET_SIZE = 188;
export const SYNC_BYTE = 0x47;

export function pidAt(bytes: Uint8Array, offset: number): Pid {
  return (u16be(bytes, offset + 1) & 0x1fff) as Pid;
}

/** transport_error_indicator: the demodulator could not correct this packet; nothing in it can be trusted. */
export function hasTransportError(bytes: Uint8Array, offset: number): boolean {
  return (u8(bytes, offset + 1) & 0x80) !== 0;
}

export function hasPayloadStart(bytes: Uint8Array, offset: number): boolean {
  return (u8(bytes, offset + 1) & 0x40) !== 0;
}

/** transport_scrambling_control: 0 = clear, 2 = even key, 3 = odd key (ETSI TS 100 289). */
export function scramblingAt(bytes: Uint8Array, offset: number): number {
  return u8(bytes, offset + 3) >> 6;
}

export function hasAdaptationField(bytes: Uint8Array, offset: number): boolean {
  return (u8(bytes, offset + 3) & 0x20) !== 0;
}

export function hasPayload(bytes: Uint8Array, offset: number): boolean {
  return (u8(bytes, offset + 3) & 0x10) !== 0;
}

export function continuityAt(bytes: Uint8Array, offset: number): number {
  return u8(bytes, offset + 3) & 0x0f;
}

export function setContinuity(bytes: Uint8Array, offset: number, counter: number): void {
  bytes[offset + 3] = (u8(bytes, offset + 3) & 0xf0) | (counter & 0x0f);
}

/**
 * Where the payload begins, as an absolute offset; `offset + 188` when there is none. null when the adaptation field
 * claims more bytes than the packet has (adaptation_field_length > 183, or > 182 with payload, 2.4.3.5).
 */
export function payloadOffset(bytes: Uint8Array, offset: number): number | null {
  const control = (u8(bytes, offset + 3) >> 4) & 3;
  if (control === 1) return offset + 4;
  if (control === 0) return offset + PACKET_SIZE;
  const length = u8(bytes, offset + 4);
  if (control === 2) return length <= 183 ? offset + PACKET_SIZE : null;
  return length <= 182 ? offset + 5 + length : null;
}

/** Writes the four header bytes. `control`: 1 payload, 2 adaptation field, 3 both. */
export function writePacketHeader(
  bytes: Uint8Array,
  offset: number,
  pid: Pid,
  payloadStart: boolean,
  control: 1 | 2 | 3,
  counter: number,
): void {
  bytes[offset] = SYNC_BYTE; // sync_byte
  bytes[offset + 1] = (payloadStart ? 0x40 : 0) | (pid >> 8); // TEI 0, PUSI, priority 0, PID high
  bytes[offset + 2] = pid & 0xff; // PID low
  bytes[offset + 3] = (control << 4) | (counter & 0x0f); // scrambling 0, adaptation_field_control, continuity_counter
}
