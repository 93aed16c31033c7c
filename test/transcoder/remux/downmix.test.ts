import test from 'ava';
import type { ChannelRole } from '#transcoder/ffmpeg/pcm.ts';
import { mix, mixMatrix, type OutputChannels } from '#transcoder/remux/downmix.ts';
import type { DualMonoChoice } from '#transcoder/remux/track-plan.ts';

const DB3 = Math.SQRT1_2;
const SURROUND: readonly ChannelRole[] = ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR'];
const SEVEN: readonly ChannelRole[] = ['FL', 'FR', 'FC', 'LFE', 'BL', 'BR', 'SL', 'SR'];

/** The matrix by name: per output, the inputs that reach it and their gain. */
function gains(roles: readonly ChannelRole[], channels: OutputChannels, dualMono: DualMonoChoice = null) {
  return mixMatrix(roles, channels, dualMono).map((row) =>
    Object.fromEntries(
      row.map((gain, index) => [roles[index], Number(gain.toFixed(4))] as const).filter(([, g]) => g !== 0),
    ),
  );
}

const round = (value: number): number => Number(value.toFixed(4));

test('to stereo: mono goes to both sides at full level, stereo stays as it is', (t) => {
  t.deepEqual(gains(['FC'], 2), [{ FC: 1 }, { FC: 1 }]);
  t.deepEqual(gains(['FL', 'FR'], 2), [{ FL: 1 }, { FR: 1 }]);
});

test('to stereo: 5.1 has centre and surrounds 3 dB below the front, and no LFE', (t) => {
  const scale = Math.SQRT2 / (1 + DB3 + DB3);
  const [front, other] = [round(scale), round(DB3 * scale)];
  const expected = [
    { FL: front, FC: other, SL: other },
    { FR: front, FC: other, SR: other },
  ];
  t.deepEqual(gains(SURROUND, 2), expected);
  t.deepEqual(gains(['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'], 2), [
    { FL: front, FC: other, BL: other },
    { FR: front, FC: other, BR: other },
  ]);
});

test('to stereo: 7.1 has both pairs, 4.0 its rear centre on both sides', (t) => {
  const [left = {}, right = {}] = gains(SEVEN, 2);
  t.deepEqual(Object.keys(left).sort(), ['BL', 'FC', 'FL', 'SL']);
  t.deepEqual(Object.keys(right).sort(), ['BR', 'FC', 'FR', 'SR']);
  const [four = {}] = gains(['FL', 'FR', 'FC', 'BC'], 2);
  t.is(round((four['BC'] ?? 0) / (four['FL'] ?? 1)), 0.5);
});

test('to stereo: full scale on every channel exceeds full scale by no more than 3 dB, and both sides are alike', (t) => {
  for (const roles of [SURROUND, SEVEN, ['FL', 'FR', 'FC'], ['FL', 'FR', 'BC'], ['FL', 'FR', 'SL', 'SR']] as const) {
    const [left = [], right = []] = mixMatrix(roles, 2, null);
    const total = (row: readonly number[]) => row.reduce((sum, gain) => sum + gain, 0);
    t.true(total(left) <= Math.SQRT2 + 1e-9, roles.join());
    t.is(round(total(left)), round(total(right)));
  }
});

test('to 5.1: 5.1 stays as it is, whether its surrounds are called side or back', (t) => {
  t.deepEqual(gains(SURROUND, 6), [{ FL: 1 }, { FR: 1 }, { FC: 1 }, { LFE: 1 }, { SL: 1 }, { SR: 1 }]);
  t.deepEqual(gains(['FL', 'FR', 'FC', 'LFE', 'BL', 'BR'], 6), [
    { FL: 1 },
    { FR: 1 },
    { FC: 1 },
    { LFE: 1 },
    { BL: 1 },
    { BR: 1 },
  ]);
});

test('to 5.1: the two pairs of 7.1 share one with their power kept, a rear centre goes to both', (t) => {
  const db3 = round(DB3);
  t.deepEqual(gains(SEVEN, 6).slice(4), [
    { BL: db3, SL: db3 },
    { BR: db3, SR: db3 },
  ]);
  t.deepEqual(gains(['FL', 'FR', 'FC', 'LFE', 'SL', 'SR', 'BC'], 6).slice(4), [
    { SL: 1, BC: db3 },
    { SR: 1, BC: db3 },
  ]);
});

test('to 5.1: stereo fills the front, mono the centre', (t) => {
  t.deepEqual(gains(['FL', 'FR'], 6), [{ FL: 1 }, { FR: 1 }, {}, {}, {}, {}]);
  t.deepEqual(gains(['FC'], 6), [{}, {}, { FC: 1 }, {}, {}, {}]);
});

test('dual mono: the chosen language goes to both sides, or to the centre', (t) => {
  t.deepEqual(gains(['FL', 'FR'], 2, 'first'), [{ FL: 1 }, { FL: 1 }]);
  t.deepEqual(gains(['FL', 'FR'], 2, 'second'), [{ FR: 1 }, { FR: 1 }]);
  t.deepEqual(gains(['FL', 'FR'], 6, 'second'), [{}, {}, { FR: 1 }, {}, {}, {}]);
  t.deepEqual(gains(SURROUND, 6, 'first'), gains(SURROUND, 6), 'no dual mono has six channels');
});

test('channels nobody knows are silent, not an error', (t) => {
  t.deepEqual(gains(['FL', 'FR', 'other'], 2), [{ FL: 1 }, { FR: 1 }]);
  t.deepEqual(gains(['other', 'other'], 6), [{}, {}, {}, {}, {}, {}]);
});

test('mixing writes only where it is told to, adds what goes to one output, and silences outputs without input', (t) => {
  const source = [new Float32Array([9, 1, 2, 9]), new Float32Array([9, 10, 20, 9])];
  const target = [7, 7, 7].map((level) => new Float32Array(5).fill(level));
  mix(
    [
      [1, 0],
      [0.5, 0.25],
      [0, 0],
    ],
    source,
    1,
    2,
    target,
    2,
  );
  t.deepEqual([...(target[0] ?? [])], [7, 7, 1, 2, 7]);
  t.deepEqual([...(target[1] ?? [])], [7, 7, 3, 6, 7]);
  t.deepEqual([...(target[2] ?? [])], [7, 7, 0, 0, 7]);
});
