/**
 * Start codes of video elementary streams: 00 00 01 and a byte that says what follows.
 *
 * Spec: ISO/IEC 13818-2:2013, 5.2.3 next_start_code; ISO/IEC 14496-10:2020, Annex B; ISO/IEC 23008-2:2020, Annex B.
 */
const PREFIX = Buffer.from([0, 0, 1]);

/** Offset of the next 00 00 01 in `bytes[from, end)` that has a byte behind it; -1 when there is none. */
export function findStartCode(bytes: Buffer, from: number, end = bytes.length): number {
  const at = bytes.indexOf(PREFIX, from);
  return at < 0 || at + 3 >= end ? -1 : at;
}

/** Offsets of all start codes. */
export function startCodes(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = findStartCode(bytes, 0); at >= 0; at = findStartCode(bytes, at + 3)) found.push(at);
  return found;
}

/**
 * The payload of a NAL unit without its emulation_prevention_three_bytes, at most `limit` bytes of it: headers are short.
 *
 * Spec: ISO/IEC 14496-10:2020, 7.4.1 (also ISO/IEC 23008-2, 7.4.2).
 */
export function unescapeNal(bytes: Uint8Array, start: number, end: number, limit = 1024): Uint8Array {
  const stop = Math.min(end, start + limit);
  const out = new Uint8Array(Math.max(0, stop - start));
  let length = 0;
  let zeros = 0;
  for (let at = start; at < stop; at++) {
    const byte = bytes[at] as number;
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length++] = byte;
  }
  return out.subarray(0, length);
}
