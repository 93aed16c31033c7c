import test from 'ava';
import { LcEncoder } from '#transcoder/aac/lc-encoder.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { noiseSource, passThrough, plane, snr } from './support/sounds.ts';

silenceFfmpegLog();

const FRAMES = 40;
const SAMPLES = FRAMES * 1024;

test('a unit comes out for each 1024 samples that go in, from the first on', (t) => {
  const encoder = new LcEncoder({ sampleRate: 48_000, channels: 2, bitrate: 192_000 });
  const samples = new Float32Array(2048);
  t.is(encoder.priming, 1024);
  for (let frame = 0; frame < 4; frame++) {
    let units = 0;
    encoder.encode([samples, samples], 1024, () => units++);
    t.is(units, 1);
  }
});

for (const sampleRate of [48_000, 44_100, 32_000]) {
  for (const [channels, bitrates] of [
    [1, [64_000, 128_000]],
    [2, [64_000, 96_000, 192_000, 320_000]],
    [6, [192_000, 320_000]],
  ] as const) {
    for (const bitrate of bitrates) {
      test(`${sampleRate} Hz, ${channels} channels, ${bitrate / 1000} kbit/s: decoded without a fault, within the bits that are due`, (t) => {
        const random = noiseSource(channels);
        let low = 0;
        const planes = Array.from({ length: channels }, (_, channel) =>
          plane(SAMPLES * 2, (i) => {
            low = 0.97 * low + 0.03 * random();
            const tone = 0.2 * Math.sin((2 * Math.PI * (channel === 3 ? 60 : 300 + 100 * channel) * i) / sampleRate);
            return tone + (channel === 3 ? 0 : low + (i % 20_000 < 300 ? 0.4 * random() : 0));
          }),
        );
        const { heard, units, refused } = passThrough({ sampleRate, channels, bitrate }, planes);
        t.is(refused, 0);
        t.is(units.length, 2 * FRAMES);
        t.is(heard.length, channels);
        for (const [channel, samples] of heard.entries()) {
          const decibels = snr(planes[channel] as Float32Array, samples);
          t.true(decibels > (bitrate / channels < 50_000 ? 5 : 12), `channel ${channel}: ${decibels.toFixed(1)} dB`);
        }
        const bits = units.reduce((sum, unit) => sum + unit.length * 8, 0);
        const full = channels === 6 ? 5 : channels;
        const due = (units.length * 1024 * bitrate) / sampleRate + 6144 * full; // with what the reservoir held
        t.true(bits <= due, `${bits} bits, due are ${due}`);
        t.true(Math.max(...units.map(({ length }) => length * 8)) <= 6144 * full);
      });
    }
  }
}

test('silence is a few bytes, and exactly silence', (t) => {
  for (const channels of [1, 2, 6]) {
    const planes = Array.from({ length: channels }, () => new Float32Array(SAMPLES));
    const { heard, units } = passThrough({ sampleRate: 48_000, channels, bitrate: 96_000 * channels }, planes);
    t.true(Math.max(...units.map(({ length }) => length)) <= 6 + 6 * channels, `${units.at(-1)?.length} bytes`);
    t.true(heard.every((samples) => samples.every((sample) => sample === 0)));
  }
});

test('in the long run the average holds, also with full-scale noise, and goes to what needs it', (t) => {
  const random = noiseSource(77);
  const planes = [0, 1].map(() => plane(300 * 1024, (i) => (Math.floor(i / 50_000) % 2 ? random() : 0.05 * random())));
  const { units, refused } = passThrough({ sampleRate: 48_000, channels: 2, bitrate: 128_000 }, planes);
  t.is(refused, 0);
  const bits = units.reduce((sum, unit) => sum + unit.length * 8, 0);
  const rate = (bits * 48_000) / (units.length * 1024);
  t.true(rate < 128_000 * 1.03 && rate > 128_000 * 0.9, `${rate}`);
});

