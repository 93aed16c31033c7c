import test from 'ava';
import { parseAc3Header } from '#shared/codec/ac3.ts';
import { type Ac3Fields, ac3Header, type Eac3Fields, eac3Header } from '#test/transcoder/support/audio-frames.ts';
import { encoded } from '#test/transcoder/support/encoded.ts';

/** ETSI TS 102 366, table 4.13: words per frame by frmsizecod at 32 kHz, 44.1 kHz, 48 kHz. */
const WORDS: readonly (readonly [number, number, number])[] = [
  [96, 69, 64],
  [96, 70, 64],
  [120, 87, 80],
  [120, 88, 80],
  [144, 104, 96],
  [144, 105, 96],
  [168, 121, 112],
  [168, 122, 112],
  [192, 139, 128],
  [192, 140, 128],
  [240, 174, 160],
  [240, 175, 160],
  [288, 208, 192],
  [288, 209, 192],
  [336, 243, 224],
  [336, 244, 224],
  [384, 278, 256],
  [384, 279, 256],
  [480, 348, 320],
  [480, 349, 320],
  [576, 417, 384],
  [576, 418, 384],
  [672, 487, 448],
  [672, 488, 448],
  [768, 557, 512],
  [768, 558, 512],
  [960, 696, 640],
  [960, 697, 640],
  [1152, 835, 768],
  [1152, 836, 768],
  [1344, 975, 896],
  [1344, 976, 896],
  [1536, 1114, 1024],
  [1536, 1115, 1024],
  [1728, 1253, 1152],
  [1728, 1254, 1152],
  [1920, 1393, 1280],
  [1920, 1394, 1280],
];

const ac3 = (fields: Ac3Fields) => {
  const header = ac3Header(fields);
  return parseAc3Header(header, 0, header.length);
};
const eac3 = (fields: Eac3Fields) => {
  const header = eac3Header(fields);
  return parseAc3Header(Buffer.concat([header, Buffer.alloc(2)]), 0, header.length + 2);
};

test('AC-3: frame lengths are those of table 4.13', (t) => {
  for (const [frmsizecod, words] of WORDS.entries()) {
    for (const [column, [fscod, sampleRate]] of (
      [
        [2, 32_000],
        [1, 44_100],
        [0, 48_000],
      ] as const
    ).entries()) {
      t.like(ac3({ fscod, frmsizecod }), { length: (words[column] ?? 0) * 2, sampleRate, samples: 1536 });
    }
  }
});

test('AC-3: channels of every acmod, with and without LFE, whatever the mix levels before it say', (t) => {
  for (const [acmod, channels] of [2, 1, 2, 3, 3, 4, 4, 5].entries()) {
    for (const lfeon of [0, 1]) {
      t.deepEqual(ac3({ acmod, lfeon }), {
        enhanced: false,
        streamType: 0,
        substreamId: 0,
        dualMono: acmod === 0,
        length: 768,
        sampleRate: 48_000,
        samples: 1536,
        channels: channels + lfeon,
      });
    }
  }
});

test('AC-3: reserved values are no header', (t) => {
  t.is(ac3({ fscod: 3 }), null);
  for (let frmsizecod = 38; frmsizecod < 64; frmsizecod++) t.is(ac3({ frmsizecod }), null);
  for (let bsid = 17; bsid < 32; bsid++) t.is(ac3({ bsid }), null);
  for (const bsid of [4, 6, 8]) t.like(ac3({ bsid }), { enhanced: false });
});

test('E-AC-3: lengths of every frmsiz that can hold a frame', (t) => {
  for (let length = 8; length <= 4096; length += 2) t.like(eac3({ length }), { length, enhanced: true });
  for (let length = 2; length < 8; length += 2) t.is(eac3({ length }), null);
});

test('E-AC-3: sampling rate and blocks', (t) => {
  for (const [fscod, sampleRate] of [48_000, 44_100, 32_000].entries()) {
    for (const [second, blocks] of [1, 2, 3, 6].entries()) {
      t.like(eac3({ fscod, second }), { sampleRate, samples: blocks * 256 });
    }
  }
  for (const [second, sampleRate] of [24_000, 22_050, 16_000].entries()) {
    t.like(eac3({ fscod: 3, second }), { sampleRate, samples: 1536 }, 'a half rate has six blocks');
  }
  t.is(eac3({ fscod: 3, second: 3 }), null, 'reserved fscod2');
});

test('E-AC-3: stream type, substream and channels', (t) => {
  for (const strmtyp of [0, 1, 2]) {
    for (let substreamid = 0; substreamid < 8; substreamid++) {
      t.like(eac3({ strmtyp, substreamid }), { streamType: strmtyp, substreamId: substreamid });
    }
  }
  t.is(eac3({ strmtyp: 3 }), null, 'reserved');
  for (const [acmod, channels] of [2, 1, 2, 3, 3, 4, 4, 5].entries()) {
    for (const lfeon of [0, 1]) {
      t.like(eac3({ acmod, lfeon }), { channels: channels + lfeon, dualMono: acmod === 0 });
    }
  }
  for (let bsid = 11; bsid <= 16; bsid++) t.like(eac3({ bsid }), { enhanced: true });
});

test('a sync word with any bit wrong is none', (t) => {
  for (let bit = 0; bit < 16; bit++) {
    const header = ac3Header();
    header[bit >> 3] = (header[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
    t.is(parseAc3Header(header, 0, header.length), null, `bit ${bit}`);
  }
});

test('seven bytes have to be there, before the end and not before the end of the buffer', (t) => {
  const bytes = Buffer.concat([Buffer.alloc(5), ac3Header({ acmod: 7, lfeon: 1 }), Buffer.alloc(9)]).subarray(2);
  for (let end = 3; end < 10; end++) t.is(parseAc3Header(bytes, 3, end), 'short');
  t.like(parseAc3Header(bytes, 3, 10), { channels: 6 });
});

for (const [codec, rate, channels] of [
  ['ac3', 48_000, 6],
  ['ac3', 44_100, 2],
  ['ac3', 32_000, 1],
  ['eac3', 48_000, 6],
  ['eac3', 44_100, 2],
] as const) {
  test.serial(
    `the frames of an encoder (${codec}, ${rate} Hz, ${channels} channels) follow each other without a gap`,
    async (t) => {
      const options = ['-ar', String(rate), '-ac', String(channels)];
      const stream = await encoded({ codec, format: codec, options, seconds: 0.5 });
      let at = 0;
      while (at < stream.length) {
        const header = parseAc3Header(stream, at, stream.length);
        if (header === null || header === 'short') break;
        t.like(header, { enhanced: codec === 'eac3', sampleRate: rate, channels, streamType: 0, substreamId: 0 });
        at += header.length;
      }
      t.is(at, stream.length);
    },
  );
}
