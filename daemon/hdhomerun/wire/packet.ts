import { crc32 } from 'node:zlib';
import { u16be } from '#shared/mpegts/bytes.ts';

/**
 * A packet of the device's own protocol, over UDP one per datagram, over TCP one behind the other.
 *
 * Spec: libhdhomerun, hdhomerun_pkt.h: `u16be type, u16be payload length, payload, u32le CRC`. The CRC is that of Ethernet
 * (zlib's), over header and payload.
 */

/** Packet types; any other number is nothing we know. */
export const PACKET_TYPE = {
  discoverRequest: 2,
  discoverReply: 3,
  getSetRequest: 4,
  getSetReply: 5,
  upgradeRequest: 6,
  upgradeReply: 7,
} as const;

export const HEADER_SIZE = 4;
const CRC_SIZE = 4;
/** Of a whole packet. */
export const MAX_PACKET_SIZE = 1460;
export const MAX_PAYLOAD_SIZE = MAX_PACKET_SIZE - HEADER_SIZE - CRC_SIZE;

export interface Packet {
  readonly type: number;
  /** A view of what it was parsed from. */
  readonly payload: Buffer;
}

/** @throws RangeError for a payload longer than the protocol allows: a mistake of ours, never of a client. */
export function encodePacket(type: number, payload: Buffer): Buffer {
  if (payload.length > MAX_PAYLOAD_SIZE) throw new RangeError(`a payload of ${payload.length} bytes`);
  const packet = Buffer.alloc(HEADER_SIZE + payload.length + CRC_SIZE);
  packet.writeUInt16BE(type, 0); // type
  packet.writeUInt16BE(payload.length, 2); // payload length
  payload.copy(packet, HEADER_SIZE); // payload
  packet.writeUInt32LE(crc32(packet.subarray(0, HEADER_SIZE + payload.length)), HEADER_SIZE + payload.length); // crc
  return packet;
}

/** Bytes that a packet beginning at `offset` takes; null while its header is not there. */
export function packetSizeAt(bytes: Buffer, offset: number): number | null {
  return bytes.length - offset < HEADER_SIZE ? null : HEADER_SIZE + u16be(bytes, offset + 2) + CRC_SIZE;
}

/** The packet that is exactly these bytes; null for a wrong length, or a wrong CRC. */
export function parsePacket(bytes: Buffer): Packet | null {
  const size = packetSizeAt(bytes, 0);
  if (size === null || size !== bytes.length || size > MAX_PACKET_SIZE) return null;
  if (crc32(bytes.subarray(0, size - CRC_SIZE)) !== bytes.readUInt32LE(size - CRC_SIZE)) return null;
  return { type: u16be(bytes, 0), payload: bytes.subarray(HEADER_SIZE, size - CRC_SIZE) };
}
