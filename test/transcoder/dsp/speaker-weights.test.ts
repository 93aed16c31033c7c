import test from 'ava';
import { loudnessWeights } from '#transcoder/dsp/speaker-weights.ts';

test('LFE does not count, surrounds count +1.5 dB', (t) => {
  t.deepEqual(loudnessWeights(['FL', 'FR', 'FC', 'LFE', 'SL', 'SR']), [1, 1, 1, 0, 1.41, 1.41]);
});

test('the back pair of a 5.1 layout that names it so is its surrounds', (t) => {
  t.deepEqual(loudnessWeights(['FL', 'FR', 'FC', 'LFE', 'BL', 'BR']), [1, 1, 1, 0, 1.41, 1.41]);
});

test('in 7.1 the back pair counts like the front', (t) => {
  t.deepEqual(loudnessWeights(['FL', 'FR', 'FC', 'LFE', 'BL', 'BR', 'SL', 'SR']), [1, 1, 1, 0, 1, 1, 1.41, 1.41]);
});
