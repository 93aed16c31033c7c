/** Spec: ISO/IEC 13818-1:2019, Annex A CRC decoder model. Polynomial 0x04c11db7, start 0xffffffff, not reflected. */
import { u8 } from './bytes.ts';

const TABLE = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  TABLE[byte] = value >>> 0;
}

/** CRC-32/MPEG-2 of `bytes[start, end)`. Over a whole section including its CRC_32 the result is 0. */
export function crc32Mpeg(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let crc = 0xffffffff;
  for (let i = start; i < end; i++) {
    crc = (crc << 8) ^ (TABLE[(crc >>> 24) ^ u8(bytes, i)] as number);
  }
  return crc >>> 0;
}
