import test from 'ava';
import { PacketOutput } from '#shared/mpegts/packet-output.ts';

const numbered = (count: number, first = 0): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => Buffer.alloc(188, (first + index) & 0xff)));

test('what was put in comes out, once', (t) => {
  const output = new PacketOutput();
  t.is(output.take(), null);
  const bytes = numbered(3);
  output.append(bytes, 0, bytes.length);
  t.is(output.pendingBytes, 3 * 188);
  t.deepEqual(output.take(), bytes);
  t.is(output.pendingBytes, 0);
  t.is(output.take(), null);
});

test('only the given range is appended', (t) => {
  const output = new PacketOutput();
  const bytes = numbered(4);
  output.append(bytes, 188, 3 * 188);
  t.deepEqual(output.take(), bytes.subarray(188, 3 * 188));
});

test('a place that was reserved can be written in the buffer', (t) => {
  const output = new PacketOutput();
  output.append(numbered(1), 0, 188);
  const offset = output.reserve(188);
  output.buffer.fill(0x77, offset, offset + 188);
  t.deepEqual(output.take(), Buffer.concat([numbered(1), Buffer.alloc(188, 0x77)]));
});

test('what was taken is never written again, however much follows', (t) => {
  const output = new PacketOutput();
  const taken: { view: Buffer; copy: Buffer }[] = [];
  for (let round = 0; round < 300; round++) {
    const bytes = numbered(1 + (round % 13), round);
    output.append(bytes, 0, bytes.length);
    const view = output.take();
    if (view === null) return t.fail('nothing to take');
    t.true(view.equals(bytes));
    taken.push({ view, copy: Buffer.from(view) });
  }
  t.true(taken.every(({ view, copy }) => view.equals(copy)));
});

test('more than the first buffer holds is kept whole', (t) => {
  const output = new PacketOutput();
  const bytes = numbered(1500);
  for (let at = 0; at < bytes.length; at += 188) output.append(bytes, at, at + 188);
  t.true(output.take()?.equals(bytes));
});

test('a single piece larger than the buffer fits too, with what was there before it', (t) => {
  const output = new PacketOutput();
  output.append(numbered(2), 0, 376);
  output.append(numbered(2000, 2), 0, 2000 * 188);
  t.true(output.take()?.equals(numbered(2002)));
});
