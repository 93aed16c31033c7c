import test from 'ava';
import {
  encodePacket,
  MAX_PACKET_SIZE,
  MAX_PAYLOAD_SIZE,
  PACKET_TYPE,
  parsePacket,
} from '#daemon/hdhomerun/wire/packet.ts';

/** As Jellyfin sends it, byte by byte. */
const DISCOVER = Buffer.from('0002000c0104ffffffff0204ffffffff73cc7d8f', 'hex');

test('a request as a client sends it is parsed, and written the same', (t) => {
  const packet = parsePacket(DISCOVER);
  t.is(packet?.type, PACKET_TYPE.discoverRequest);
  t.is(packet?.payload.toString('hex'), '0104ffffffff0204ffffffff');
  t.deepEqual(encodePacket(PACKET_TYPE.discoverRequest, packet?.payload ?? Buffer.alloc(0)), DISCOVER);
});

test('every single wrong bit is noticed', (t) => {
  for (let bit = 0; bit < DISCOVER.length * 8; bit++) {
    const damaged = Buffer.from(DISCOVER);
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    t.is(parsePacket(damaged), null, `bit ${bit}`);
  }
});

test('a packet that is cut off, or has something behind it, is none', (t) => {
  for (let length = 0; length < DISCOVER.length; length++) t.is(parsePacket(DISCOVER.subarray(0, length)), null);
  t.is(parsePacket(Buffer.concat([DISCOVER, Buffer.from([0])])), null);
});

test('a packet within a pooled buffer is read at its place', (t) => {
  const pooled = Buffer.concat([Buffer.alloc(5, 0xff), DISCOVER, Buffer.alloc(3)]).subarray(5, 5 + DISCOVER.length);
  t.is(parsePacket(pooled)?.type, PACKET_TYPE.discoverRequest);
});

test('the largest packet is 1460 bytes, and a longer one cannot be made', (t) => {
  t.is(encodePacket(5, Buffer.alloc(MAX_PAYLOAD_SIZE)).length, MAX_PACKET_SIZE);
  t.throws(() => encodePacket(5, Buffer.alloc(MAX_PAYLOAD_SIZE + 1)), { instanceOf: RangeError });
});
