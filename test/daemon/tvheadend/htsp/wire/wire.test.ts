import test from 'ava';
import { decodeMessage } from '#daemon/tvheadend/htsp/wire/decode.ts';
import { encodeMessage, encodeMessageBefore } from '#daemon/tvheadend/htsp/wire/encode.ts';
import type { HtsMap } from '#daemon/tvheadend/htsp/wire/message.ts';
import { MessageReader } from '#daemon/tvheadend/htsp/wire/message-reader.ts';

const vector = test.macro<[HtsMap, string]>({
  exec(t, message, hex) {
    const expected = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    const bytes = encodeMessage(message);
    t.is(bytes.toString('hex'), expected.toString('hex'));
    t.deepEqual({ ...decodeMessage(bytes.subarray(4)) }, message);
  },
  title: (_, message) => `on the wire: ${JSON.stringify(message)}`,
});
test(vector, { a: 0 }, '00000007 02 01 00000000 61');
test(vector, { a: 1 }, '00000008 02 01 00000001 61 01');
test(vector, { a: 256 }, '00000009 02 01 00000002 61 0001');
test(vector, { a: 0xffff_ffff }, '0000000b 02 01 00000004 61 ffffffff');
test(vector, { a: -1 }, '0000000f 02 01 00000008 61 ffffffffffffffff');
test(vector, { a: -100 }, '0000000f 02 01 00000008 61 9cffffffffffffff');
test(vector, { pts: 1_234_567_890_123 }, '0000000f 02 03 00000006 707473 cb04fb711f01');
test(vector, { s: 'ä' }, '00000009 03 01 00000002 73 c3a4');
test(vector, { b: Buffer.from([1, 2]) }, '00000009 04 01 00000002 62 0102');
test(vector, { m: { x: 1 } }, '0000000f 01 01 00000008 6d 02 01 00000001 78 01'.replace('0000000f', '0000000f'));
test(vector, { l: [1, 2] }, '00000015 05 01 0000000e 6c 02 00 00000001 01 02 00 00000001 02');

test('a message without its data is all that stands before them', (t) => {
  const data = Buffer.from('payload');
  const head = encodeMessageBefore({ method: 'muxpkt', stream: 2 }, 'payload', data.length);
  t.deepEqual(Buffer.concat([head, data]), encodeMessage({ method: 'muxpkt', stream: 2, payload: data }));
});

test('fields that are undefined are left out, and what a name is does not matter', (t) => {
  const message = decodeMessage(encodeMessage({ a: undefined, __proto__x: 1, constructor: 'c' } as HtsMap).subarray(4));
  t.deepEqual(Object.keys(message), ['__proto__x', 'constructor']);
});

test('a string ends at its NUL, a UUID is bytes, booleans are read in both forms', (t) => {
  const bytes = Buffer.from(
    '03010000000373' + '610062' + '0801000000027500ff' + '07010000000174' + '01' + '07010000000066',
    'hex',
  );
  const { s, u, t: yes, f: no } = decodeMessage(bytes);
  t.deepEqual([s, Buffer.from(u as Uint8Array).toString('hex'), yes, no], ['a', '00ff', true, false]);
});

const refused = test.macro<[string, RegExp]>({
  exec(t, hex, expected) {
    const error = t.throws(() => decodeMessage(Buffer.from(hex.replaceAll(' ', ''), 'hex')));
    t.regex(error?.message ?? '', expected);
    t.is((error as { code?: string }).code, 'HTSP_BROKEN');
  },
  title: (_, hex, expected) => `refused: ${hex.slice(0, 30)} (${expected.source})`,
});
test(refused, '02 01 00', /cut off/);
test(refused, '03 01 ffffffff 61', /longer than what holds it/);
test(refused, '09 01 00000000 61', /unknown type 9/);
test(refused, '02 01 00000009 61 000000000000000000', /longer than 8/);
test(refused, '06 01 00000001 61 00', /double/);

test('maps within maps end somewhere', (t) => {
  let bytes: Buffer = Buffer.alloc(0);
  for (let depth = 0; depth < 9; depth++) {
    const head = Buffer.from([1, 1, 0, 0, 0, 0, 0x6d]);
    head.writeUInt32BE(bytes.length, 2);
    bytes = Buffer.concat([head, bytes]);
  }
  t.throws(() => decodeMessage(bytes), { message: /within each other/ });
  t.notThrows(() => decodeMessage(bytes.subarray(7 * 2)));
});

test('so does the number of fields', (t) => {
  const field = Buffer.from('020100000000' + '61', 'hex');
  t.throws(() => decodeMessage(Buffer.concat(Array.from({ length: 1_025 }, () => field))), { message: /1024 fields/ });
});

test('messages come out whole, however the bytes are split', (t) => {
  const messages: HtsMap[] = [{ method: 'hello', seq: 1 }, {}, { method: 'x'.repeat(3_000), seq: 300 }];
  const bytes = Buffer.concat(messages.map(encodeMessage));
  for (const step of [1, 2, 3, 7, 64, 1_000, bytes.length]) {
    const read: HtsMap[] = [];
    const reader = new MessageReader((message) => read.push({ ...decodeMessage(message) }));
    for (let at = 0; at < bytes.length; at += step) reader.push(bytes.subarray(at, at + step));
    t.deepEqual(read, messages, `in steps of ${step}`);
    t.is(reader.heldBytes, 0);
  }
});

test('a length that no request has is refused before anything of it is kept', (t) => {
  const reader = new MessageReader(() => t.fail());
  const error = t.throws(() => reader.push(Buffer.from('7fffffff', 'hex')));
  t.is((error as { code?: string }).code, 'HTSP_BROKEN');
});
