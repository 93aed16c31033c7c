/** Spec: RFC 3550, 5.1 RTP fixed header fields; RFC 2250, 2 (MPEG-2 transport streams, whole packets per datagram). */
import { u8, u16be } from '#shared/mpegts/bytes.ts';
import { SYNC_BYTE } from '#shared/mpegts/packet.ts';

const FIXED_HEADER = 12;

/** The transport stream packets of a datagram, RTP or plain; null when it is neither. */
export function datagramPayload(datagram: Buffer): Buffer | null {
  if (datagram.length === 0) return null;
  if (u8(datagram, 0) === SYNC_BYTE) return datagram;
  if (datagram.length < FIXED_HEADER || u8(datagram, 0) >> 6 !== 2) return null; // V: version 2
  const padding = (u8(datagram, 0) & 0x20) !== 0; // P
  const extension = (u8(datagram, 0) & 0x10) !== 0; // X
  let start = FIXED_HEADER + 4 * (u8(datagram, 0) & 0x0f); // CC: count of CSRC
  if (extension) {
    if (datagram.length < start + 4) return null;
    start += 4 + 4 * u16be(datagram, start + 2); // length of the extension, in words
  }
  const end = padding ? datagram.length - u8(datagram, datagram.length - 1) : datagram.length;
  if (start >= end || u8(datagram, start) !== SYNC_BYTE) return null;
  return datagram.subarray(start, end);
}
