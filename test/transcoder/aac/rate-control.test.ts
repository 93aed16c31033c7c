import test from 'ava';
import { RateControl } from '#transcoder/aac/rate-control.ts';
import { noiseSource } from './support/sounds.ts';

const OPTIONS = { sampleRate: 48_000, channels: 2, bitrate: 192_000 };
const MEAN = 4096;

test('whoever spends what is aimed at holds the average, whatever the demand', (t) => {
  const random = noiseSource(3);
  for (const demand of [
    () => 3000,
    () => 9000,
    () => 500 + 8000 * Math.abs(random()),
    () => (random() > 0.9 ? 30_000 : 2000),
  ]) {
    const rate = new RateControl(OPTIONS);
    let sum = 0;
    for (let frame = 0; frame < 2000; frame++) {
      const bits = Math.round(rate.target(demand(), 'long'));
      t.true(bits <= rate.limit && bits <= rate.most);
      rate.spent(bits, bits, bits, false);
      sum += bits;
    }
    const mean = sum / 2000;
    t.true(mean < MEAN * 1.005 && mean > MEAN * 0.9, `${mean}`);
  }
});

test('a late attack gets twice the mean as long as the reservoir has it, and the limit is never above the decoder’s buffer', (t) => {
  const rate = new RateControl(OPTIONS);
  for (let frame = 0; frame < 100; frame++) {
    rate.target(3000, 'long');
    rate.spent(0, 0, 0, false);
  }
  t.is(rate.limit, 2 * 6144);
  t.true(rate.target(3000, 'late attack') > 1.9 * MEAN);
  rate.spent(rate.limit, 0, 0, false);
  t.is(rate.limit, MEAN);
  t.true(rate.target(3000, 'late attack') <= MEAN);
});

test('bit rates beyond what access units can hold are cut', (t) => {
  const rate = new RateControl({ sampleRate: 16_000, channels: 1, bitrate: 320_000 });
  for (let frame = 0; frame < 50; frame++) {
    const bits = rate.target(1e6, 'long');
    t.true(bits < 6144);
    rate.spent(bits, bits, bits, false);
  }
});

test('estimates are put right by what they were off, long and short ones apart', (t) => {
  const rate = new RateControl(OPTIONS);
  for (let frame = 0; frame < 100; frame++) rate.spent(3000, 2000, 1000, false);
  t.true(Math.abs(rate.factor(false) - 2) < 0.01);
  t.is(rate.factor(true), 1);
});
