/** Spec: ETSI EN 300 468, 5.2.5 Time and date table, 5.2.6 Time offset table, Annex C (MJD). */
import { writeU16be } from '#shared/mpegts/bytes.ts';
import { PACKET_SIZE, writePacketHeader } from '#shared/mpegts/packet.ts';
import { PID_TDT } from '#shared/mpegts/types.ts';

const TABLE_TDT = 0x70;
const MJD_OF_1970 = 40_587;
const DAY_SECONDS = 86_400;

function bcd(value: number): number {
  return (Math.floor(value / 10) << 4) | (value % 10);
}

/** Writes a whole packet with a TDT of the given Unix time, which is UTC. */
export function writeTdtPacket(bytes: Uint8Array, offset: number, counter: number, unixSeconds: number): void {
  writePacketHeader(bytes, offset, PID_TDT, true, 1, counter);
  bytes.fill(0xff, offset + 4, offset + PACKET_SIZE);
  bytes[offset + 4] = 0; // pointer_field
  bytes[offset + 5] = TABLE_TDT; // table_id
  writeU16be(bytes, offset + 6, 0x7000 | 5); // section_syntax_indicator 0, reserved, section_length
  const seconds = Math.floor(unixSeconds);
  writeU16be(bytes, offset + 8, MJD_OF_1970 + Math.floor(seconds / DAY_SECONDS)); // UTC_time: MJD
  bytes[offset + 10] = bcd(Math.floor(seconds / 3600) % 24); // UTC_time: hours
  bytes[offset + 11] = bcd(Math.floor(seconds / 60) % 60); // minutes
  bytes[offset + 12] = bcd(seconds % 60); // seconds
}
