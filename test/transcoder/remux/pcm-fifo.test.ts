import test from 'ava';
import { PcmFifo } from '#transcoder/remux/pcm-fifo.ts';

test('samples come out in order, whatever the sizes they are written and read in', (t) => {
  const fifo = new PcmFifo(2, 64);
  let written = 0;
  let read = 0;
  for (let round = 0; round < 500; round++) {
    const size = (round * 7) % 41;
    const offset = fifo.reserve(size);
    for (let i = 0; i < size; i++) {
      (fifo.planes[0] as Float32Array)[offset + i] = written + i;
      (fifo.planes[1] as Float32Array)[offset + i] = -(written + i);
    }
    fifo.commit(size);
    written += size;
    while (fifo.length >= 20) {
      const at = fifo.readOffset;
      t.deepEqual([fifo.planes[0]?.[at], fifo.planes[1]?.[at]], [read, read === 0 ? -0 : -read]);
      fifo.skip(20);
      read += 20;
    }
  }
  t.is(written - read, fifo.length);
});

test('what was reserved counts only as far as it was committed', (t) => {
  const fifo = new PcmFifo(1, 10);
  t.is(fifo.reserve(8), 0);
  t.is(fifo.length, 0);
  fifo.commit(3);
  t.is(fifo.length, 3);
  t.is(fifo.reserve(7), 3);
});

test('what is inside stays when the rest moves down', (t) => {
  const fifo = new PcmFifo(1, 10);
  const plane = fifo.planes[0] as Float32Array;
  plane.set([1, 2, 3, 4, 5, 6, 7, 8], fifo.reserve(8));
  fifo.commit(8);
  fifo.skip(6);
  const offset = fifo.reserve(8);
  t.is(offset, 2);
  t.deepEqual([...plane.subarray(fifo.readOffset, fifo.readOffset + fifo.length)], [7, 8]);
});

test('more than there is room for is refused, and nothing is lost by that', (t) => {
  const fifo = new PcmFifo(1, 10);
  (fifo.planes[0] as Float32Array).set([1, 2, 3], fifo.reserve(3));
  fifo.commit(3);
  t.throws(() => fifo.reserve(8), { instanceOf: RangeError, message: 'no room for 8 samples' });
  t.is(fifo.length, 3);
  t.is(fifo.planes[0]?.[fifo.readOffset], 1);
  t.is(fifo.reserve(7), 3);
});
