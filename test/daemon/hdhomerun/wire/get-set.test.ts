import test from 'ava';
import { encodeGetSetReply, encodeGetSetRequest, parseGetSetRequest } from '#daemon/hdhomerun/wire/get-set.ts';
import { encodePacket, MAX_PACKET_SIZE, type Packet, parsePacket } from '#daemon/hdhomerun/wire/packet.ts';
import { parseTlvs, TAG, textOf } from '#daemon/hdhomerun/wire/tlv.ts';

function packet(bytes: Buffer): Packet {
  const parsed = parsePacket(bytes);
  if (parsed === null) throw new Error('no packet');
  return parsed;
}

test('reading a variable, byte by byte', (t) => {
  const bytes = encodeGetSetRequest({ name: '/sys/model', value: null, lockkey: null });
  t.is(bytes.subarray(0, -4).toString('hex'), `0004000d030b${Buffer.from('/sys/model\0').toString('hex')}`);
  t.deepEqual(parseGetSetRequest(packet(bytes)), { name: '/sys/model', value: null, lockkey: null });
});

test('setting one with a lock key, byte by byte', (t) => {
  const payload = Buffer.concat([
    Buffer.from([0x03, 16]), // name
    Buffer.from('/tuner0/channel\0'),
    Buffer.from([0x04, 5]), // value
    Buffer.from('none\0'),
    Buffer.from([0x15, 4, 0x12, 0x34, 0x56, 0x78]), // lock key
  ]);
  const bytes = encodePacket(4, payload);
  const request = { name: '/tuner0/channel', value: 'none', lockkey: 0x1234_5678 };
  t.deepEqual(parseGetSetRequest(packet(bytes)), request);
  t.deepEqual(encodeGetSetRequest(request), bytes);
});

test('a client that counts no zero byte is understood', (t) => {
  const bytes = encodePacket(4, Buffer.concat([Buffer.from([0x03, 10]), Buffer.from('/sys/model')]));
  t.is(parseGetSetRequest(packet(bytes))?.name, '/sys/model');
});

test('without a name there is no request', (t) => {
  t.is(parseGetSetRequest({ type: 4, payload: Buffer.alloc(0) }), null);
  t.is(parseGetSetRequest({ type: 4, payload: Buffer.from([3, 1, 0]) }), null);
  t.is(parseGetSetRequest({ type: 2, payload: Buffer.from([3, 2, 0x61, 0]) }), null);
});

test('the answer repeats the name and carries value or error', (t) => {
  const value = parseTlvs(packet(encodeGetSetReply('/sys/model', { kind: 'value', text: 'x' })).payload);
  t.deepEqual(
    value.map(({ tag, value: bytes }) => [tag, bytes.toString('latin1')]),
    [
      [TAG.getSetName, '/sys/model\0'],
      [TAG.getSetValue, 'x\0'],
    ],
  );
  const error = parseTlvs(packet(encodeGetSetReply('/x', { kind: 'error', text: 'ERROR: no' })).payload);
  t.is(error[1]?.tag, TAG.errorMessage);
});

test('an answer that is too long is cut at the end of a line and fits a packet', (t) => {
  const text = Array.from({ length: 400 }, (_, index) => `${index}: ${index} Zweites Österreichisches\n`).join('');
  const bytes = encodeGetSetReply('/tuner0/streaminfo', { kind: 'value', text });
  t.true(bytes.length <= MAX_PACKET_SIZE);
  const shown = textOf(parseTlvs(packet(bytes).payload)[1]?.value ?? Buffer.alloc(0));
  t.true(shown.endsWith('Österreichisches\n'));
  t.true(text.startsWith(shown));
});
