import test from 'ava';
import { parseLoasHeader } from '#shared/codec/loas.ts';
import { loasFrame } from '#test/transcoder/support/audio-frames.ts';

test('every length is read, up to 13 bits; an empty element is no frame', (t) => {
  for (const length of [1, 2, 255, 256, 4095, 4096, 8190, 8191]) {
    const frame = loasFrame(Buffer.alloc(length));
    t.deepEqual(parseLoasHeader(frame, 0, 3), {
      length: length + 3,
      sampleRate: 0,
      samples: 0,
      channels: 0,
      dualMono: false,
    });
    t.is(frame.length, length + 3);
  }
  t.is(parseLoasHeader(loasFrame(Buffer.alloc(0)), 0, 3), null);
});

test('a sync word with any bit wrong is none', (t) => {
  for (let bit = 0; bit < 11; bit++) {
    const frame = loasFrame(Buffer.alloc(20));
    frame[bit >> 3] = (frame[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
    t.is(parseLoasHeader(frame, 0, 3), null, `bit ${bit}`);
  }
});

test('three bytes have to be there, before the end and not before the end of the buffer', (t) => {
  const bytes = Buffer.concat([Buffer.alloc(5), loasFrame(Buffer.alloc(20))]).subarray(2);
  for (let end = 3; end < 6; end++) t.is(parseLoasHeader(bytes, 3, end), 'short');
  t.like(parseLoasHeader(bytes, 3, 6), { length: 23 });
});
