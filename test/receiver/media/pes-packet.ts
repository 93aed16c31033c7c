/** Spec: ISO/IEC 13818-1:2019, 2.4.3.6 PES packet, with PTS and DTS. */
import { writeU16be } from '#shared/mpegts/bytes.ts';
import { writeTimestamp } from '#shared/mpegts/timestamp.ts';
import { wrapPts } from '#shared/mpegts/types.ts';

export interface PesFields {
  readonly streamId: number;
  /** Ticks of 90 kHz; they are stamped modulo 2^33. */
  readonly pts: number;
  readonly dts: number;
  readonly aligned: boolean;
  /** PES_packet_length 0, for video only. */
  readonly unbounded: boolean;
  /** PES_header_data_length is filled up to this many bytes. */
  readonly headerDataLength?: number;
}

export function buildPes(fields: PesFields, data: Buffer): Buffer {
  const pts = wrapPts(Math.round(fields.pts));
  const dts = wrapPts(Math.round(fields.dts));
  const stampLength = pts === dts ? 5 : 10;
  const headerDataLength = Math.max(stampLength, fields.headerDataLength ?? 0);
  const header = Buffer.alloc(9 + headerDataLength, 0xff); // stuffing_byte
  const packetLength = 3 + headerDataLength + data.length;
  header[0] = 0; // packet_start_code_prefix
  header[1] = 0;
  header[2] = 1;
  header[3] = fields.streamId; // stream_id
  writeU16be(header, 4, fields.unbounded ? 0 : packetLength); // PES_packet_length
  header[6] = 0x80 | (fields.aligned ? 0x04 : 0); // '10', not scrambled, data_alignment_indicator
  header[7] = stampLength === 5 ? 0x80 : 0xc0; // PTS_DTS_flags
  header[8] = headerDataLength; // PES_header_data_length
  writeTimestamp(header, 9, stampLength === 5 ? 2 : 3, pts);
  if (stampLength === 10) writeTimestamp(header, 14, 1, dts);
  return Buffer.concat([header, data]);
}
