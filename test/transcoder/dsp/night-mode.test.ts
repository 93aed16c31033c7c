import test from 'ava';
import { lufsToPower } from '#transcoder/dsp/decibels.ts';
import { NightCompressor, nightGainDb } from '#transcoder/dsp/night-mode.ts';

const STEP_SECONDS = 64 / 48_000;

/** Level in LU relative to dialogue, gain in dB. */
const CURVE: readonly (readonly [string, number, number])[] = [
  ['an explosion 20 LU over dialogue', 20, -11.25],
  ['a loud scene', 15, -7.5],
  ['the upper end of the loud knee', 8, -2.25],
  ['the loud threshold, in the middle of its knee', 5, -0.5625],
  ['the lower end of the loud knee', 2, 0],
  ['dialogue', 0, 0],
  ['the upper end of the quiet knee', -2, 0],
  ['the quiet threshold, in the middle of its knee', -5, 0.375],
  ['a whisper', -17, 6],
  ['the most that is raised', -23, 8],
  ['half way into the fade', -32.5, 4],
  ['the noise of a room', -40, 0],
  ['silence', Number.NEGATIVE_INFINITY, 0],
];
for (const [what, level, expected] of CURVE) {
  test(`${what} (${level} LU) gets ${expected} dB`, (t) => {
    t.true(Math.abs(nightGainDb(level) - expected) < 1e-9, `${nightGainDb(level)}`);
  });
}

test('louder in is louder out, without a step', (t) => {
  let before = -80 + nightGainDb(-80);
  for (let level = -79.9; level < 30; level += 0.1) {
    const output = level + nightGainDb(level);
    t.true(output > before && output - before < 0.2, `at ${level.toFixed(1)} LU`);
    before = output;
  }
});

/** Seconds until the gain is within 1 dB of where it goes. */
function secondsTo(compressor: NightCompressor, lufs: number, wanted: number): number {
  for (let step = 1; step < 100_000; step++) {
    compressor.update(lufsToPower(lufs));
    if (Math.abs(compressor.gainDb - wanted) < 1) return step * STEP_SECONDS;
  }
  return Number.POSITIVE_INFINITY;
}

test('it attacks within 60 ms, releases in about a second and raises whispers slower still', (t) => {
  const compressor = new NightCompressor(-23, STEP_SECONDS);
  t.true(secondsTo(compressor, -23, 0) < 0.01);
  const attack = secondsTo(compressor, -8, -7.5);
  for (let i = 0; i < 1000; i++) compressor.update(lufsToPower(-8));
  const release = secondsTo(compressor, -23, 0);
  const boost = secondsTo(compressor, -40, 6);
  t.log(`attack ${attack.toFixed(3)} s, release ${release.toFixed(2)} s, boost ${boost.toFixed(2)} s`);
  t.true(attack < 0.06);
  t.true(release > 0.5 && release < 1.5);
  t.true(boost > 1.5 && boost < 4);
});

test('a pause of 300 ms inside a whisper does not change its gain by more than 1 dB', (t) => {
  const compressor = new NightCompressor(-23, STEP_SECONDS);
  for (let i = 0; i < 6000; i++) compressor.update(lufsToPower(-40));
  const before = compressor.gainDb;
  for (let i = 0; i < 0.3 / STEP_SECONDS; i++) compressor.update(0);
  t.true(Math.abs(compressor.gainDb - before) < 1, `${before} → ${compressor.gainDb}`);
});
