/**
 * Where a decoder can start: the first packet of a picture that needs no earlier one.
 *
 * Spec: ISO/IEC 13818-2, 6.1.1.6 (sequence_header); ISO/IEC 14496-10, table 7-1 (nal_unit_type); ISO/IEC 23008-2, table
 * 7-1. random_access_indicator is believed where it is set, but many multiplexers never set it.
 */
import { hasRandomAccessIndicator } from '#shared/mpegts/adaptation-field.ts';
import { u8 } from '#shared/mpegts/bytes.ts';
import { hasPayloadStart, PACKET_SIZE, payloadOffset } from '#shared/mpegts/packet.ts';
import type { VideoCodec } from '#shared/mpegts/stream-type.ts';

/** Judges a start code by the byte behind 00 00 01; null where it says nothing. */
type StartCodeTest = (code: number) => boolean | null;

const TESTS: Readonly<Record<VideoCodec, StartCodeTest>> = {
  // sequence_header_code, or a picture_start_code first
  mpeg1: (code) => (code === 0xb3 ? true : code === 0x00 ? false : null),
  mpeg2: (code) => (code === 0xb3 ? true : code === 0x00 ? false : null),
  // 7 SPS and 5 IDR slice against 1 non-IDR slice
  h264: (code) => ([5, 7].includes(code & 0x1f) ? true : (code & 0x1f) === 1 ? false : null),
  // 32 VPS, 33 SPS and 16…21 IRAP pictures against 0…9 others
  hevc: (code) => {
    const type = (code >> 1) & 0x3f;
    return (type >= 16 && type <= 21) || type === 32 || type === 33 ? true : type <= 9 ? false : null;
  },
};

/** True when the video packet at `offset` begins an access point. Looks at this packet alone. */
export function isAccessPoint(codec: VideoCodec, bytes: Uint8Array, offset: number): boolean {
  if (!hasPayloadStart(bytes, offset)) return false;
  if (hasRandomAccessIndicator(bytes, offset)) return true;
  const from = payloadOffset(bytes, offset);
  if (from === null) return false;
  const test = TESTS[codec];
  const end = offset + PACKET_SIZE;
  // Starts behind the PES start code: its own bytes 00 00 01 Ex are no picture's.
  for (let at = from + 9; at + 3 < end; at++) {
    if (u8(bytes, at) !== 0 || u8(bytes, at + 1) !== 0 || u8(bytes, at + 2) !== 1) continue;
    const verdict = test(u8(bytes, at + 3));
    if (verdict !== null) return verdict;
  }
  return false;
}
