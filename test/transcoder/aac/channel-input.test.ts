import test from 'ava';
import { ChannelInput } from '#transcoder/aac/channel-input.ts';

test('what is no number is silence, what is beyond full scale is full scale, and the past is kept', (t) => {
  const input = new ChannelInput();
  const samples = new Float32Array(1030).fill(0.5);
  samples.set([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 3, -3, 0.25], 6);
  input.push(samples, 6);
  t.deepEqual([...input.window.subarray(1024, 1030)], [0, 32_768, -32_768, 32_768, -32_768, 8192]);
  input.push(new Float32Array(1024), 0);
  t.deepEqual([...input.window.subarray(0, 6)], [0, 32_768, -32_768, 32_768, -32_768, 8192]);
  t.true(input.window.subarray(1024).every((x) => x === 0));
});
