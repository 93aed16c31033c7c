import test from 'ava';
import { type Biquad, kWeighting } from '#transcoder/dsp/k-weighting.ts';

/** Gain in dB of both sections at a frequency. */
function response(sampleRate: number, hz: number): number {
  const { shelf, highPass } = kWeighting(sampleRate);
  const w = (2 * Math.PI * hz) / sampleRate;
  return 10 * Math.log10(power(shelf, w) * power(highPass, w));
}

function power({ b0, b1, b2, a1, a2 }: Biquad, w: number): number {
  const magnitude = (c0: number, c1: number, c2: number): number =>
    (c0 + c1 * Math.cos(w) + c2 * Math.cos(2 * w)) ** 2 + (c1 * Math.sin(w) + c2 * Math.sin(2 * w)) ** 2;
  return magnitude(b0, b1, b2) / magnitude(1, a1, a2);
}

test('the coefficients at 48 kHz are those of BS.1770, tables 1 and 2', (t) => {
  const { shelf, highPass } = kWeighting(48_000);
  const printed: readonly (readonly [number, number])[] = [
    [shelf.b0, 1.53512485958697],
    [shelf.b1, -2.69169618940638],
    [shelf.b2, 1.19839281085285],
    [shelf.a1, -1.69065929318241],
    [shelf.a2, 0.73248077421585],
    [highPass.b0, 1],
    [highPass.b1, -2],
    [highPass.b2, 1],
    [highPass.a1, -1.99004745483398],
    [highPass.a2, 0.99007225036621],
  ];
  for (const [ours, theirs] of printed) t.true(Math.abs(ours - theirs) < 1e-12, `${ours} is not ${theirs}`);
});

for (const sampleRate of [32_000, 44_100, 88_200, 96_000]) {
  test(`the response at ${sampleRate} Hz is that at 48 kHz, within 0.05 dB up to 10 kHz`, (t) => {
    for (const hz of [20, 40, 100, 300, 1000, 2000, 4000, 8000, 10_000]) {
      const difference = response(sampleRate, hz) - response(48_000, hz);
      t.true(Math.abs(difference) < 0.05, `${difference.toFixed(3)} dB at ${hz} Hz`);
    }
  });
}
