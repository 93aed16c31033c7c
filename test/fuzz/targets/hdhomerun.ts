import { parseQuery } from '#daemon/hdhomerun/announce/mdns-responder.ts';
import { MAX_REPLY_BYTES } from '#daemon/hdhomerun/discovery/discovery-server.ts';
import { asksForTuner, encodeDiscoverReply, parseDiscoverRequest } from '#daemon/hdhomerun/wire/discover.ts';
import { encodeGetSetReply, encodeGetSetRequest, parseGetSetRequest } from '#daemon/hdhomerun/wire/get-set.ts';
import {
  encodePacket,
  MAX_PACKET_SIZE,
  MAX_PAYLOAD_SIZE,
  type Packet,
  parsePacket,
} from '#daemon/hdhomerun/wire/packet.ts';
import { PacketReader } from '#daemon/hdhomerun/wire/packet-reader.ts';
import { encodeTlv, parseTlvs, u32 } from '#daemon/hdhomerun/wire/tlv.ts';
import { XgError } from '#shared/errors.ts';
import { flipBits, overwriteRun, truncate } from '../mutations/bytes.ts';
import { Random } from '../random.ts';
import { type FuzzTarget, mustHold } from '../target.ts';

const NAMES = ['/sys/model', '/tuner0/channel', '/tuner0/lockkey', '', 'help', '/tuner0/streaminfo', '\u00e9\u0000x'];
const TAGS = [1, 2, 3, 4, 5, 0x10, 0x15, 0x27, 0x2a, 0x2b, 0x2d, 0xff];

function anyPacket(random: Random): Buffer {
  if (random.chance(0.4)) {
    return encodeGetSetRequest({
      name: random.pick(NAMES) ?? '',
      value: random.chance(0.5) ? 'x'.repeat(random.below(random.pick([4, 200, 1_300]))) : null,
      lockkey: random.chance(0.3) ? random.word() >>> 0 : null,
    });
  }
  const tlvs: Buffer[] = [];
  let room = MAX_PAYLOAD_SIZE;
  for (let left = random.below(8); left > 0; left--) {
    const value = random.chance(0.5)
      ? u32(random.word() >>> 0)
      : random.bytes(random.below(random.pick([5, 130, 400])));
    const tlv = encodeTlv(random.pick(TAGS) ?? 1, value);
    if (tlv.length > room) break;
    room -= tlv.length;
    tlvs.push(random.chance(0.1) ? tlv.subarray(0, random.below(tlv.length)) : tlv);
  }
  return encodePacket(random.chance(0.8) ? random.below(8) : random.below(0x1_0000), Buffer.concat(tlvs));
}

/** The answers that a packet can get; each fits its bound. */
function answer(packet: Packet): number {
  let bytes = 0;
  for (const { value } of parseTlvs(packet.payload)) mustHold(value.length <= MAX_PAYLOAD_SIZE, () => 'a value beyond');
  const request = parseGetSetRequest(packet);
  for (const kind of request === null ? [] : (['value', 'error'] as const)) {
    const name = request?.name ?? '';
    const reply = encodeGetSetReply(name, { kind, text: `${'line of a long answer\n'.repeat(100)}${name}` });
    mustHold(reply.length <= MAX_PACKET_SIZE, () => `an answer of ${reply.length} bytes`);
    bytes += reply.length;
  }
  return bytes;
}

/**
 * What anybody may send to port 65001: by UDP a datagram, by TCP packets however split. Whole packets come out as they
 * went in, anything else is refused, and no answer is longer than it may be.
 */
export const hdhomerunTarget: FuzzTarget = {
  name: 'hdhomerun',
  weight: 2,
  make(random) {
    const packets = Array.from({ length: random.size(12) }, () => anyPacket(random));
    let bytes = random.chance(0.05) ? random.bytes(random.size(5_000)) : Buffer.concat(packets);
    if (random.chance(0.6)) bytes = Buffer.from(random.pick([flipBits, overwriteRun, truncate])(bytes, random));
    return { options: { seed: random.word() }, bytes };
  },
  run({ options, bytes }) {
    const random = new Random(Number(options['seed']));
    let bytesOut = 0;
    parseQuery(bytes.subarray(0, 1_500)); // the mDNS port: refused or read, never thrown
    const discover = parseDiscoverRequest(bytes.subarray(0, MAX_PACKET_SIZE));
    if (discover !== null && asksForTuner(discover, 0x1050_a5c0)) {
      const baseUrl = 'http://255.255.255.255:65535';
      const lineupUrl = `${baseUrl}/lineup.json`;
      const reply = encodeDiscoverReply({
        deviceId: 0x1050_a5c0,
        tunerCount: 4,
        deviceAuth: 'xg2g',
        baseUrl,
        lineupUrl,
      });
      mustHold(reply.length <= MAX_REPLY_BYTES, () => `a reply of ${reply.length} bytes`);
      bytesOut += reply.length;
    }
    const rebuilt: Buffer[] = [];
    const reader = new PacketReader((packet) => {
      const whole = encodePacket(packet.type, packet.payload);
      mustHold(parsePacket(whole) !== null, () => 'a packet that is none');
      rebuilt.push(whole);
      bytesOut += answer(packet);
    });
    let at = 0;
    try {
      while (at < bytes.length) {
        const to = Math.min(bytes.length, at + random.size(1_500));
        reader.push(bytes.subarray(at, to));
        at = to;
        mustHold(reader.pendingBytes < MAX_PACKET_SIZE, () => `${reader.pendingBytes} bytes are kept`);
      }
    } catch (error) {
      if (!(error instanceof XgError) || error.code !== 'HDHR_PACKET') throw error;
    }
    const read = Buffer.concat(rebuilt);
    mustHold(read.equals(bytes.subarray(0, read.length)), () => 'a packet is not what was sent');
    const isWhole = at >= bytes.length && reader.pendingBytes === 0;
    mustHold(!isWhole || read.length === bytes.length, () => 'packets are missing');
    return { bytesOut };
  },
};
