import test from 'ava';
import { LoudnessMeter } from '#transcoder/dsp/loudness-meter.ts';
import { createLoudnessStage, LoudnessStage } from '#transcoder/dsp/loudness-stage.ts';
import { TruePeakMeter } from '#transcoder/dsp/true-peak.ts';
import {
  dbfs,
  integratedOf,
  joined,
  pinkNoise,
  programme,
  rolesOf,
  STEREO,
  scaledTo,
  silence,
  through,
  tones,
} from './support/signals.ts';

interface Mode {
  readonly normalise: boolean;
  readonly night: boolean;
}
const NORMALISE: Mode = { normalise: true, night: false };
const NIGHT: Mode = { normalise: false, night: true };
const BOTH: Mode = { normalise: true, night: true };

function stageFor(mode: Mode, channels = 2, sampleRate = 48_000): LoudnessStage {
  return new LoudnessStage({ ...mode, sampleRate, roles: rolesOf(channels) });
}

function truePeakDb(planes: readonly Float32Array[]): number {
  const meter = new TruePeakMeter(planes.length);
  meter.add(planes, 0, (planes[0] as Float32Array).length);
  return 20 * Math.log10(meter.peak);
}

test('with both off there is no stage, so no delay', (t) => {
  t.is(createLoudnessStage({ normalise: false, night: false, sampleRate: 48_000, roles: STEREO }), null);
  for (const mode of [NORMALISE, NIGHT, BOTH]) {
    t.is(createLoudnessStage({ ...mode, sampleRate: 48_000, roles: STEREO })?.delaySamples, 72);
  }
});

const PROGRAMMES: readonly (readonly [string, number, number, number])[] = [
  ['a quiet programme', -31, 2, 48_000],
  ['a loud programme', -16, 2, 48_000],
  ['a very loud programme', -9, 2, 48_000],
  ['a programme at the target', -23, 2, 48_000],
  ['a quiet programme in 5.1', -31, 6, 48_000],
  ['a loud programme at 32 kHz', -16, 2, 32_000],
  ['a quiet programme at 44.1 kHz', -31, 2, 44_100],
  ['a loud programme in mono', -16, 1, 48_000],
];
for (const [name, lufs, channels, sampleRate] of PROGRAMMES) {
  test(`${name} (${lufs} LUFS) lies within 1 LU of −23 LUFS from the third second on`, (t) => {
    const source = programme({ seconds: 30, lufs, channels, sampleRate });
    const output = through(stageFor(NORMALISE, channels, sampleRate), source);
    const early = integratedOf(output, sampleRate, 3, 10);
    const late = integratedOf(output, sampleRate, 10, 30);
    const peak = truePeakDb(output);
    t.log(`3–10 s ${early.toFixed(2)}, 10–30 s ${late.toFixed(2)} LUFS, ${peak.toFixed(2)} dBTP`);
    t.true(Math.abs(early + 23) <= 1 && Math.abs(late + 23) <= 1);
    t.true(peak <= -0.8, `${peak} dBTP`);
  });
}

test('another target is kept as well', (t) => {
  const stage = new LoudnessStage({ ...NORMALISE, targetLufs: -18, sampleRate: 48_000, roles: STEREO });
  const output = through(stage, programme({ seconds: 20, lufs: -26, channels: 2 }));
  const late = integratedOf(output, 48_000, 8, 20);
  t.true(Math.abs(late + 18) <= 1, `${late}`);
});

test('the gain is bounded: a programme of −45 LUFS gets 12 dB, a tone of +3 LUFS loses 20 dB', (t) => {
  const quiet = stageFor(NORMALISE);
  through(quiet, programme({ seconds: 30, lufs: -45, channels: 2 }));
  t.true(Math.abs(quiet.stats().gainDb - 12) < 0.2, `${quiet.stats().gainDb}`);
  const loud = stageFor(NORMALISE);
  const tone = tones([{ db: 3, seconds: 30 }]);
  through(loud, [tone, tone]);
  t.true(Math.abs(loud.stats().gainDb + 20) < 0.1, `${loud.stats().gainDb}`);
});

