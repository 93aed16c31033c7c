import test from 'ava';
import {
  AAC_SAMPLE_RATES,
  adtsChannelConfiguration,
  adtsRateIndex,
  parseAdtsHeader,
  writeAdtsHeader,
} from '#shared/codec/adts.ts';
import { type AdtsFields, adtsHeader } from '#test/transcoder/support/audio-frames.ts';

const RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

const parse = (fields: AdtsFields) => parseAdtsHeader(adtsHeader(fields), 0, 7);

test('every sampling rate and channel configuration is read', (t) => {
  for (const [rateIndex, sampleRate] of RATES.entries()) {
    for (const [channelConfiguration, channels] of [0, 1, 2, 3, 4, 5, 6, 8].entries()) {
      t.deepEqual(parse({ rateIndex, channelConfiguration }), {
        length: 400,
        sampleRate,
        samples: 1024,
        channels,
        dualMono: false,
      });
    }
  }
});

test('every length is read, from the bare header to 13 bits', (t) => {
  for (let length = 7; length <= 8191; length++) t.like(parse({ length }), { length });
  for (let length = 0; length < 7; length++) t.is(parse({ length }), null);
});

test('a frame has 1024 samples for each of its raw data blocks', (t) => {
  for (let blocks = 0; blocks < 4; blocks++) t.like(parse({ blocks }), { samples: (blocks + 1) * 1024 });
});

test('MPEG-2 AAC, any profile and a CRC are taken; reserved rates and another layer are not', (t) => {
  t.like(parse({ id: 1 }), { length: 400 });
  t.like(parse({ protectionAbsent: 0 }), { length: 400 });
  for (let profile = 0; profile < 4; profile++) t.like(parse({ profile }), { length: 400 });
  for (const rateIndex of [13, 14, 15]) t.is(parse({ rateIndex }), null);
  for (const layer of [1, 2, 3]) t.is(parse({ layer }), null);
});

test('a sync word with any bit wrong is none', (t) => {
  for (let bit = 0; bit < 12; bit++) {
    const header = adtsHeader();
    header[bit >> 3] = (header[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
    t.is(parseAdtsHeader(header, 0, 7), null, `bit ${bit}`);
  }
});

test('seven bytes have to be there, before the end and not before the end of the buffer', (t) => {
  const bytes = Buffer.concat([Buffer.alloc(5), adtsHeader(), Buffer.alloc(9)]).subarray(2);
  for (let end = 3; end < 10; end++) t.is(parseAdtsHeader(bytes, 3, end), 'short');
  t.like(parseAdtsHeader(bytes, 3, 10), { length: 400 });
});

test('a header is written bit for bit as the standard has it, whatever lay there', (t) => {
  for (let rateIndex = 0; rateIndex < 13; rateIndex++) {
    for (let channelConfiguration = 1; channelConfiguration < 8; channelConfiguration++) {
      for (const unit of [0, 1, 255, 256, 1536, 8184]) {
        const bytes = Buffer.alloc(12, 0xff);
        writeAdtsHeader(bytes, 3, rateIndex, channelConfiguration, unit);
        const expected = adtsHeader({ rateIndex, channelConfiguration, length: unit + 7 });
        t.deepEqual(bytes.subarray(3, 10), expected);
        t.deepEqual([...bytes.subarray(0, 3), ...bytes.subarray(10)], [255, 255, 255, 255, 255]);
      }
    }
  }
});

test('rates and channel counts have the index of the tables, or none', (t) => {
  t.deepEqual(AAC_SAMPLE_RATES, RATES);
  for (const [index, rate] of RATES.entries()) t.is(adtsRateIndex(rate), index);
  for (const rate of [0, 47_999, 192_000]) t.is(adtsRateIndex(rate), null);
  t.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map((channels) => adtsChannelConfiguration(channels)),
    [null, 1, 2, 3, 4, 5, 6, null, 7, null],
  );
});