test('frames follow each other without a seam: a tone at ample rate is heard within −45 dB', (t) => {
  const tone = plane(SAMPLES, (i) => 0.5 * Math.sin(i * 0.0713) + 0.3 * Math.sin(i * 0.31));
  const { heard } = passThrough({ sampleRate: 48_000, channels: 1, bitrate: 192_000 }, [tone]);
  const decibels = snr(tone, heard[0] as Float32Array);
  t.true(decibels > 45, `${decibels} dB`);
});

/** What may come out of a broken source, by name. */
const CRUEL: Readonly<Record<string, (random: () => number) => (i: number) => number>> = {
  'full-scale noise': (random) => () => random(),
  'far over full scale': (random) => () => 1e30 * random(),
  'no numbers': (random) => () => (random() > 0.5 ? Number.NaN : Number.POSITIVE_INFINITY * random()),
  'lone impulses': (random) => () => (random() > 0.999 ? 1 : 0),
  'square wave': () => (i) => (Math.floor(i / 37) % 2 ? 1 : -1),
  'every other sample': () => (i) => (i % 2 ? 1 : -1),
  'constant full scale': () => () => 1,
  'the faintest numbers': (random) => () => 1e-40 * random(),
  'noise that comes and goes': (random) => (i) => (Math.floor(i / 777) % 2 ? random() : 0),
  'a sweep': () => (i) => Math.sin(i * i * 1e-5),
  'all of it': (random) => {
    const kinds = [
      () => random(),
      () => 0,
      () => 1e9,
      () => Number.NaN,
      () => 1e-7 * random(),
      () => (random() > 0.99 ? -1 : 0),
    ];
    let kind = 0;
    return (i) => {
      if (i % 333 === 0) kind = Math.floor(Math.abs(random()) * kinds.length) % kinds.length;
      return (kinds[kind] as () => number)();
    };
  },
};

for (const [name, make] of Object.entries(CRUEL)) {
  test(`${name}: every unit is decoded, and none is too long`, (t) => {
    for (const [channels, bitrate] of [
      [1, 24_000],
      [2, 64_000],
      [2, 320_000],
      [6, 384_000],
    ] as const) {
      const planes = Array.from({ length: channels }, (_, channel) => plane(SAMPLES, make(noiseSource(channel + 1))));
      const { heard, units, refused } = passThrough({ sampleRate: 48_000, channels, bitrate }, planes);
      t.is(refused, 0, `${channels} channels`);
      t.is(units.length, FRAMES);
      t.true(Math.max(...units.map(({ length }) => length * 8)) <= 6144 * (channels === 6 ? 5 : channels));
      t.true(heard.every((samples) => samples.length === SAMPLES && samples.every(Number.isFinite)));
    }
  });
}

test('what is not encoded is refused with the reason', (t) => {
  const wanted = { sampleRate: 48_000, channels: 2, bitrate: 128_000 };
  t.is(t.throws(() => new LcEncoder({ ...wanted, channels: 7 }))?.message, 'AAC of 7 channels is not supported');
  t.is(t.throws(() => new LcEncoder({ ...wanted, channels: 0 }))?.message, 'AAC of 0 channels is not supported');
  t.is(t.throws(() => new LcEncoder({ ...wanted, sampleRate: 12_345 }))?.message, 'AAC at 12345 Hz is not supported');
});

test('a bit rate that is too low even for silence ends in silence, and does not hang', (t) => {
  const random = noiseSource(5);
  const planes = Array.from({ length: 6 }, () => plane(SAMPLES, random));
  for (const bitrate of [0, 100, 8000]) {
    const { units, refused } = passThrough({ sampleRate: 96_000, channels: 6, bitrate }, planes);
    t.is(refused, 0);
    t.is(units.length, FRAMES);
    t.true((units.at(-1) as Buffer).length < 60, `${units.at(-1)?.length} bytes at ${bitrate} bit/s`);
  }
});
