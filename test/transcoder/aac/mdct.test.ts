import test from 'ava';
import { Mdct } from '#transcoder/aac/mdct.ts';
import { sineSlope } from '#transcoder/aac/windows.ts';
import { noiseSource } from './support/sounds.ts';

for (const lines of [16, 128, 1024]) {
  test(`an MDCT to ${lines} lines is the sum that the standard defines`, (t) => {
    const random = noiseSource(lines);
    const size = 2 * lines;
    const input = Float64Array.from({ length: size + 7 }, random);
    const slope = sineSlope(lines);
    const output = new Float64Array(lines + 3);
    new Mdct(lines).transform(input, 7, slope, slope, output, 3);
    const n0 = (lines + 1) / 2;
    for (let k = 0; k < lines; k += lines / 16) {
      let sum = 0;
      for (let n = 0; n < size; n++) {
        const window = n < lines ? (slope[n] as number) : (slope[size - 1 - n] as number);
        sum += (input[7 + n] as number) * window * Math.cos(((2 * Math.PI) / size) * (n + n0) * (k + 0.5));
      }
      t.true(Math.abs((output[3 + k] as number) - 2 * sum) < 1e-8, `line ${k}`);
    }
    t.deepEqual([...output.subarray(0, 3)], [0, 0, 0]);
  });
}