test('a loud commercial after a quiet film is brought down within 10 s, the film after it up again within 30 s', (t) => {
  const source = joined(
    programme({ seconds: 40, lufs: -28, channels: 2, seed: 1 }),
    programme({ seconds: 25, lufs: -15, channels: 2, seed: 3 }),
    programme({ seconds: 50, lufs: -28, channels: 2, seed: 5 }),
  );
  const output = through(stageFor(NORMALISE), source);
  const film = integratedOf(output, 48_000, 10, 40);
  const commercial = integratedOf(output, 48_000, 50, 65);
  const again = integratedOf(output, 48_000, 95, 115);
  t.log(`film ${film.toFixed(1)}, commercial ${commercial.toFixed(1)}, film again ${again.toFixed(1)} LUFS`);
  t.true(Math.abs(film + 23) < 1);
  t.true(commercial < -23 + 3);
  t.true(Math.abs(again + 23) < 1);
  t.true(truePeakDb(output) <= -0.8);
});

test('in a pause the gain stands still, however long, and noise is not pumped up', (t) => {
  const stage = stageFor(NORMALISE);
  through(stage, programme({ seconds: 15, lufs: -29, channels: 2 }));
  const noise = scaledTo([pinkNoise(48_000 * 60, 1), pinkNoise(48_000 * 60, 2)], -62);
  through(
    stage,
    [noise[0] as Float32Array, noise[1] as Float32Array].map((plane) => plane.subarray(0, 48_000)),
  );
  const before = stage.stats().gainDb;
  const output = through(stage, noise);
  t.is(stage.stats().gainDb, before);
  const meter = new LoudnessMeter(48_000, STEREO);
  const levels: number[] = [];
  for (let at = 0; at < 48_000 * 60; at += 4800) {
    meter.add(output, at, 4800);
    if (meter.shortTerm !== null) levels.push(meter.shortTerm);
  }
  t.true(Math.max(...levels) - Math.min(...levels) < 1, 'the noise stays where it is');
  through(stage, silence(60, 2));
  t.is(stage.stats().gainDb, before);
});

/** A constant in place of sound is cut by the K-weighting, so a 1 kHz tone beside it is what is heard. */
function gainSeen(mode: Mode, tone: Float32Array): Float32Array {
  const level = 0.001;
  const flat = new Float32Array(tone.length).fill(level);
  const stage = stageFor(mode);
  return (through(stage, [tone, flat])[1] as Float32Array).subarray(stage.delaySamples).map((sample) => sample / level);
}

for (const [name, mode, bound] of [
  ['the normaliser', NORMALISE, 0.001],
  ['night mode', NIGHT, 0.02],
  ['both', BOTH, 0.02],
] as const) {
  test(`${name}: no step in the gain can be heard as a click (≤ ${bound} dB per sample) when the level leaps by 24 dB`, (t) => {
    const tone = tones([
      { db: -40, seconds: 8 },
      { db: -16, seconds: 8 }, // with 12 dB more still below the limiter, which has a test of its own
      { db: -40, seconds: 8 },
    ]);
    const gains = gainSeen(mode, tone);
    let steepest = 0;
    for (let i = 1; i < gains.length; i++) {
      const change = Math.abs(20 * Math.log10((gains[i] as number) / (gains[i - 1] as number)));
      steepest = Math.max(steepest, change);
    }
    t.log(`steepest ${steepest.toFixed(5)} dB per sample`);
    t.true(steepest > 0 && steepest <= bound, `${steepest}`);
  });
}

test('night mode leaves dialogue where it is, brings explosions down and whispers up', (t) => {
  const part = (lufs: number, seed: number): Float32Array[] => programme({ seconds: 12, lufs, channels: 2, seed });
  const source = joined(part(-23, 1), part(-8, 2), part(-23, 3), part(-40, 4));
  const output = through(stageFor(NIGHT), source);
  const [dialogue = 0, explosion = 0, again = 0, whisper = 0] = [2, 14, 26, 38].map((from) =>
    integratedOf(output, 48_000, from, from + 10),
  );
  t.log([dialogue, explosion, again, whisper].map((lufs) => lufs.toFixed(1)).join(', '));
  t.true(Math.abs(dialogue + 23) < 1, `dialogue ${dialogue}`);
  t.true(Math.abs(again + 23) < 1, `dialogue again ${again}`);
  t.true(explosion < -14, `explosion ${explosion}`);
  t.true(whisper > -37, `whisper ${whisper}`);
  t.true(truePeakDb(output) <= -0.8);
});

test('both together: dialogue of a quiet channel ends at the target', (t) => {
  const output = through(stageFor(BOTH), programme({ seconds: 30, lufs: -31, channels: 2 }));
  const late = integratedOf(output, 48_000, 8, 30);
  t.true(Math.abs(late + 23) < 1, `${late}`);
});

