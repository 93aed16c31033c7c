import test from 'ava';
import { hex, u8, u16be, u24be, u32be, writeU16be, writeU32be } from '#shared/mpegts/bytes.ts';

const BYTES = Uint8Array.from([0x00, 0xff, 0x80, 0x7f, 0x01, 0xfe]);

test('numbers are read with the high byte first', (t) => {
  t.is(u8(BYTES, 1), 0xff);
  t.is(u16be(BYTES, 1), 0xff80);
  t.is(u24be(BYTES, 1), 0xff807f);
  t.is(u32be(BYTES, 0), 0x00ff807f);
});

test('a number with its top bit set is not negative', (t) => {
  t.is(u32be(BYTES, 1), 0xff807f01);
  t.true(u32be(BYTES, 1) > 2 ** 31);
});

test('a view that does not begin where its buffer does is read from its own beginning', (t) => {
  const view = BYTES.subarray(2);
  t.is(view.byteOffset, 2);
  t.is(u16be(view, 0), 0x807f);
  t.is(u32be(view, 0), 0x807f01fe);
});

const round = test.macro<[number]>({
  exec(t, value) {
    const room = new Uint8Array(6).fill(0x55);
    writeU32be(room, 1, value);
    t.is(u32be(room, 1), value);
    writeU16be(room, 1, value % 0x10000);
    t.is(u16be(room, 1), value % 0x10000);
    t.deepEqual([room[0], room[5]], [0x55, 0x55], 'the neighbours are untouched');
  },
  title: (_, value) => `${hex(value, 8)} is read as it was written`,
});
for (const value of [0, 1, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff]) test(round, value);

test('hex shows wire numbers padded, never cut', (t) => {
  t.is(hex(0x1b), '0x1b');
  t.is(hex(5), '0x05');
  t.is(hex(0x11, 4), '0x0011');
  t.is(hex(0x12345, 2), '0x12345');
});
