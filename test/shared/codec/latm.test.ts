import test from 'ava';
import { BitReader } from '#shared/codec/bit-reader.ts';
import { copyFromBit, LatmReader, parseStreamMuxConfig } from '#shared/codec/latm.ts';
import { BitWriter } from '#test/helpers/bit-writer.ts';
import { adtsHeader } from '#test/transcoder/support/audio-frames.ts';
import { elementaryFrames } from '#test/transcoder/support/elementary-frames.ts';
import { decodedPcm, encoded } from '#test/transcoder/support/encoded.ts';
import { latmFrame, putStreamMuxConfig, type StreamMuxConfigFields } from '#test/transcoder/support/latm-builder.ts';

const UNIT = Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 37 + 11) & 0xff));

function config(fields: StreamMuxConfigFields) {
  const bits = new BitWriter();
  putStreamMuxConfig(bits, fields);
  const reader = new BitReader(bits.bytes());
  const verdict = parseStreamMuxConfig(reader);
  return { verdict, read: reader.position, written: bits.length };
}

/** The access units of one frame, copied out. */
function unitsOf(reader: LatmReader, loas: Buffer): Buffer[] | 'unsupported' | null {
  const frame = reader.read(loas);
  if (frame === null || frame === 'unsupported') return frame;
  return frame.units.map(({ bitOffset, length }) => {
    const unit = Buffer.alloc(length);
    copyFromBit(loas, bitOffset, length, unit);
    return unit;
  });
}

for (const version of [0, 1] as const) {
  test(`StreamMuxConfig, version ${version}: every rate and channel configuration, read to its last bit`, (t) => {
    const rates = [
      96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
    ];
    for (const [index, sampleRate] of rates.entries()) {
      for (let channelConfiguration = 1; channelConfiguration < 8; channelConfiguration++) {
        const { verdict, read, written } = config({ version, config: { rate: { index }, channelConfiguration } });
        const plain = { numSubFrames: 0, otherDataBits: 0, crc: false };
        t.deepEqual(verdict, { rateIndex: index, sampleRate, channelConfiguration, ...plain });
        t.is(read, written);
      }
    }
  });

  test(`StreamMuxConfig, version ${version}: sub-frames, other data of any length and a CRC`, (t) => {
    for (const numSubFrames of [0, 1, 63]) t.like(config({ version, numSubFrames }).verdict, { numSubFrames });
    for (const otherData of [0, 1, 255, 256, 65_535, 65_536, 0xff_ffff]) {
      const { verdict, read, written } = config({ version, otherData, crc: 0xa5 });
      t.like(verdict, { otherDataBits: otherData, crc: true });
      t.is(read, written);
    }
  });

  test(`StreamMuxConfig, version ${version}: HE-AAC with its core first, and a core coder delay`, (t) => {
    for (const objectType of [5, 29]) {
      const extension = { objectType, index: 3 };
      const { verdict, read, written } = config({ version, config: { rate: { index: 6 }, extension } });
      t.like(verdict, { rateIndex: 6, sampleRate: 24_000, channelConfiguration: 2 });
      t.is(read, written);
    }
    const { verdict, read, written } = config({ version, config: { coreCoderDelay: 0x2aaa } });
    t.like(verdict, { rateIndex: 3, sampleRate: 48_000 });
    t.is(read, written);
  });

  for (const [name, fields] of [
    ['a rate that is written out', { config: { rate: { hertz: 48_000 } } }],
    ['a reserved rate', { config: { rate: { index: 13 } } }],
    ['a channel list of its own', { config: { channelConfiguration: 0 } }],
    ['a channel configuration ADTS does not have', { config: { channelConfiguration: 11 } }],
    ['AAC Main', { config: { objectType: 1 } }],
    ['AAC-LTP', { config: { objectType: 4 } }],
    ['USAC, whose type is escaped', { config: { objectType: 42 } }],
    ['960 samples', { config: { shortFrames: true } }],
    ['an extension flag', { config: { extensionFlag: true } }],
    ['streams of different timing', { sameTimeFraming: false }],
    ['two programmes', { numProgram: 1 }],
    ['two layers', { numLayer: 1 }],
    ['frames of fixed length', { frameLengthType: 1 }],
    ['CELP frames', { frameLengthType: 4 }],
    ['SBR over another core than LC', { config: { objectType: 22, extension: { objectType: 5, index: 3 } } }],
  ] as const) {
    test(`StreamMuxConfig, version ${version}: ${name} cannot be ADTS`, (t) => {
      t.is(config({ version, ...fields }).verdict, 'unsupported');
      t.is(new LatmReader().read(latmFrame({ version, ...fields }, [UNIT])), 'unsupported');
    });
  }
}

test('StreamMuxConfig: audioMuxVersionA is of the future', (t) => {
  t.is(config({ version: 1, versionA: 1 }).verdict, 'unsupported');
});

test('StreamMuxConfig: every truncation is told as such, not taken for something else', (t) => {
  for (const fields of [
    {},
    { version: 1 },
    { version: 1, fillBits: 100, otherData: 70_000, crc: 1 },
    { otherData: 70_000, crc: 1 },
    { config: { extension: { objectType: 5, index: 3 }, coreCoderDelay: 1 } },
  ] as const satisfies readonly StreamMuxConfigFields[]) {
    const bits = new BitWriter();
    putStreamMuxConfig(bits, fields);
    const whole = bits.bytes();
    t.is(typeof parseStreamMuxConfig(new BitReader(whole)), 'object');
    for (let end = 0; end < whole.length - 1; end++) {
      t.is(parseStreamMuxConfig(new BitReader(whole, 0, end)), 'truncated', `${end} of ${whole.length} bytes`);
    }
  }
});

