import test from 'ava';
import { encodeGetSetRequest } from '#daemon/hdhomerun/wire/get-set.ts';
import { type Packet, parsePacket } from '#daemon/hdhomerun/wire/packet.ts';
import { PacketReader } from '#daemon/hdhomerun/wire/packet-reader.ts';

const ONE = encodeGetSetRequest({ name: '/sys/model', value: null, lockkey: null });
const TWO = encodeGetSetRequest({ name: '/tuner0/target', value: 'x'.repeat(300), lockkey: 7 });

function reading(): { reader: PacketReader; packets: Packet[] } {
  const packets: Packet[] = [];
  const reader = new PacketReader(({ type, payload }) => packets.push({ type, payload: Buffer.from(payload) }));
  return { reader, packets };
}

test('several packets in one segment are all there', (t) => {
  const { reader, packets } = reading();
  reader.push(Buffer.concat([ONE, TWO, ONE]));
  t.deepEqual(packets, [parsePacket(ONE), parsePacket(TWO), parsePacket(ONE)]);
  t.is(reader.pendingBytes, 0);
});

test('a packet may be cut anywhere', (t) => {
  const bytes = Buffer.concat([ONE, TWO]);
  for (let cut = 1; cut < bytes.length; cut++) {
    const { reader, packets } = reading();
    reader.push(bytes.subarray(0, cut));
    reader.push(bytes.subarray(cut));
    t.is(packets.length, 2, `cut at ${cut}`);
  }
});

test('bytes may come one by one', (t) => {
  const { reader, packets } = reading();
  for (const byte of Buffer.concat([ONE, TWO])) reader.push(Buffer.from([byte]));
  t.is(packets.length, 2);
});

test('an absurd length is refused by the header alone, before anything is kept', (t) => {
  const { reader } = reading();
  t.throws(() => reader.push(Buffer.from('0004ffff', 'hex')), { code: 'HDHR_PACKET' });
});

test('a wrong CRC is the end', (t) => {
  const { reader, packets } = reading();
  const damaged = Buffer.from(ONE);
  damaged[6] = 0;
  t.throws(() => reader.push(damaged), { code: 'HDHR_PACKET' });
  t.is(packets.length, 0);
});

test('never more than one packet is kept', (t) => {
  const { reader } = reading();
  reader.push(Buffer.concat([Buffer.from('000405ac', 'hex'), Buffer.alloc(1_450)]));
  t.true(reader.pendingBytes < 1_460);
});
