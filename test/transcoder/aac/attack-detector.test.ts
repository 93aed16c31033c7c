import test from 'ava';
import { AttackDetector } from '#transcoder/aac/attack-detector.ts';
import { noiseSource } from './support/sounds.ts';

function frames(sample: (i: number) => number, count: number): AttackDetector {
  const detector = new AttackDetector();
  const line = new Float64Array(1024);
  for (let frame = 0; frame < count; frame++) {
    for (let i = 0; i < 1024; i++) line[i] = sample(frame * 1024 + i) * 32_768;
    detector.push(line, 0);
  }
  return detector;
}

test('a click out of soft noise is an attack, in the block where it is', (t) => {
  for (const at of [0, 63, 64, 500, 1023]) {
    const random = noiseSource(3);
    const detector = frames((i) => 0.001 * random() + (i === 5 * 1024 + at ? 0.5 : 0), 6);
    t.is(detector.first, Math.floor(at / 64), `click at ${at}`);
    t.true(detector.last >= detector.first && detector.last <= detector.first + 1);
    t.true(detector.peakiness > 20);
  }
});

test('steady noise, a steady tone, a slow rise and silence are none', (t) => {
  const random = noiseSource(4);
  for (const sample of [
    () => 0.3 * random(),
    (i: number) => 0.8 * Math.sin(i * 0.05),
    (i: number) => (i / 8192) * random() * 0.5,
    () => 0,
  ]) {
    const detector = frames(sample, 8);
    t.is(detector.first, -1);
    t.is(detector.last, -1);
    t.true(detector.peakiness < 4);
  }
});