test('access units come out bit for bit, at whatever bit they begin', (t) => {
  const offsets = new Set<number>();
  for (let fillBits = 0; fillBits < 8; fillBits++) {
    const reader = new LatmReader();
    const loas = latmFrame({ version: 1, fillBits }, [UNIT]);
    t.deepEqual(unitsOf(reader, loas), [UNIT], `${fillBits} fill bits`);
    t.deepEqual(unitsOf(reader, latmFrame(null, [UNIT])), [UNIT], 'the same multiplex again');
    const frame = reader.read(loas);
    if (frame !== null && frame !== 'unsupported') for (const { bitOffset } of frame.units) offsets.add(bitOffset & 7);
  }
  t.is(offsets.size, 8, 'every bit offset was among them');
});

test('copying from a bit takes no byte too many, from a view as well', (t) => {
  for (let shift = 0; shift < 8; shift++) {
    for (const length of [0, 1, 2, 7, 300]) {
      const source = new BitWriter()
        .put(2 ** shift - 1, shift)
        .putBytes(UNIT.subarray(0, length))
        .bytes();
      const view = Buffer.concat([Buffer.alloc(3, 0xff), source]).subarray(3);
      const target = Buffer.alloc(length + 1, 0x77);
      copyFromBit(view, shift, length, target);
      t.deepEqual(target, Buffer.concat([UNIT.subarray(0, length), Buffer.from([0x77])]));
    }
  }
});

test('lengths around the escape of 255 are read', (t) => {
  for (const length of [0, 1, 254, 255, 256, 509, 510, 511, 765, 6144]) {
    const unit = Buffer.alloc(length, 0x5a);
    t.deepEqual(unitsOf(new LatmReader(), latmFrame({}, [unit])), [unit], `${length} bytes`);
  }
});

test('several sub-frames come out in order, other data behind them is left', (t) => {
  const units = [UNIT, UNIT.subarray(0, 255), UNIT.subarray(0, 1), UNIT.subarray(7, 263)];
  t.deepEqual(unitsOf(new LatmReader(), latmFrame({ numSubFrames: 3 }, units)), units);
  t.deepEqual(unitsOf(new LatmReader(), latmFrame({ numSubFrames: 3, otherData: 77, crc: 9 }, units)), units);
  t.deepEqual(unitsOf(new LatmReader(), latmFrame({ version: 1, numSubFrames: 3, otherData: 300 }, units)), units);
});

test('a frame cut at any byte is broken, and the one after it is whole again', (t) => {
  for (const fields of [{}, { version: 1, fillBits: 3 }, { numSubFrames: 1 }] as const) {
    const units = 'numSubFrames' in fields ? [UNIT, UNIT] : [UNIT];
    const loas = latmFrame(fields, units);
    const reader = new LatmReader();
    for (let end = 3; end < loas.length; end++) t.is(reader.read(loas.subarray(0, end)), null, `${end} bytes`);
    t.deepEqual(unitsOf(reader, loas), units);
  }
});

test('a frame that refers to a StreamMuxConfig is nothing before there is one, and again after a reset', (t) => {
  const reader = new LatmReader();
  t.is(reader.read(latmFrame(null, [UNIT])), null);
  t.deepEqual(unitsOf(reader, latmFrame({}, [UNIT])), [UNIT]);
  t.deepEqual(unitsOf(reader, latmFrame(null, [UNIT])), [UNIT]);
  reader.reset();
  t.is(reader.read(latmFrame(null, [UNIT])), null);
});

test('a new StreamMuxConfig counts from the frame that brings it', (t) => {
  const reader = new LatmReader();
  t.like(reader.read(latmFrame({}, [UNIT])), { config: { sampleRate: 48_000 } });
  t.like(reader.read(latmFrame({ config: { rate: { index: 6 } } }, [UNIT])), { config: { sampleRate: 24_000 } });
  t.like(reader.read(latmFrame(null, [UNIT])), { config: { sampleRate: 24_000 } });
  t.is(reader.read(latmFrame({ config: { shortFrames: true } }, [UNIT])), 'unsupported');
  t.is(reader.read(latmFrame(null, [UNIT])), 'unsupported');
});

/** LOAS frames as ADTS, with the header of the tests' own. */
function rewrapped(stream: Buffer): Buffer {
  const reader = new LatmReader();
  const parts: Buffer[] = [];
  for (const loas of elementaryFrames('aac-latm', stream)) {
    const frame = reader.read(loas);
    if (frame === null || frame === 'unsupported') continue;
    const { rateIndex, channelConfiguration } = frame.config;
    for (const { bitOffset, length } of frame.units) {
      const unit = Buffer.alloc(length);
      copyFromBit(loas, bitOffset, length, unit);
      parts.push(adtsHeader({ rateIndex, channelConfiguration, length: length + 7 }), unit);
    }
  }
  return Buffer.concat(parts);
}

for (const [name, options] of [
  ['stereo', ['-ac', '2', '-b:a', '128k']],
  ['5.1', ['-ac', '6', '-b:a', '320k']],
  ['mono at 44.1 kHz', ['-ac', '1', '-ar', '44100', '-b:a', '64k']],
] as const) {
  test.serial(`what an encoder made as LATM sounds the same as ADTS: ${name}`, async (t) => {
    const latm = await encoded({ codec: 'aac', format: 'latm', options, seconds: 0.5 });
    const before = await decodedPcm(latm, 'loas');
    const after = await decodedPcm(rewrapped(latm), 'aac');
    t.true(before.length > 20_000);
    t.true(before.equals(after));
  });
}
