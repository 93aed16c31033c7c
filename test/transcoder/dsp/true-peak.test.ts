import test from 'ava';
import { TRUE_PEAK_MAX_FACTOR, TruePeakMeter } from '#transcoder/dsp/true-peak.ts';
import { pinkNoise, random, through } from './support/signals.ts';

function truePeakDb(plane: Float32Array): number {
  const meter = new TruePeakMeter(1);
  meter.add([plane], 0, plane.length);
  return 20 * Math.log10(meter.peak);
}

/** Sine with a fade at both ends, which would ring otherwise. */
function sine(cyclesPerSample: number, phaseDegrees: number, amplitude: number): Float32Array {
  return Float32Array.from({ length: 4800 }, (_, i) => {
    const fade = Math.min(1, i / 480, (4799 - i) / 480);
    return fade * amplitude * Math.sin(2 * Math.PI * cyclesPerSample * i + (phaseDegrees * Math.PI) / 180);
  });
}

const SINES: readonly (readonly [number, number, number, number, number])[] = [
  [15, 1 / 4, 0, 0.5, -6],
  [16, 1 / 4, 45, 0.5, -6],
  [17, 1 / 6, 60, 0.5, -6],
  [18, 1 / 8, 67.5, 0.5, -6],
  [19, 1 / 4, 45, 1.41, 3],
];
for (const [number, frequency, phase, amplitude, expected] of SINES) {
  test(`EBU Tech 3341, case ${number}: fs/${1 / frequency} at ${phase}° reads ${expected} dBTP, +0.2/−0.4`, (t) => {
    const shown = truePeakDb(sine(frequency, phase, amplitude));
    t.log(shown.toFixed(3));
    t.true(shown <= expected + 0.2 && shown >= expected - 0.4, `${shown}`);
  });
}

/** A band-limited pulse of 1.0 (one lobe of fs/6) on a sine of fs/4, sampled `offset` quarter samples late. */
function pulse(offset: number): Float32Array {
  return Float32Array.from({ length: 4800 }, (_, i) => {
    const time = i - 2400 + offset / 4;
    const lobe = Math.exp(-((time / 40) ** 2)) * Math.cos((2 * Math.PI * time) / 6);
    const bed = 0.25 * Math.min(1, i / 480, (4799 - i) / 480) * Math.sin((2 * Math.PI * time) / 4);
    return lobe + (Math.abs(time) < 200 ? 0 : bed);
  });
}
for (const offset of [0, 1, 2, 3]) {
  test(`in the manner of cases 20–23: a full-scale pulse ${offset}/4 samples off the grid reads 0 dBTP, +0.2/−0.4`, (t) => {
    const shown = truePeakDb(pulse(offset));
    t.log(shown.toFixed(3));
    t.true(shown <= 0.2 && shown >= -0.4, `${shown}`);
  });
}

test('the peak does not depend on the size of the blocks, nor on what is skipped', (t) => {
  const plane = pinkNoise(48_000, 5);
  const whole = new TruePeakMeter(1);
  whole.add([plane], 0, plane.length);
  for (const sizes of [[1], [3, 64, 65, 1152], [1024]]) {
    const meter = new TruePeakMeter(1);
    through({ process: (planes, offset, samples) => meter.add(planes, offset, samples) }, [plane], sizes);
    t.is(meter.peak, whole.peak);
  }
  // Peaks of the parts, each with the 11 samples before it: nothing was skipped that mattered.
  let most = 0;
  for (let at = 0; at < plane.length; at += 100) {
    const part = new TruePeakMeter(1);
    part.add([plane], Math.max(0, at - 11), at === 0 ? 100 : 111);
    most = Math.max(most, part.peak);
  }
  t.true(most >= whole.peak);
});

test('no signal exceeds its samples by more than the bound that lets quiet stretches be skipped', (t) => {
  const next = random(3);
  let most = 0;
  for (let i = 0; i < 2000; i++) {
    const meter = new TruePeakMeter(1);
    meter.add([Float32Array.from({ length: 24 }, () => (next() < 0.5 ? -1 : 1))], 0, 24);
    most = Math.max(most, meter.peak);
  }
  t.true(most > 1.5 && most <= TRUE_PEAK_MAX_FACTOR, `${most}`);
});
