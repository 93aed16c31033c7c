/**
 * E-AC-3 frames of one kind made into another, for streams that no encoder at hand makes.
 *
 * Spec: ETSI TS 102 366 V1.4.1, E.1.2.2 bsi, E.1.3.1.8 (chanmap), 6.1.7 and 7.10.1 (crc2).
 */
import { BitWriter } from '#test/helpers/bit-writer.ts';

/** chanmap, bit 0 of the table being the highest: Ls (3), Rs (4), Lrs and Rrs (6), as streams of 7.1 have it. */
export const CHANMAP_SURROUNDS = 0x1a00;

/** Places of fields in a 2/0 or 2/2 frame of one block without compression, metadata, coupling and other tools. */
const CHANMAPE_PLACE = 51;
const CONVSYNC = 53;
const CHEXPSTR = 66;
const CHBWCOD = 87; // both: two strategies more, but no four rematflg
/** auxdatae, encinfo, crc2. */
const TAIL_BITS = 18;

/** The frame as that of a further independent substream. */
export function asOtherProgramme(frame: Buffer, substreamid: number): Buffer {
  const copy = Buffer.from(frame);
  copy[2] = ((copy[2] ?? 0) & 0xc7) | (substreamid << 3);
  return withCrc(copy);
}

function bitsAt(frame: Buffer, at: number, count: number): number {
  let value = 0;
  for (let bit = at; bit < at + count; bit++) value = value * 2 + (((frame[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1);
  return value;
}

/** Where convexpstre and convsnroffste lie: behind the exponent strategies and the exponents (E.1.2.3, E.1.2.4). */
function converterFields(frame: Buffer): [convexpstre: number, convsnroffste: number] {
  const acmod = bitsAt(frame, 36, 3);
  const channels = acmod === 2 ? 2 : 4;
  const convexpstre = CHEXPSTR + 2 * channels;
  const zeros =
    bitsAt(frame, 34, 2) + // numblkscod: one block
    bitsAt(frame, 39, 1) + // lfeon
    bitsAt(frame, 50, 3) + // compre, mixmdate, infomdate
    bitsAt(frame, 54, 12) + // addbsie, snroffststr, transproce … spxattene, cplinu
    bitsAt(frame, convexpstre, 1) +
    bitsAt(frame, convexpstre + 11, 2); // behind frmcsnroffst and frmfsnroffst: dynrnge, spxinu
  if (zeros !== 0 || (acmod !== 2 && acmod !== 6)) throw new Error('a frame of another kind');
  let at = CHBWCOD + 6 * channels;
  for (let channel = 0; channel < channels; channel++) {
    const strategy = bitsAt(frame, CHEXPSTR + 2 * channel, 2); // chexpstr: 1 D15, 2 D25, 3 D45
    const exponents = bitsAt(frame, CHBWCOD + 6 * channel, 6) * 3 + 72;
    const size = 3 * 2 ** (strategy - 1);
    at += 4 + 7 * Math.floor((exponents + size - 3) / size) + 2; // exps, gainrng
  }
  return [convexpstre, at];
}

/**
 * The frame of an independent substream as that of a dependent one, its channels placed by `chanmap`: that gets
 * chanmape and chanmap, and lacks what only a converter to AC-3 needs.
 */
export function asDependent(frame: Buffer, chanmap: number): Buffer {
  const length = frame.length + 2; // 17 bits more and 3 less, in whole words
  const bits = new BitWriter()
    .put(0x0b77, 16) // syncword
    .put(1, 2) // strmtyp
    .put(0, 3) // substreamid
    .put(length / 2 - 1, 11) // frmsiz
    .putBits(frame, 32, CHANMAPE_PLACE - 32) // fscod … compre
    .put(1, 1) // chanmape
    .put(chanmap, 16);
  let from = CHANMAPE_PLACE;
  for (const left of [CONVSYNC, ...converterFields(frame)]) {
    bits.putBits(frame, from, left - from);
    from = left + 1;
  }
  bits.putBits(frame, from, frame.length * 8 - TAIL_BITS - from);
  bits.put(0, length * 8 - bits.length); // auxbits, auxdatae, encinfo, crc2
  return withCrc(bits.bytes());
}

/** CRC-16 of polynomial 0x8005 over all but the sync word. */
function withCrc(frame: Buffer): Buffer {
  let register = 0;
  for (const byte of frame.subarray(2, frame.length - 2)) {
    register ^= byte << 8;
    for (let bit = 0; bit < 8; bit++)
      register = register & 0x8000 ? ((register << 1) ^ 0x8005) & 0xffff : register << 1;
  }
  frame.writeUInt16BE(register, frame.length - 2);
  return frame;
}
