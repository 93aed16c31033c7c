import test from 'ava';
import { TruePeakMeter } from '#transcoder/dsp/true-peak.ts';
import { TruePeakLimiter } from '#transcoder/dsp/true-peak-limiter.ts';
import { dbfs, pinkNoise, programme, random, through, tones } from './support/signals.ts';

const CEILING_DB = -1;

function truePeakDb(planes: readonly Float32Array[]): number {
  const meter = new TruePeakMeter(planes.length);
  meter.add(planes, 0, (planes[0] as Float32Array).length);
  return 20 * Math.log10(meter.peak);
}

function bursts(hz: number, db: number): Float32Array {
  const loud = tones([{ db, seconds: 1 }], 48_000, hz);
  return loud.map((sample, i) => (i % 4800 < 2400 ? sample : 0.03 * sample));
}

const next = random(5);
const SOURCES: Readonly<Record<string, readonly Float32Array[]>> = {
  'white noise 12 dB over': [Float32Array.from({ length: 96_000 }, () => (next() * 2 - 1) * dbfs(12))],
  'pink noise far over, two channels': [
    pinkNoise(96_000, 3).map((sample) => sample * 40),
    pinkNoise(96_000, 4).map((sample) => sample * 20),
  ],
  'speech 10 dB too hot': programme({ seconds: 5, lufs: -9, channels: 2 }),
  'bursts of 997 Hz': [bursts(997, 6)],
  'bursts of 11 kHz, whose peaks lie between the samples': [bursts(11_000, 3)],
  'bursts of fs/4 at 45°': [
    Float32Array.from(
      { length: 48_000 },
      (_, i) => (i % 4800 < 2400 ? 1.41 : 0.1) * Math.sin((Math.PI * (i + 0.5)) / 2),
    ),
  ],
  'a single click': [Float32Array.from({ length: 4800 }, (_, i) => (i === 1000 ? 8 : 0))],
  'steps of a square wave': [Float32Array.from({ length: 48_000 }, (_, i) => (i % 480 < 240 ? 1.5 : -1.5))],
};
for (const [name, planes] of Object.entries(SOURCES)) {
  test(`${name}: the true peak of the output stays at −1 dBTP`, (t) => {
    t.true(truePeakDb(planes) > CEILING_DB + 1, 'there is something to limit');
    const limiter = new TruePeakLimiter(48_000, planes.length, CEILING_DB);
    const peak = truePeakDb(through(limiter, planes));
    t.log(`${truePeakDb(planes).toFixed(2)} → ${peak.toFixed(3)} dBTP`);
    t.true(peak <= CEILING_DB + 0.05, `${peak}`);
    t.true(peak >= CEILING_DB - 1.5, `no more is taken away than must be: ${peak}`);
    t.true(limiter.hits > 0 && limiter.maxReductionDb > 0);
  });
}

for (const sampleRate of [32_000, 44_100, 48_000, 8000]) {
  test(`at ${sampleRate} Hz an impulse comes out delaySamples later, bit for bit, within 2 ms`, (t) => {
    const limiter = new TruePeakLimiter(sampleRate, 1, CEILING_DB);
    const plane = new Float32Array(2000);
    plane[700] = 0.3;
    const output = through(limiter, [plane], [77])[0] as Float32Array;
    t.is(output.indexOf(Math.fround(0.3)), 700 + limiter.delaySamples);
    t.is(output.filter((sample) => sample !== 0).length, 1);
    t.true(limiter.delaySamples <= sampleRate * 0.002);
  });
}

test('what stays below the ceiling passes unchanged', (t) => {
  const source = programme({ seconds: 3, lufs: -24, channels: 2 });
  const limiter = new TruePeakLimiter(48_000, 2, CEILING_DB);
  const output = through(limiter, source);
  const delay = limiter.delaySamples;
  t.is(limiter.hits, 0);
  for (const [channel, plane] of source.entries()) {
    t.deepEqual(output[channel]?.subarray(delay), plane.subarray(0, plane.length - delay));
  }
});

test('the output does not depend on the size of the blocks, to the last bit', (t) => {
  const source = programme({ seconds: 4, lufs: -12, channels: 2 });
  const whole = through(new TruePeakLimiter(48_000, 2, CEILING_DB), source, [1e9]);
  for (const sizes of [[1], [63, 1, 200], [1024], [1152]]) {
    t.deepEqual(through(new TruePeakLimiter(48_000, 2, CEILING_DB), source, sizes), whole);
  }
});

test('the gain glides: it changes by less than 0.15 dB per sample for a peak 6 dB over, and comes back whole', (t) => {
  const level = 0.01;
  const loud = Float32Array.from({ length: 96_000 }, (_, i) => (i === 24_000 ? 1.8 : level));
  // A second channel at a constant level shows the gain that both share.
  const flat = new Float32Array(96_000).fill(level);
  const limiter = new TruePeakLimiter(48_000, 2, CEILING_DB);
  const gains = (through(limiter, [loud, flat])[1] as Float32Array)
    .subarray(limiter.delaySamples)
    .map((x) => x / level);
  let steepest = 0;
  for (let i = 1; i < gains.length; i++) {
    steepest = Math.max(steepest, Math.abs(20 * Math.log10((gains[i] as number) / (gains[i - 1] as number))));
  }
  t.log(
    `steepest ${steepest.toFixed(3)} dB per sample, deepest ${(20 * Math.log10(Math.min(...gains))).toFixed(2)} dB`,
  );
  t.true(steepest > 0 && steepest < 0.15);
  t.true(Math.abs(gains[24_000] as number) <= dbfs(CEILING_DB) / 1.8 + 1e-6);
  t.true(Math.abs((gains.at(-1) as number) - 1) < 1e-6);
});

test('after a reset nothing of what came before is heard', (t) => {
  const limiter = new TruePeakLimiter(48_000, 1, CEILING_DB);
  through(limiter, [new Float32Array(5000).fill(3)]);
  limiter.reset();
  const output = through(limiter, [new Float32Array(1000).fill(0.1)])[0] as Float32Array;
  t.true(output.subarray(0, limiter.delaySamples).every((sample) => sample === 0));
  t.true(output.subarray(limiter.delaySamples).every((sample) => sample === Math.fround(0.1)));
});
