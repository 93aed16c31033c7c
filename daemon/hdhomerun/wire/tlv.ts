import { u8 } from '#shared/mpegts/bytes.ts';

/** Spec: libhdhomerun, hdhomerun_pkt.h, HDHOMERUN_TAG_*. */
export const TAG = {
  deviceType: 0x01,
  deviceId: 0x02,
  getSetName: 0x03,
  getSetValue: 0x04,
  errorMessage: 0x05,
  tunerCount: 0x10,
  getSetLockkey: 0x15,
  lineupUrl: 0x27,
  storageUrl: 0x28,
  baseUrl: 0x2a,
  deviceAuthString: 0x2b,
  storageId: 0x2c,
  multiType: 0x2d,
} as const;

export interface Tlv {
  readonly tag: number;
  /** A view of what it was parsed from. */
  readonly value: Buffer;
}

/** A payload has 1452 bytes at most: so many of the shortest kind. */
const MAX_TLVS = 726;

/**
 * Tag, length (one byte below 128; else its low 7 bits with the top bit set, then the rest), value. What is cut off ends
 * the list, as it does in clients.
 */
export function parseTlvs(payload: Buffer): Tlv[] {
  const found: Tlv[] = [];
  let at = 0;
  while (at + 2 <= payload.length && found.length < MAX_TLVS) {
    const tag = u8(payload, at);
    let length = u8(payload, at + 1);
    at += 2;
    if (length >= 0x80) {
      if (at >= payload.length) break;
      length = (length & 0x7f) | (u8(payload, at) << 7);
      at += 1;
    }
    if (at + length > payload.length) break;
    found.push({ tag, value: payload.subarray(at, at + length) });
    at += length;
  }
  return found;
}

export function encodeTlv(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const head = length < 0x80 ? [tag, length] : [tag, (length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([Buffer.from(head), value]);
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** Text with the zero byte behind it that names, values and messages of get and set have. */
export function zeroTerminated(text: string): Buffer {
  return Buffer.from(`${text}\0`, 'utf8');
}

/** Up to the first zero byte. */
export function textOf(value: Buffer): string {
  const end = value.indexOf(0);
  return value.toString('utf8', 0, end === -1 ? value.length : end);
}

/** The numbers of a value that holds whole ones; none for any other length. */
export function u32sOf(value: Buffer): number[] {
  if (value.length % 4 !== 0) return [];
  return Array.from({ length: value.length / 4 }, (_, index) => value.readUInt32BE(index * 4));
}
