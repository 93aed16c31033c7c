/** Spec: ISO/IEC 13818-1:2019, 2.4.3.6 PES packet and 2.4.3.7 semantics. */
import { u8, u16be, u24be, writeU16be } from './bytes.ts';
import { timestampAt, writeTimestamp } from './timestamp.ts';
import type { Pts90k } from './types.ts';

/** stream_id values that have no optional header (table 2-22): the payload follows PES_packet_length at once. */
const PLAIN_STREAM_IDS = new Set([0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff]);

export interface PesHeader {
  readonly streamId: number;
  /** Bytes of PES packet data after the header; null for an unbounded PES (PES_packet_length 0). */
  readonly dataLength: number | null;
  /** Bytes from packet_start_code_prefix to the first byte of PES packet data. */
  readonly headerLength: number;
  readonly pts: Pts90k | null;
  readonly dts: Pts90k | null;
  readonly dataAlignment: boolean;
  readonly scrambled: boolean;
}

/** The longest a PES header can be: 9 fixed bytes and PES_header_data_length of 255. */
export const MAX_PES_HEADER = 9 + 255;

/**
 * Parses the header at `start`. Returns null when the bytes up to `end` are no PES header, or not all of it. A stamp
 * with broken marker bits is null as if absent; the rest still counts.
 */
export function parsePesHeader(bytes: Uint8Array, start: number, end: number): PesHeader | null {
  if (end - start < 6 || u24be(bytes, start) !== 0x000001) return null; // packet_start_code_prefix
  const streamId = u8(bytes, start + 3);
  const packetLength = u16be(bytes, start + 4); // PES_packet_length
  if (PLAIN_STREAM_IDS.has(streamId)) {
    return {
      streamId,
      dataLength: packetLength === 0 ? null : packetLength,
      headerLength: 6,
      pts: null,
      dts: null,
      dataAlignment: false,
      scrambled: false,
    };
  }
  if (end - start < 9 || (u8(bytes, start + 6) & 0xc0) !== 0x80) return null; // '10'
  const headerDataLength = u8(bytes, start + 8); // PES_header_data_length
  const headerLength = 9 + headerDataLength;
  if (end - start < headerLength) return null;
  const flags = u8(bytes, start + 7) >> 6; // PTS_DTS_flags
  const hasPts = flags >= 2 && headerDataLength >= 5;
  const hasDts = flags === 3 && headerDataLength >= 10;
  const dataLength = packetLength === 0 ? null : packetLength - 3 - headerDataLength;
  if (dataLength !== null && dataLength < 0) return null;
  return {
    streamId,
    dataLength,
    headerLength,
    pts: hasPts ? timestampAt(bytes, start + 9) : null,
    dts: hasDts ? timestampAt(bytes, start + 14) : null,
    dataAlignment: (u8(bytes, start + 6) & 0x04) !== 0,
    scrambled: (u8(bytes, start + 6) & 0x30) !== 0,
  };
}

export const PES_HEADER_WITH_PTS = 14;

/**
 * Writes a header with a PTS and nothing else; returns its length (14). `dataLength` is that of the data which follows;
 * over 65,527 bytes the PES is written unbounded, which 2.4.3.7 allows for video only.
 */
export function writePesHeader(
  bytes: Uint8Array,
  offset: number,
  streamId: number,
  pts: Pts90k,
  dataLength: number,
): number {
  const packetLength = dataLength + 8;
  writeU16be(bytes, offset, 0x0000); // packet_start_code_prefix
  bytes[offset + 2] = 0x01;
  bytes[offset + 3] = streamId; // stream_id
  writeU16be(bytes, offset + 4, packetLength > 0xffff ? 0 : packetLength); // PES_packet_length
  bytes[offset + 6] = 0x84; // '10', not scrambled, data_alignment_indicator 1
  bytes[offset + 7] = 0x80; // PTS_DTS_flags '10'
  bytes[offset + 8] = 5; // PES_header_data_length
  writeTimestamp(bytes, offset + 9, 2, pts);
  return PES_HEADER_WITH_PTS;
}
