import { encodePacket, PACKET_TYPE, parsePacket } from './packet.ts';
import { encodeTlv, parseTlvs, TAG, u32, u32sOf } from './tlv.ts';

/** Spec: libhdhomerun, hdhomerun_pkt.h, HDHOMERUN_DEVICE_TYPE_* and _ID_WILDCARD. */
export const DEVICE_TYPE = { tuner: 0x0000_0001, storage: 0x0000_0005, wildcard: 0xffff_ffff } as const;
const ID_WILDCARD = 0xffff_ffff;

export interface DiscoverRequest {
  /** Of which one has to match. Empty: the client did not say. */
  readonly types: readonly number[];
  /** Null: any. */
  readonly deviceId: number | null;
}

/**
 * A request in whichever form: the old one of 20 bytes (type and id), or that of newer clients, which leave the id out
 * and may name several types in one tag. Null for what is no request, or is damaged.
 */
export function parseDiscoverRequest(datagram: Buffer): DiscoverRequest | null {
  const packet = parsePacket(datagram);
  if (packet?.type !== PACKET_TYPE.discoverRequest) return null;
  const types: number[] = [];
  let deviceId: number | null = null;
  for (const { tag, value } of parseTlvs(packet.payload)) {
    if ((tag === TAG.deviceType && value.length === 4) || tag === TAG.multiType) types.push(...u32sOf(value));
    if (tag === TAG.deviceId && value.length === 4) deviceId = value.readUInt32BE(0);
  }
  return { types, deviceId: deviceId === ID_WILDCARD ? null : deviceId };
}

/** Whether a tuner with this id is meant. A request without a type means nobody: clients always name one. */
export function asksForTuner(request: DiscoverRequest, deviceId: number): boolean {
  const isType = request.types.some((type) => type === DEVICE_TYPE.tuner || type === DEVICE_TYPE.wildcard);
  return isType && (request.deviceId === null || request.deviceId === deviceId);
}

export interface DiscoverReply {
  readonly deviceId: number;
  readonly tunerCount: number;
  readonly deviceAuth: string;
  readonly baseUrl: string;
  readonly lineupUrl: string;
}

/** Texts have no zero byte here, unlike those of get and set. */
export function encodeDiscoverReply(reply: DiscoverReply): Buffer {
  const payload = Buffer.concat([
    encodeTlv(TAG.deviceType, u32(DEVICE_TYPE.tuner)),
    encodeTlv(TAG.deviceId, u32(reply.deviceId)),
    encodeTlv(TAG.tunerCount, Buffer.from([reply.tunerCount & 0xff])),
    encodeTlv(TAG.deviceAuthString, Buffer.from(reply.deviceAuth, 'latin1')),
    encodeTlv(TAG.baseUrl, Buffer.from(reply.baseUrl, 'latin1')),
    encodeTlv(TAG.lineupUrl, Buffer.from(reply.lineupUrl, 'latin1')),
  ]);
  return encodePacket(PACKET_TYPE.discoverReply, payload);
}
