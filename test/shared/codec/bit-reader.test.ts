import test from 'ava';
import { BitReader } from '#shared/codec/bit-reader.ts';
import { BitWriter } from '#test/helpers/bit-writer.ts';

test('fields of every width at every bit offset come out as they went in', (t) => {
  for (let shift = 0; shift < 8; shift++) {
    for (let width = 1; width <= 24; width++) {
      const values = [0, 1, 2 ** width - 1, 2 ** (width - 1), 0x5a5a5a % 2 ** width];
      const writer = new BitWriter().put(0, shift);
      for (const value of values) writer.put(value, width);
      const reader = new BitReader(writer.bytes());
      reader.skip(shift);
      t.deepEqual(
        values.map(() => reader.read(width)),
        values,
        `${width} bits from bit ${shift}`,
      );
      t.is(reader.position, shift + values.length * width);
      t.false(reader.exhausted);
    }
  }
});

test('the range it is given is a part of the buffer, and the buffer may be a view', (t) => {
  const bytes = Buffer.from([0xff, 0xff, 0xab, 0xcd, 0xff, 0xff]).subarray(1);
  const reader = new BitReader(bytes, 1, 3);
  t.is(reader.position, 8);
  t.is(reader.read(4), 0xa);
  t.true(reader.flag());
  t.is(reader.read(11), 0x3cd);
  t.false(reader.exhausted);
  t.is(reader.read(8), 0, 'behind the end it reads zeros');
  t.true(reader.exhausted);
});

test('a field across the end has its missing bits as zeros and is told', (t) => {
  const reader = new BitReader(Buffer.from([0xff]));
  t.is(reader.read(12), 0xff0);
  t.true(reader.exhausted);
});

test('the very end is not behind it, a skip past it is', (t) => {
  const reader = new BitReader(Buffer.from([1, 2]));
  reader.skip(16);
  t.false(reader.exhausted);
  reader.skip(1);
  t.true(reader.exhausted);
  reader.skip(2 ** 33);
  t.is(reader.read(24), 0);
});
