/** EBU Tech 3341, table 1: the minimum requirements' test signals, made in code as the table describes them. */
import test from 'ava';
import { LoudnessMeter } from '#transcoder/dsp/loudness-meter.ts';
import type { SpeakerRole } from '#transcoder/dsp/speaker-weights.ts';
import { pinkNoise, programme, STEREO, silence, type Tone, through, tones } from './support/signals.ts';

const RATES = [32_000, 44_100, 48_000, 22_050, 96_000];

function metered(planes: readonly Float32Array[], roles = STEREO, sampleRate = 48_000): LoudnessMeter {
  const meter = new LoudnessMeter(sampleRate, roles);
  meter.add(planes, 0, (planes[0] as Float32Array).length);
  return meter;
}

function stereo(sequence: readonly Tone[], sampleRate = 48_000): Float32Array[] {
  const plane = tones(sequence, sampleRate);
  return [plane, plane];
}

/** What a window shows every 10 ms, from `from` seconds on. */
function readings(planes: readonly Float32Array[], window: 'momentary' | 'shortTerm', from = 0): number[] {
  const meter = new LoudnessMeter(48_000, STEREO);
  const length = (planes[0] as Float32Array).length;
  const shown: number[] = [];
  for (let at = 0; at + 480 <= length; at += 480) {
    meter.add(planes, at, 480);
    const value = meter[window];
    if (value !== null && at + 480 >= from * 48_000) shown.push(value);
  }
  return shown;
}

const near = test.macro<[() => number | null, number, number?]>((t, measure, expected, tolerance = 0.1) => {
  const measured = measure();
  t.log(`${measured?.toFixed(3)}`);
  t.true(measured !== null && Math.abs(measured - expected) <= tolerance, `${measured}, expected ${expected}`);
});

for (const sampleRate of RATES) {
  for (const [number, db] of [
    [1, -23],
    [2, -33],
  ] as const) {
    test(`case ${number} at ${sampleRate} Hz: a stereo sine of ${db} dBFS shows ${db} LUFS in all three windows`, (t) => {
      const meter = metered(stereo([{ db, seconds: 20 }], sampleRate), STEREO, sampleRate);
      for (const window of ['momentary', 'shortTerm', 'integrated'] as const) {
        const shown = meter[window] ?? Number.NaN;
        t.true(Math.abs(shown - db) <= 0.1, `${window}: ${shown}`);
      }
    });
  }
}

const SEQUENCES: Readonly<Record<string, readonly Tone[]>> = {
  'case 3: the relative gate leaves out what is 13 LU below': [
    { db: -36, seconds: 10 },
    { db: -23, seconds: 60 },
    { db: -36, seconds: 10 },
  ],
  'case 4: the absolute gate leaves out what is below −70 LUFS': [
    { db: -72, seconds: 10 },
    { db: -36, seconds: 10 },
    { db: -23, seconds: 60 },
    { db: -36, seconds: 10 },
    { db: -72, seconds: 10 },
  ],
  'case 5: the mean is one of powers': [
    { db: -26, seconds: 20 },
    { db: -20, seconds: 20.1 },
    { db: -26, seconds: 20 },
  ],
};
for (const [title, sequence] of Object.entries(SEQUENCES)) {
  test(title, near, () => metered(stereo(sequence)).integrated, -23);
}

test('a programme below −70 LUFS has no integrated loudness', (t) => {
  t.is(metered(stereo([{ db: -71, seconds: 10 }])).integrated, null);
  t.not(metered(stereo([{ db: -69, seconds: 10 }])).integrated, null);
});

const FIVE: readonly SpeakerRole[] = ['FL', 'FR', 'FC', 'SL', 'SR'];
function surround(): Float32Array[] {
  return [-28, -28, -24, -30, -30].map((db) => tones([{ db, seconds: 20 }]));
}
test('case 6: five channels', near, () => metered(surround(), FIVE).integrated, -23);
test(
  'case 6 with a loud LFE: it does not count',
  near,
  () => metered([...surround(), tones([{ db: -3, seconds: 20 }], 48_000, 60)], [...FIVE, 'LFE']).integrated,
  -23,
);

test('case 9: short-term loudness of alternating tones is constant after 3 s', (t) => {
  const pair = [
    { db: -20, seconds: 1.34 },
    { db: -30, seconds: 1.66 },
  ];
  const shown = readings(stereo(Array.from({ length: 5 }, () => pair).flat()), 'shortTerm', 3);
  t.true(shown.length > 1000);
  for (const value of shown) t.true(Math.abs(value + 23) <= 0.1, `${value}`);
});