for (const [name, mode] of [
  ['normaliser', NORMALISE],
  ['night mode', NIGHT],
  ['both', BOTH],
] as const) {
  test(`${name}: the output does not depend on the size of the blocks, to the last bit`, (t) => {
    for (const sampleRate of [48_000, 44_100]) {
      const source = programme({ seconds: 6, lufs: -14, channels: 2, sampleRate });
      const whole = through(stageFor(mode, 2, sampleRate), source, [1e9]);
      for (const sizes of [[1], [1, 63, 64, 65, 999], [1024], [1152, 1536]]) {
        t.deepEqual(through(stageFor(mode, 2, sampleRate), source, sizes), whole);
      }
    }
  });

  test(`${name}: an impulse comes out exactly delaySamples later`, (t) => {
    for (const sampleRate of [32_000, 44_100, 48_000]) {
      const stage = stageFor(mode, 2, sampleRate);
      const planes = silence(0.2, 2, sampleRate);
      (planes[0] as Float32Array)[1234] = 0.25;
      const output = through(stage, planes, [500])[0] as Float32Array;
      t.deepEqual(
        [...output.entries()].filter(([, sample]) => sample !== 0).map(([at]) => at),
        [1234 + stage.delaySamples],
      );
    }
  });
}

test('only the samples it was given are touched', (t) => {
  const planes = [new Float32Array(3000).fill(0.5), new Float32Array(3000).fill(0.5)];
  stageFor(BOTH).process(planes, 1000, 1000);
  for (const plane of planes) {
    t.true(plane.subarray(0, 1000).every((sample) => sample === 0.5));
    t.true(plane.subarray(2000).every((sample) => sample === 0.5));
  }
});

test('the gain is one for all channels, LFE included', (t) => {
  const source = programme({ seconds: 6, lufs: -16, channels: 6 });
  for (const [channel, plane] of source.entries())
    plane.set((source[0] as Float32Array).map((x) => x * (1 - channel / 10)));
  const output = through(stageFor(BOTH, 6), source);
  const first = output[0] as Float32Array;
  for (let channel = 1; channel < 6; channel++) {
    const scale = 1 - channel / 10;
    t.true((output[channel] as Float32Array).every((x, i) => Math.abs(x - (first[i] as number) * scale) < 1e-6));
  }
});

test('after a reset the programme goes on with the gain it had, and nothing of what came before is heard', (t) => {
  const stage = stageFor(NORMALISE);
  through(stage, programme({ seconds: 12, lufs: -31, channels: 2 }));
  const before = stage.stats().gainDb;
  stage.reset();
  const flat = [new Float32Array(4000).fill(0.01), new Float32Array(4000).fill(0.01)];
  const output = through(stage, flat)[0] as Float32Array;
  t.true(output.subarray(0, stage.delaySamples).every((sample) => sample === 0));
  const gain = (output[stage.delaySamples] as number) / 0.01;
  t.true(Math.abs(20 * Math.log10(gain) - before) < 0.1, `${gain}`);
});

test('a change of format keeps the gain', (t) => {
  const stereo = stageFor(BOTH);
  through(stereo, programme({ seconds: 15, lufs: -31, channels: 2 }));
  const surround = stageFor(BOTH, 6);
  surround.continueFrom(stereo);
  t.is(surround.stats().gainDb, stereo.stats().gainDb);
  const output = through(surround, programme({ seconds: 6, lufs: -31, channels: 6, seed: 8 }));
  const lufs = integratedOf(output, 48_000, 0, 6);
  t.true(Math.abs(lufs + 23) < 1.5, `${lufs}`);
});

test('samples that are no numbers are muted and counted, and do no lasting harm', (t) => {
  const source = programme({ seconds: 10, lufs: -23, channels: 2 });
  const left = source[0] as Float32Array;
  left[100_000] = Number.NaN;
  left[100_001] = Number.POSITIVE_INFINITY;
  left[100_002] = 3e38;
  const stage = stageFor(BOTH);
  const output = through(stage, source);
  t.is(stage.stats().badSamples, 3);
  for (const plane of output) t.true(plane.every((sample) => Math.abs(sample) <= dbfs(-0.8)));
  t.true(Math.abs(integratedOf(output, 48_000, 3, 10) + 23) < 1);
});
