import test from 'ava';
import { BitWriter } from '#transcoder/aac/bit-writer.ts';

test('bits stand in the order they were put, the first in the highest place', (t) => {
  const writer = new BitWriter(8);
  writer.put(0b101, 3);
  writer.put(0, 0);
  writer.put(0x123456, 24);
  writer.put(1, 1);
  t.is(writer.bits, 28);
  writer.align();
  writer.align();
  t.is(writer.bits, 32);
  t.is(
    writer.bytes.subarray(0, 4).readUInt32BE(0).toString(2),
    `101${(0x123456).toString(2).padStart(24, '0')}1${'0000'}`,
  );
});

test('after a reset it begins anew, and what is too long is counted without harm', (t) => {
  const writer = new BitWriter(2);
  writer.put(7, 3);
  writer.reset();
  t.is(writer.bits, 0);
  for (let i = 0; i < 10; i++) writer.put(0xff, 8);
  t.is(writer.bits, 80);
  t.deepEqual([...writer.bytes], [255, 255]);
});
