import test from 'ava';
import { parseMpegAudioHeader } from '#shared/codec/mpeg-audio.ts';
import { type MpegAudioFields, mpegAudioHeader } from '#test/transcoder/support/audio-frames.ts';
import { encoded } from '#test/transcoder/support/encoded.ts';

const parse = (fields: MpegAudioFields) => parseMpegAudioHeader(mpegAudioHeader(fields), 0, 4);

interface Syntax {
  readonly name: string;
  readonly fields: MpegAudioFields;
  readonly layer: number;
  readonly samples: number;
  /** kbit/s of bitrate_index 1…14. */
  readonly bitrates: readonly number[];
  readonly rates: readonly number[];
  /** Bytes of a slot, and slots per frame for each (bit/s)/(samples/s) (ISO/IEC 11172-3, 2.4.3.1). */
  readonly slot: number;
  readonly slots: number;
}

const MPEG1_RATES = [44_100, 48_000, 32_000];
const LSF_RATES = [22_050, 24_000, 16_000];
const LSF_BITRATES = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

const SYNTAXES: readonly Syntax[] = [
  {
    name: 'MPEG-1 layer I',
    fields: { id: 3, layer: 3 },
    layer: 1,
    samples: 384,
    bitrates: [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    rates: MPEG1_RATES,
    slot: 4,
    slots: 12,
  },
  {
    name: 'MPEG-1 layer II',
    fields: { id: 3, layer: 2 },
    layer: 2,
    samples: 1152,
    bitrates: [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    rates: MPEG1_RATES,
    slot: 1,
    slots: 144,
  },
  {
    name: 'MPEG-1 layer III',
    fields: { id: 3, layer: 1 },
    layer: 3,
    samples: 1152,
    bitrates: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    rates: MPEG1_RATES,
    slot: 1,
    slots: 144,
  },
  {
    name: 'MPEG-2 layer I',
    fields: { id: 2, layer: 3 },
    layer: 1,
    samples: 384,
    bitrates: [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    rates: LSF_RATES,
    slot: 4,
    slots: 12,
  },
  {
    name: 'MPEG-2 layer II',
    fields: { id: 2, layer: 2 },
    layer: 2,
    samples: 1152,
    bitrates: LSF_BITRATES,
    rates: LSF_RATES,
    slot: 1,
    slots: 144,
  },
  {
    name: 'MPEG-2 layer III',
    fields: { id: 2, layer: 1 },
    layer: 3,
    samples: 576,
    bitrates: LSF_BITRATES,
    rates: LSF_RATES,
    slot: 1,
    slots: 72,
  },
];

for (const { name, fields, layer, samples, bitrates, rates, slot, slots } of SYNTAXES) {
  test(`${name}: every bit rate and sampling rate, with and without padding`, (t) => {
    for (const [index, bitrate] of bitrates.entries()) {
      for (const [rateIndex, sampleRate] of rates.entries()) {
        for (const padding of [0, 1]) {
          t.deepEqual(parse({ ...fields, bitrateIndex: index + 1, rateIndex, padding }), {
            layer: layer as 1 | 2 | 3,
            length: (Math.floor((slots * bitrate * 1000) / sampleRate) + padding) * slot,
            sampleRate,
            samples,
            channels: 2,
            dualMono: false,
          });
        }
      }
    }
  });
}

test('frame lengths that everybody knows', (t) => {
  const length = (fields: MpegAudioFields) => {
    const header = parse(fields);
    return header === null || header === 'short' ? header : header.length;
  };
  t.is(length({ layer: 2, bitrateIndex: 10, rateIndex: 1 }), 576, 'layer II, 192 kbit/s, 48 kHz');
  t.is(length({ layer: 1, bitrateIndex: 9, rateIndex: 0 }), 417, 'layer III, 128 kbit/s, 44.1 kHz');
  t.is(length({ layer: 1, bitrateIndex: 9, rateIndex: 0, padding: 1 }), 418);
  t.is(length({ layer: 3, bitrateIndex: 12, rateIndex: 0, padding: 1 }), 420, 'layer I, 384 kbit/s, 44.1 kHz');
});

test('the mode tells channels, and two languages in one track', (t) => {
  t.like(parse({ mode: 0 }), { channels: 2, dualMono: false });
  t.like(parse({ mode: 1 }), { channels: 2, dualMono: false });
  t.like(parse({ mode: 2 }), { channels: 2, dualMono: true });
  t.like(parse({ mode: 3 }), { channels: 1, dualMono: false });
});

test('reserved values and free format are no header', (t) => {
  t.is(parse({ id: 0 }), null, 'MPEG-2.5');
  t.is(parse({ id: 1 }), null, 'reserved ID');
  t.is(parse({ layer: 0 }), null, 'reserved layer');
  t.is(parse({ bitrateIndex: 0 }), null, 'free format');
  t.is(parse({ bitrateIndex: 15 }), null, 'forbidden bit rate');
  t.is(parse({ rateIndex: 3 }), null, 'reserved sampling rate');
});

test('a sync word with any bit wrong is none', (t) => {
  for (let bit = 0; bit < 11; bit++) {
    const header = mpegAudioHeader();
    header[bit >> 3] = (header[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
    t.is(parseMpegAudioHeader(header, 0, 4), null, `bit ${bit}`);
  }
});

test('four bytes have to be there, before the end and not before the end of the buffer', (t) => {
  const bytes = Buffer.concat([Buffer.alloc(3), mpegAudioHeader(), Buffer.alloc(9)]).subarray(1);
  for (let end = 2; end < 6; end++) t.is(parseMpegAudioHeader(bytes, 2, end), 'short');
  t.like(parseMpegAudioHeader(bytes, 2, 6), { length: 576 });
});

for (const [codec, format, rates] of [
  ['mp2', 'mp2', [48_000, 44_100, 32_000, 24_000, 22_050, 16_000]],
  ['libmp3lame', 'mp3', [44_100, 24_000]],
] as const) {
  test.serial(`the frames of an encoder (${codec}) follow each other without a gap`, async (t) => {
    for (const rate of rates) {
      const options = ['-ar', String(rate), '-b:a', '64k', '-ac', '1', '-write_xing', '0', '-id3v2_version', '0'];
      const stream = await encoded({
        codec,
        format,
        options: format === 'mp2' ? options.slice(0, 6) : options,
        seconds: 0.5,
      });
      let at = 0;
      let samples = 0;
      while (at < stream.length) {
        const header = parseMpegAudioHeader(stream, at, stream.length);
        if (header === null || header === 'short') break;
        t.is(header.sampleRate, rate);
        t.is(header.channels, 1);
        at += header.length;
        samples += header.samples;
      }
      t.is(at, stream.length);
      t.true(samples >= rate / 2 && samples < rate / 2 + 5 * 1152, `${samples} samples in half a second of ${rate} Hz`);
    }
  });
}
