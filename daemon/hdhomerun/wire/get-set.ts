import { encodePacket, MAX_PAYLOAD_SIZE, PACKET_TYPE, type Packet } from './packet.ts';
import { encodeTlv, parseTlvs, TAG, textOf, zeroTerminated } from './tlv.ts';

/** A variable that a client reads, or sets. */
export interface GetSetRequest {
  readonly name: string;
  /** Null: it only reads. */
  readonly value: string | null;
  /** With which it has locked the tuner; null without. */
  readonly lockkey: number | null;
}

/** Null for what is no such request, or names nothing. */
export function parseGetSetRequest(packet: Packet): GetSetRequest | null {
  if (packet.type !== PACKET_TYPE.getSetRequest) return null;
  let name: string | null = null;
  let value: string | null = null;
  let lockkey: number | null = null;
  for (const tlv of parseTlvs(packet.payload)) {
    if (tlv.tag === TAG.getSetName) name = textOf(tlv.value);
    if (tlv.tag === TAG.getSetValue) value = textOf(tlv.value);
    if (tlv.tag === TAG.getSetLockkey && tlv.value.length === 4) lockkey = tlv.value.readUInt32BE(0);
  }
  return name === null || name === '' ? null : { name, value, lockkey };
}

export type GetSetAnswer =
  | { readonly kind: 'value'; readonly text: string }
  /** `text` begins with "ERROR: ". */
  | { readonly kind: 'error'; readonly text: string };

/** Room for the name's and the value's tag, their lengths and zero bytes. */
const OVERHEAD = 8;

/** A value that is too long for a packet is cut at a line's end. */
export function encodeGetSetReply(name: string, answer: GetSetAnswer): Buffer {
  const nameTlv = encodeTlv(TAG.getSetName, zeroTerminated(name));
  const room = MAX_PAYLOAD_SIZE - nameTlv.length - OVERHEAD;
  const tag = answer.kind === 'value' ? TAG.getSetValue : TAG.errorMessage;
  return encodePacket(
    PACKET_TYPE.getSetReply,
    Buffer.concat([nameTlv, encodeTlv(tag, zeroTerminated(cutLines(answer.text, room)))]),
  );
}

function cutLines(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let kept = '';
  for (const line of text.split('\n')) {
    if (Buffer.byteLength(kept) + Buffer.byteLength(line) + 1 > maxBytes) break;
    kept += `${line}\n`;
  }
  return kept;
}

/** What a request asks, as clients write it. Only tests and tools need it. */
export function encodeGetSetRequest(request: GetSetRequest): Buffer {
  const parts = [encodeTlv(TAG.getSetName, zeroTerminated(request.name))];
  if (request.value !== null) parts.push(encodeTlv(TAG.getSetValue, zeroTerminated(request.value)));
  if (request.lockkey !== null) {
    const key = Buffer.alloc(4);
    key.writeUInt32BE(request.lockkey);
    parts.push(encodeTlv(TAG.getSetLockkey, key));
  }
  return encodePacket(PACKET_TYPE.getSetRequest, Buffer.concat(parts));
}
