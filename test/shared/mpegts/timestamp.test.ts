import test from 'ava';
import {
  pcrDifference,
  ptsDifference,
  TimestampUnwrapper,
  timestampAt,
  wrappedDifference,
  writeTimestamp,
} from '#shared/mpegts/timestamp.ts';
import { PCR_MODULO, type Pts90k, TIMESTAMP_MODULO } from '#shared/mpegts/types.ts';
import { timestampBytes } from '#test/helpers/ts-builder.ts';

const EDGES = [
  0,
  1,
  90_000,
  2 ** 15 - 1,
  2 ** 15,
  2 ** 30 - 1,
  2 ** 30,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 32 + 2 ** 31,
  2 ** 33 - 1,
];

const wire = test.macro<[number]>({
  exec(t, ticks) {
    for (const prefix of [1, 2, 3] as const) {
      const expected = timestampBytes(prefix, ticks);
      t.is(timestampAt(expected, 0), ticks as Pts90k);
      const written = Buffer.alloc(7, 0x55);
      writeTimestamp(written, 1, prefix, ticks as Pts90k);
      t.deepEqual(written.subarray(1, 6), expected);
      t.deepEqual([written[0], written[6]], [0x55, 0x55], 'the neighbours are untouched');
    }
  },
  title: (_, ticks) => `a stamp of ${ticks} ticks is read and written as the standard draws it`,
});
for (const ticks of EDGES) test(wire, ticks);

test('the bytes of a known stamp', (t) => {
  // 21 00 05 bf 21 is ffmpeg's first PTS, 90,000
  t.is(timestampAt(Buffer.from('210005bf21', 'hex'), 0), 90_000 as Pts90k);
  t.is(timestampAt(Buffer.from('2fffffffff', 'hex'), 0), (2 ** 33 - 1) as Pts90k);
});

test('a stamp in a view with an offset is the same stamp', (t) => {
  const view = Buffer.concat([Buffer.alloc(5, 0xff), timestampBytes(2, 2 ** 32 + 5)]).subarray(5);
  t.not(view.byteOffset, 0);
  t.is(timestampAt(view, 0), (2 ** 32 + 5) as Pts90k);
});

for (const at of [0, 2, 4]) {
  test(`a stamp whose marker bit in byte ${at} is 0 is none`, (t) => {
    const bytes = timestampBytes(2, 2 ** 33 - 1);
    bytes[at] = (bytes[at] ?? 0) & 0xfe;
    t.is(timestampAt(bytes, 0), null);
  });
}

const distance = test.macro<[number, number, number]>({
  exec(t, from, to, expected) {
    t.is(ptsDifference(from, to), expected);
    t.is(pcrDifference(from * 300, to * 300), expected * 300);
    t.is(ptsDifference(to, from) + 0, -expected + 0, 'and back');
  },
  title: (_, from, to, expected) => `from ${from} to ${to} it is ${expected} ticks`,
});
test(distance, 10, 10, 0);
test(distance, 10, 30, 20);
test(distance, 2 ** 33 - 10, 10, 20);
test(distance, 2 ** 31 - 10, 2 ** 31 + 10, 20);
test(distance, 2 ** 32 - 10, 2 ** 32 + 10, 20);
test(distance, 0, 2 ** 32 - 1, 2 ** 32 - 1);
test(distance, 2 ** 33 - 1, 2 ** 32 - 2, 2 ** 32 - 1);

test('exactly half the circle keeps the sign it was given', (t) => {
  t.is(wrappedDifference(0, 500, 1000), 500);
  t.is(wrappedDifference(500, 0, 1000), -500);
});

test('a distance of several turns is brought back onto one', (t) => {
  t.is(wrappedDifference(0, 3001, 1000), 1);
  t.is(wrappedDifference(3001, 0, 1000), -1);
});

test('time runs on over a hundred wraps', (t) => {
  const unwrapper = new TimestampUnwrapper();
  const step = 2 ** 31 - 12_345;
  let expected = 2 ** 33 - 90_000;
  unwrapper.unwrap(expected);
  while (expected < 101 * TIMESTAMP_MODULO) {
    expected += step;
    t.is(unwrapper.unwrap(expected % TIMESTAMP_MODULO), expected);
  }
});

test('a step back over the wrap goes back, and forward again', (t) => {
  const unwrapper = new TimestampUnwrapper();
  t.is(unwrapper.unwrap(2 ** 33 - 100), 2 ** 33 - 100);
  t.is(unwrapper.unwrap(50), 2 ** 33 + 50);
  t.is(unwrapper.unwrap(2 ** 33 - 60), 2 ** 33 - 60);
  t.is(unwrapper.unwrap(80), 2 ** 33 + 80);
});

test('a step back before the first stamp gives a negative time', (t) => {
  const unwrapper = new TimestampUnwrapper();
  unwrapper.unwrap(10);
  t.is(unwrapper.unwrap(2 ** 33 - 20), -20);
});

test('looking at a stamp does not move time', (t) => {
  const unwrapper = new TimestampUnwrapper();
  t.is(unwrapper.peek(7), 7);
  unwrapper.unwrap(2 ** 33 - 10);
  t.is(unwrapper.peek(5), 2 ** 33 + 5);
  t.is(unwrapper.peek(5), 2 ** 33 + 5);
  t.is(unwrapper.unwrap(2 ** 33 - 5), 2 ** 33 - 5);
});

test('after a reset the next stamp stands for itself', (t) => {
  const unwrapper = new TimestampUnwrapper();
  unwrapper.unwrap(2 ** 33 - 10);
  unwrapper.unwrap(10);
  unwrapper.reset();
  t.is(unwrapper.unwrap(20), 20);
});

test('another circle is unwrapped the same way', (t) => {
  const unwrapper = new TimestampUnwrapper(PCR_MODULO);
  unwrapper.unwrap(PCR_MODULO - 27_000);
  t.is(unwrapper.unwrap(27_000), PCR_MODULO + 27_000);
});
