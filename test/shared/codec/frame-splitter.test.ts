import test from 'ava';
import { parseAc3Header } from '#shared/codec/ac3.ts';
import { parseAdtsHeader } from '#shared/codec/adts.ts';
import type { AudioHeaderParser } from '#shared/codec/audio-frame.ts';
import { FrameSplitter } from '#shared/codec/frame-splitter.ts';
import { parseLoasHeader } from '#shared/codec/loas.ts';
import { parseMpegAudioHeader } from '#shared/codec/mpeg-audio.ts';
import {
  ac3Header,
  adtsHeader,
  eac3Header,
  filled,
  loasFrame,
  mp2Frame,
  mpegAudioHeader,
} from '#test/transcoder/support/audio-frames.ts';

interface Found {
  readonly bytes: Buffer;
  readonly position: number;
}

function splitter(parse: AudioHeaderParser = parseMpegAudioHeader) {
  const frames: Found[] = [];
  const junk: number[] = [];
  const split = new FrameSplitter(
    parse,
    ({ bytes, header, position }) => {
      if (bytes.length !== header.length) throw new Error(`${bytes.length} bytes, header says ${header.length}`);
      frames.push({ bytes: Buffer.from(bytes), position });
    },
    (bytes) => junk.push(bytes),
  );
  return { split, frames, marks: () => frames.map(({ bytes }) => bytes.at(-1)), junkBytes: () => sum(junk) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const FRAMES = range(4).map((mark) => mp2Frame(mark));
const STREAM = Buffer.concat(FRAMES);

const SYNTAXES: readonly (readonly [string, AudioHeaderParser, readonly Buffer[]])[] = [
  ['MPEG audio', parseMpegAudioHeader, FRAMES],
  ['AC-3', parseAc3Header, range(4).map((mark) => filled(ac3Header(), 768, mark))],
  ['E-AC-3', parseAc3Header, [100, 4096, 8, 300].map((length, mark) => filled(eac3Header({ length }), length, mark))],
  ['ADTS', parseAdtsHeader, [100, 8191, 8, 300].map((length, mark) => filled(adtsHeader({ length }), length, mark))],
  ['LOAS', parseLoasHeader, [100, 8191, 8, 300].map((length) => loasFrame(Buffer.alloc(length, length)))],
];

for (const [name, parse, frames] of SYNTAXES) {
  test(`${name}: every frame comes out whole and in its place, wherever the stream is split in two`, (t) => {
    const stream = Buffer.concat(frames);
    const positions = frames.map((_, index) => sum(frames.slice(0, index).map((frame) => frame.length)));
    for (let cut = 0; cut <= stream.length; cut += stream.length > 4000 ? 13 : 1) {
      const { split, frames: found, junkBytes } = splitter(parse);
      split.push(stream, 0, cut);
      split.push(stream, cut, stream.length);
      split.finish();
      const isRight =
        found.length === frames.length && found.every(({ bytes }, i) => bytes.equals(frames[i] as Buffer));
      if (!isRight) t.fail(`cut at ${cut}`);
      if (found.some(({ position }, index) => position !== positions[index])) t.fail(`positions, cut at ${cut}`);
      if (junkBytes() !== 0) t.fail(`${junkBytes()} bytes of junk, cut at ${cut}`);
    }
    t.pass();
  });

  test(`${name}: pieces of any size`, (t) => {
    const stream = Buffer.concat(frames);
    for (const size of [1, 2, 3, 184, 1000, 40_000]) {
      const { split, frames: found } = splitter(parse);
      for (let at = 0; at < stream.length; at += size) split.push(stream, at, Math.min(stream.length, at + size));
      split.finish();
      t.deepEqual(
        found.map(({ bytes }) => bytes.length),
        frames.map(({ length }) => length),
      );
    }
  });
}

test('a view into a larger buffer is read from its own start, and may be written over afterwards', (t) => {
  const large = Buffer.concat([Buffer.alloc(33, 0xff), STREAM, Buffer.alloc(50, 0xff)]);
  const view = large.subarray(33);
  const { split, marks } = splitter();
  for (let at = 0; at < STREAM.length; at += 100) {
    const piece = Buffer.from(view.subarray(at, Math.min(STREAM.length, at + 100)));
    split.push(piece, 0, piece.length);
    piece.fill(0xee);
  }
  split.push(view, 0, 0);
  split.finish();
  t.deepEqual(marks(), [0, 1, 2, 3]);
});

test('the first frame is believed once the next one follows, later ones with their last byte', (t) => {
  const { split, marks } = splitter();
  split.push(STREAM, 0, 576 + 3);
  t.deepEqual(marks(), []);
  split.push(STREAM, 579, 580);
  t.deepEqual(marks(), [0]);
  split.push(STREAM, 580, 1151);
  t.deepEqual(marks(), [0]);
  split.push(STREAM, 1151, 1152);
  t.deepEqual(marks(), [0, 1]);
});

test('the last frame of a stream counts although no other follows it, half a one does not', (t) => {
  const whole = splitter();
  whole.split.push(STREAM, 0, 576);
  whole.split.finish();
  t.deepEqual(whole.marks(), [0]);
  const half = splitter();
  half.split.push(STREAM, 0, 576 + 575);
  half.split.finish();
  t.deepEqual(half.marks(), [0]);
  t.is(half.junkBytes(), 575);
});

test('a stream that begins within a frame starts with the next, and what came before is counted', (t) => {
  for (const from of [1, 4, 100, 575]) {
    const { split, frames, marks, junkBytes } = splitter();
    split.push(STREAM, from, STREAM.length);
    split.finish();
    t.deepEqual(marks(), [1, 2, 3]);
    t.is(junkBytes(), 576 - from);
    t.is(frames[0]?.position, 576 - from);
  }
});

test('a sync word within a frame does not catch a stream that begins there', (t) => {
  const stream = Buffer.from(STREAM);
  for (const at of [100, 300, 571]) mpegAudioHeader().copy(stream, at); // whole headers, but none follows where they say
  const { split, marks } = splitter();
  split.push(stream, 50, stream.length);
  split.finish();
  t.deepEqual(marks(), [1, 2, 3]);
});

test('junk between frames is left out and counted, and the frames around it are whole', (t) => {
  for (const length of [1, 3, 200, 5000]) {
    const junk = Buffer.alloc(length, 0x22);
    const stream = Buffer.concat([
      FRAMES[0] as Buffer,
      FRAMES[1] as Buffer,
      junk,
      FRAMES[2] as Buffer,
      FRAMES[3] as Buffer,
    ]);
    const { split, marks, frames, junkBytes } = splitter();
    for (let at = 0; at < stream.length; at += 184) split.push(stream, at, Math.min(stream.length, at + 184));
    split.finish();
    t.deepEqual(marks(), [0, 1, 2, 3]);
    t.is(junkBytes(), length);
    t.is(frames[2]?.position, 1152 + length);
  }
});

test('after a loss the half frames on both sides are dropped, and positions count what is missing', (t) => {
  for (const [from, to] of [
    [576 + 100, 576 + 284],
    [576, 576 + 184],
    [576 + 570, 1152 + 10],
  ] as const) {
    const { split, marks, frames, junkBytes } = splitter();
    split.push(STREAM, 0, from);
    t.is(split.writePosition, from);
    split.loseBytes(to - from);
    t.is(split.writePosition, to);
    split.push(STREAM, to, STREAM.length);
    split.finish();
    const last = frames.at(-1);
    t.is(last?.position, 3 * 576, 'in its place');
    t.is(last?.bytes.at(-1), 3);
    t.false(marks().includes(1));
    t.is(frames.length * 576 + junkBytes() + (to - from), STREAM.length, 'every byte is a frame, junk or lost');
  }
});

test('positions go on over millions of bytes', (t) => {
  const { split, frames } = splitter();
  for (let round = 0; round < 500; round++) split.push(STREAM, 0, STREAM.length);
  split.finish();
  t.is(frames.length, 2000);
  t.true(frames.every(({ position }, index) => position === index * 576));
  t.is(split.writePosition, 2000 * 576);
});

test('whatever comes, in whatever pieces, every byte is in a frame, junk or still held, and no more than 32 KiB are', (t) => {
  let state = 7;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (const [, parse, frames] of SYNTAXES) {
    const { split, frames: found, junkBytes } = splitter(parse);
    let pushed = 0;
    let lost = 0;
    for (let round = 0; round < 400; round++) {
      const kind = random(4);
      const frame = frames[random(frames.length)] as Buffer;
      const bytes =
        kind === 0
          ? Buffer.from(range(random(3000)).map(() => random(256)))
          : kind === 1
            ? frame.subarray(0, random(frame.length))
            : frame;
      const size = 1 + random(9000);
      for (let at = 0; at < bytes.length; at += size) split.push(bytes, at, Math.min(bytes.length, at + size));
      pushed += bytes.length;
      if (random(20) === 0) {
        split.loseBytes(184);
        lost += 184;
      }
      const accounted = sum(found.map(({ bytes: b }) => b.length)) + junkBytes();
      const held = pushed - accounted;
      if (held < 0 || held > 32 * 1024) t.fail(`${held} bytes held`);
    }
    split.finish();
    t.is(sum(found.map(({ bytes }) => bytes.length)) + junkBytes(), pushed);
    t.is(split.writePosition, pushed + lost);
  }
});
