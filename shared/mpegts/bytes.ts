/**
 * Big-endian readers and writers at an offset. Callers have checked the bounds; this is the one file that tells the
 * compiler so, and V8 inlines all of it.
 */

export function u8(bytes: Uint8Array, offset: number): number {
  return bytes[offset] as number;
}

export function u16be(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
}

export function u24be(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] as number) << 16) | ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number);
}

export function u32be(bytes: Uint8Array, offset: number): number {
  return (((bytes[offset] as number) << 24) | u24be(bytes, offset + 1)) >>> 0;
}

export function writeU16be(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = (value >>> 8) & 0xff;
  bytes[offset + 1] = value & 0xff;
}

export function writeU32be(bytes: Uint8Array, offset: number, value: number): void {
  writeU16be(bytes, offset, value >>> 16);
  writeU16be(bytes, offset + 2, value & 0xffff);
}

/** `0x1fff`-style text of a wire number, padded to `digits`. */
export function hex(value: number, digits = 2): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}
