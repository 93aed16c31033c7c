import type { BitReader } from './bit-reader.ts';

/** Spec: ISO/IEC 14496-10:2020, 9.1: ue(v). More than 24 leading zeros are no header's value: 2^24 - 1 then. */
export function readUe(bits: BitReader): number {
  let zeros = 0;
  while (!bits.flag()) {
    if (++zeros >= 24 || bits.exhausted) return 0xff_ffff;
  }
  return 2 ** zeros - 1 + bits.read(zeros);
}

/** se(v): 0, 1, -1, 2, -2 … */
export function readSe(bits: BitReader): number {
  const code = readUe(bits);
  return code % 2 === 1 ? (code + 1) / 2 : -code / 2;
}

/** u(32), which is more than one read takes. */
export function readU32(bits: BitReader): number {
  return bits.read(16) * 0x1_0000 + bits.read(16);
}
