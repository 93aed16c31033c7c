import { createHash } from 'node:crypto';

/** A device id as clients print it: 8 upper-case hex digits, the last of which is a check digit. */
export type DeviceId = string & { readonly __brand: 'DeviceId' };

/** Spec: libhdhomerun, hdhomerun_discover.c, lookup table of the check digit. */
const CHECK_TABLE = [0xa, 0x5, 0xf, 0x6, 0x7, 0xc, 0x1, 0xb, 0x9, 0x2, 0x8, 0xd, 0x4, 0x3, 0xe, 0x0] as const;

/** A prefix that clients do not take for one of the early models, which they ask for a firmware update. */
const MODERN_PREFIX = '105';

/**
 * The digit that makes seven others a valid id: digits at even places (from 0) go through the table, all are XORed, and
 * the sum of all eight must be 0.
 */
export function checkDigit(sevenDigits: string): number {
  let sum = 0;
  for (const [index, character] of [...sevenDigits].entries()) {
    const digit = Number.parseInt(character, 16);
    sum ^= index % 2 === 0 ? (CHECK_TABLE[digit] ?? 0) : digit;
  }
  return sum;
}

export function isValidDeviceId(text: string): text is DeviceId {
  return /^[0-9A-F]{8}$/.test(text) && checkDigit(text.slice(0, 7)) === Number.parseInt(text.slice(7), 16);
}

/** A valid id from any seed: the same seed gives the same id. */
export function deriveDeviceId(seed: string): DeviceId {
  const four = createHash('sha256').update(seed).digest('hex').slice(0, 4).toUpperCase();
  const seven = MODERN_PREFIX + four;
  return `${seven}${checkDigit(seven).toString(16).toUpperCase()}` as DeviceId;
}
