import test from 'ava';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import type { AudioCodec } from '#shared/mpegts/stream-type.ts';
import { TimestampUnwrapper } from '#shared/mpegts/timestamp.ts';
import { type PesFields, TsWriter } from '#test/helpers/ts-builder.ts';
import { AudioInput } from '#transcoder/remux/audio-input.ts';
import { ac3Header, eac3Header, filled, mp2Frame } from '../support/audio-frames.ts';

const PID = 0x100;
/** Ticks of an MPEG audio frame at 48 kHz. */
const TICKS = 2160;
const START = 90_000;

interface Heard {
  /** Last byte of the frame: which one it is. */
  readonly mark: number;
  readonly length: number;
  readonly pts: number | null;
  readonly lostSamples: number;
}

function input(codec: AudioCodec = 'mpeg-audio') {
  const heard: Heard[] = [];
  const codecs: AudioCodec[] = [];
  const faults = new FaultCounters();
  const audio = new AudioInput(codec, {
    listener: {
      onFrame: ({ bytes, pts, lostSamples }) => {
        heard.push({ mark: bytes.at(-1) ?? -1, length: bytes.length, pts, lostSamples });
      },
      onCodec: (found) => codecs.push(found),
    },
    faults,
    unwrapper: new TimestampUnwrapper(),
  });
  return { audio, heard, codecs, faults };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const frames = (count: number): Buffer[] => range(count).map((mark) => mp2Frame(mark));

/** How an elementary stream is cut into PES: at these bytes, each with the PTS of the first frame that begins in it. */
function packetsOf(stream: Buffer, cuts: readonly number[], fields: Partial<PesFields> = {}, start = START): Buffer[] {
  const writer = new TsWriter();
  for (const [index, from] of cuts.entries()) {
    const to = cuts[index + 1] ?? stream.length;
    const first = Math.ceil(from / 576);
    const pts = first * 576 < to ? { pts: (start + first * TICKS) % 2 ** 33 } : {};
    writer.pes(PID, { streamId: 0xc0, data: stream.subarray(from, to), ...pts, ...fields });
  }
  return [...writer.packets];
}

const every = (size: number, length: number): number[] => range(Math.ceil(length / size)).map((index) => index * size);

/** Pushes all but the packets in `lost`, told of the loss as the continuity counters tell it. */
function push(audio: AudioInput, packets: readonly Buffer[], lost: ReadonlySet<number> = new Set()): void {
  let missing = 0;
  for (const [index, bytes] of packets.entries()) {
    if (lost.has(index)) missing++;
    else {
      audio.pushPacket(Buffer.concat([Buffer.alloc(7), bytes]), 7, missing % 16);
      missing = 0;
    }
  }
}

/** Where a listener who only counts places each frame, against where it belongs. */
function misplaced(heard: readonly Heard[], start = START): string[] {
  const wrong: string[] = [];
  let time = Number.NaN;
  for (const { mark, pts, lostSamples } of heard) {
    time = pts ?? time + (lostSamples * 90_000) / 48_000;
    const off = time - (start + mark * TICKS);
    if (off !== 0) wrong.push(`frame ${mark} by ${(off / 90).toFixed(1)} ms`);
    time += TICKS;
  }
  return wrong;
}

const STREAM = Buffer.concat(frames(40));

const LAYOUTS: readonly (readonly [string, readonly number[]])[] = [
  ['a frame to a PES', every(576, STREAM.length)],
  ['five frames to a PES', every(5 * 576, STREAM.length)],
  ['PES that begin within frames', [0, ...every(1000, STREAM.length - 100).map((at) => at + 100)]],
  ['PES shorter than a frame', every(200, STREAM.length)],
  ['PES that begin a byte before a frame', [0, ...every(576, STREAM.length - 575).map((at) => at + 575)]],
  ['PES that begin a byte after a frame began', [0, ...every(576, STREAM.length - 577).map((at) => at + 577)]],
];

for (const [name, cuts] of LAYOUTS) {
  test(`a PTS belongs to the first frame that begins in its PES: ${name}`, (t) => {
    const { audio, heard, faults } = input();
    push(audio, packetsOf(STREAM, cuts));
    audio.finish();
    t.deepEqual(
      heard.map(({ mark }) => mark),
      range(40),
    );
    const stamped = new Set(
      cuts.map((from, index) => {
        const first = Math.ceil(from / 576);
        return first * 576 < (cuts[index + 1] ?? STREAM.length) ? first : -1;
      }),
    );
    for (const { mark, pts, lostSamples } of heard) {
      t.is(pts, stamped.has(mark) ? START + mark * TICKS : null, `frame ${mark}`);
      t.is(lostSamples, 0);
    }
    t.deepEqual(faults.toJSON(), {});
  });

  test(`after any loss every frame lies where it belongs: ${name}`, (t) => {
    const packets = packetsOf(STREAM, cuts);
    for (const length of [1, 2, 5, 15]) {
      for (let from = 8; from + length < packets.length - 16; from++) {
        const { audio, heard } = input();
        push(audio, packets, new Set(range(length).map((index) => from + index)));
        audio.finish();
        const wrong = misplaced(heard);
        if (wrong.length > 0) t.fail(`packets ${from}…${from + length - 1} lost: ${wrong.slice(0, 4).join(', ')}`);
        // The frame the loss begins in, the one it ends in, one that makes the splitter sure again: no more.
        const bytes = length * 184;
        const least = 40 - Math.ceil(bytes / 576) - 2;
        if (heard.length < least) t.fail(`packets ${from}…: ${heard.length} frames, expected ${least}`);
      }
    }
    t.pass();
  });
}

test('an unbounded PES is audio as well', (t) => {
  const { audio, heard } = input();
  push(audio, packetsOf(STREAM, every(5 * 576, STREAM.length), { packetLength: 0 }));
  audio.finish();
  t.is(heard.length, 40);
  t.deepEqual(misplaced(heard), []);
});

test('frames of PES without PTS have none, but what is lost is reckoned', (t) => {
  const writer = new TsWriter();
  for (const [index, frame] of frames(40).entries()) {
    writer.pes(PID, { streamId: 0xc0, data: frame, ...(index === 0 ? { pts: START } : {}) });
  }
  const { audio, heard } = input();
  // Four packets to a PES: the second half of frame 5, all of 6 and 7, the beginning of 8.
  push(audio, writer.packets, new Set(range(12).map((index) => 22 + index)));
  audio.finish();
  t.deepEqual(
    heard.filter(({ lostSamples }) => lostSamples > 0).map(({ mark, lostSamples }) => [mark, lostSamples]),
    [[9, 4 * 1152]],
  );
  t.deepEqual(misplaced(heard), []);
});

test('so much lost that the counters cannot tell is left to the next PTS', (t) => {
  const writer = new TsWriter();
  for (const [index, frame] of frames(100).entries()) {
    writer.pes(PID, { streamId: 0xc0, data: frame, ...(index % 50 === 0 ? { pts: START + index * TICKS } : {}) });
  }
  const { audio, heard } = input();
  push(audio, writer.packets, new Set(range(96).map((index) => 40 + index))); // 24 frames, a multiple of 16 packets
  audio.finish();
  t.is(heard.find(({ mark }) => mark === 50)?.pts, START + 50 * TICKS);
});

test('across the wrap of the clock time goes on', (t) => {
  const { audio, heard } = input();
  const start = 2 ** 33 - 10 * TICKS - 77;
  push(audio, packetsOf(STREAM, every(576, STREAM.length), {}, start));
  audio.finish();
  t.is(heard.length, 40);
  t.deepEqual(misplaced(heard, start), []);
});

test('a stream that begins within a frame and a PES begins with the first stamped frame it has whole', (t) => {
  const packets = packetsOf(STREAM, [0, ...every(1000, STREAM.length - 100).map((at) => at + 100)]);
  const { audio, heard } = input();
  push(audio, packets.slice(9));
  audio.finish();
  t.true(heard.length >= 35);
  t.not(heard[0]?.pts, null);
  t.deepEqual(misplaced(heard), []);
});

test('after an interruption half frames are dropped and the next PTS says where time goes on', (t) => {
  const { audio, heard } = input();
  const packets = packetsOf(STREAM, every(5 * 576, STREAM.length));
  push(audio, packets.slice(0, 22)); // within the second PES
  audio.discontinuity();
  push(audio, packets.slice(40)); // within the third
  audio.finish();
  const jump = heard.findIndex(({ mark }, index) => index > 0 && mark !== (heard[index - 1]?.mark ?? 0) + 1);
  t.is(heard[jump]?.pts, START + (heard[jump]?.mark ?? 0) * TICKS);
  t.deepEqual(misplaced(heard), []);
});

test('scrambled PES are counted and never frames, and no frame is put together across them', (t) => {
  const writer = new TsWriter();
  for (let at = 0; at < STREAM.length; at += 1000) {
    const first = Math.ceil(at / 576);
    const isScrambled = at >= 5000 && at < 12_000;
    const data = Buffer.from(STREAM.subarray(at, at + 1000));
    if (isScrambled) for (const [index, byte] of data.entries()) data[index] = byte ^ 0x5a;
    writer.pes(PID, { streamId: 0xc0, data, pts: START + first * TICKS, scrambling: isScrambled ? 2 : 0 });
  }
  const { audio, heard, faults } = input();
  push(audio, writer.packets);
  audio.finish();
  t.is(faults.get('scrambled'), 7);
  t.deepEqual(
    heard.map(({ mark }) => mark),
    [...range(8), ...range(19).map((index) => 21 + index)],
  );
  t.deepEqual(misplaced(heard), []);
});

test('what is no PES is counted, junk between frames too', (t) => {
  const writer = new TsWriter();
  writer.pes(PID, { streamId: 0xc0, data: STREAM.subarray(0, 576), pts: START });
  writer.packet({ pid: PID, payloadStart: true, payload: Buffer.from('this is no PES') });
  writer.pes(PID, { streamId: 0xc0, data: Buffer.concat([STREAM.subarray(576, 1152), Buffer.alloc(99, 0x22)]) });
  writer.pes(PID, { streamId: 0xc0, data: STREAM.subarray(1152, 2304) });
  const { audio, heard, faults } = input();
  push(audio, writer.packets);
  audio.finish();
  t.deepEqual(
    heard.map(({ mark }) => mark),
    [0, 1, 2, 3],
  );
  t.is(faults.get('pes-header'), 1);
  t.is(faults.get('junk-bytes'), 99);
});

test('another codec than the tables say is found by looking, once, and not while frames come', (t) => {
  const ac3 = Buffer.concat(range(60).map((mark) => filled(ac3Header(), 768, mark)));
  const wrong = input('mpeg-audio');
  push(wrong.audio, packetsOf(ac3, every(768, ac3.length)));
  t.deepEqual(wrong.codecs, ['ac3']);
  t.deepEqual(wrong.heard, []);
  const right = input('ac3');
  push(right.audio, packetsOf(ac3, every(768, ac3.length)));
  t.deepEqual(right.codecs, []);
  t.is(right.heard.length, 60);
});

test('a codec that changes without a word of the tables is found as well', (t) => {
  const ac3 = Buffer.concat(range(60).map((mark) => filled(ac3Header(), 768, mark)));
  const { audio, heard, codecs } = input('mpeg-audio');
  push(audio, packetsOf(STREAM, every(576, STREAM.length)));
  t.deepEqual(codecs, []);
  push(audio, packetsOf(ac3, every(768, ac3.length)));
  t.deepEqual(codecs, ['ac3']);
  t.is(heard.length, 40);
});

test('frames that are broken for a while are no other codec', (t) => {
  const { audio, heard, codecs } = input('mpeg-audio');
  const broken = Buffer.concat(range(60).map((mark) => Buffer.concat([mp2Frame(mark), Buffer.from([0])])));
  for (let at = 0; at < broken.length; at += 577) broken[at] = 0;
  push(audio, packetsOf(STREAM, every(576, STREAM.length)));
  push(audio, packetsOf(broken, every(577, broken.length)));
  push(audio, packetsOf(STREAM, every(576, STREAM.length)));
  audio.finish();
  t.deepEqual(codecs, []);
  t.is(heard.length, 80);
});

test('what is no audio at all is given up without an end of looking', (t) => {
  const { audio, codecs, heard } = input();
  push(audio, packetsOf(Buffer.alloc(100_000, 0x22), every(1000, 100_000)));
  t.deepEqual([codecs, heard], [[], []]);
});

test('an E-AC-3 unit has the PTS of its independent frame, its dependents in it', (t) => {
  const writer = new TsWriter();
  for (const mark of range(10)) {
    const unit = [
      filled(eac3Header({ length: 600 }), 600, mark),
      filled(eac3Header({ strmtyp: 1, length: 200 }), 200, mark),
    ];
    writer.pes(PID, { streamId: 0xbd, pts: START + mark * 2880, data: Buffer.concat(unit) });
  }
  const { audio, heard } = input('eac3');
  push(audio, writer.packets);
  audio.finish();
  t.deepEqual(
    heard.map(({ length, pts }) => [length, pts]),
    range(10).map((mark) => [mark === 0 ? 600 : 800, START + mark * 2880]),
  );
});

test('E-AC-3 beside another programme in its PES: lost units are reckoned by what a unit takes of the stream', (t) => {
  const writer = new TsWriter();
  for (const mark of range(30)) {
    const unit = [
      filled(eac3Header({ length: 600 }), 600, mark),
      filled(eac3Header({ substreamid: 1, length: 600 }), 600, mark),
    ];
    writer.pes(PID, { streamId: 0xbd, ...(mark === 0 ? { pts: START } : {}), data: Buffer.concat(unit) });
  }
  const { audio, heard } = input('eac3');
  push(audio, writer.packets, new Set([49, 50])); // seven packets to a PES: of unit 7, the first two
  audio.finish();
  t.deepEqual(
    heard.filter(({ lostSamples }) => lostSamples > 0).map(({ mark, lostSamples }) => [mark, lostSamples]),
    [[8, 1536]],
  );
});

test('a codec without frames here is refused at once', (t) => {
  t.throws(() => input('dts'), { instanceOf: TypeError, message: 'no frame syntax for dts' });
});