test('case 12: momentary loudness of alternating tones is constant after 1 s', (t) => {
  const pair = [
    { db: -20, seconds: 0.18 },
    { db: -30, seconds: 0.22 },
  ];
  const shown = readings(stereo(Array.from({ length: 25 }, () => pair).flat()), 'momentary', 1);
  t.true(shown.length > 800);
  for (const value of shown) t.true(Math.abs(value + 23) <= 0.1, `${value}`);
});

const WINDOWS = [
  { window: 'shortTerm', seconds: 3, step: 0.15, cases: [10, 11] },
  { window: 'momentary', seconds: 0.4, step: 0.02, cases: [13, 14] },
] as const;
for (const { window, seconds, step, cases } of WINDOWS) {
  test(`case ${cases[0]}: a tone as long as the window is shown in full wherever it begins (${window})`, (t) => {
    for (let i = 0; i < 20; i++) {
      const sequence = [
        { db: Number.NEGATIVE_INFINITY, seconds: i * step },
        { db: -23, seconds },
        { db: Number.NEGATIVE_INFINITY, seconds: 1 },
      ];
      const most = Math.max(...readings(stereo(sequence), window));
      t.true(Math.abs(most + 23) <= 0.1, `${most} after ${(i * step).toFixed(2)} s`);
    }
  });

  test(`case ${cases[1]}: tones that grow louder are shown one by one (${window})`, (t) => {
    for (let i = 0; i < 20; i++) {
      const before = Array.from({ length: i + 1 }, (_, k) => [
        { db: Number.NEGATIVE_INFINITY, seconds: k * step },
        { db: -38 + k, seconds },
        { db: Number.NEGATIVE_INFINITY, seconds: seconds - k * step },
      ]).flat();
      const most = Math.max(...readings(stereo(before), window));
      t.true(Math.abs(most - (-38 + i)) <= 0.1, `${most}, expected ${-38 + i}`);
    }
  });
}

test('what is shown does not depend on the size of the blocks, to the last bit', (t) => {
  const planes = programme({ seconds: 12, lufs: -23, channels: 2 });
  const whole = metered(planes);
  for (const sizes of [[1], [7, 1536, 1, 64], [1024], [1152], [4800]]) {
    const meter = new LoudnessMeter(48_000, STEREO);
    through({ process: (blocks, offset, samples) => meter.add(blocks, offset, samples) }, planes, sizes);
    t.is(meter.integrated, whole.integrated);
    t.is(meter.momentary, whole.momentary);
    t.is(meter.shortTerm, whole.shortTerm);
  }
});

test('nothing is shown before a window is full, and nothing for silence', (t) => {
  const meter = new LoudnessMeter(48_000, STEREO);
  const planes = stereo([{ db: -23, seconds: 1 }]);
  meter.add(planes, 0, 48_000 * 0.4 - 1);
  t.is(meter.momentary, null);
  meter.add(planes, 0, 1);
  t.not(meter.momentary, null);
  t.is(meter.shortTerm, null);
  const silent = metered(silence(5, 2));
  t.is(silent.momentary, null);
  t.is(silent.integrated, null);
});

test('samples that are no numbers do not deafen the meter', (t) => {
  const planes = stereo([{ db: -23, seconds: 6 }]).map((plane) => plane.slice());
  (planes[0] as Float32Array)[48_000] = Number.NaN;
  (planes[1] as Float32Array)[60_000] = Number.POSITIVE_INFINITY;
  const meter = metered(planes);
  t.true(Math.abs((meter.shortTerm ?? 0) + 23) <= 0.1, `${meter.shortTerm}`);
  t.true(Math.abs((meter.integrated ?? 0) + 23) <= 0.1, `${meter.integrated}`);
});

test('the histogram agrees with the exact two-step gate on noise whose level wanders', (t) => {
  const plane = pinkNoise(48_000 * 40, 9).map((x, i) => x * 10 ** ((-15 + 15 * Math.sin(i / 90_000)) / 20));
  const meter = new LoudnessMeter(48_000, STEREO);
  const blocks: number[] = [];
  for (let at = 0; at < plane.length; at += 4800) {
    meter.add([plane, plane], at, 4800);
    if (meter.momentaryPower !== null) blocks.push(meter.momentaryPower);
  }
  const mean = (of: readonly number[]): number => of.reduce((sum, power) => sum + power, 0) / of.length;
  const gated = blocks.filter((power) => power > mean(blocks) / 10);
  t.true(gated.length < blocks.length, 'the gate has something to do');
  const exact = -0.691 + 10 * Math.log10(mean(gated));
  t.true(Math.abs((meter.integrated ?? 0) - exact) < 0.02, `${meter.integrated} and ${exact}`);
});
