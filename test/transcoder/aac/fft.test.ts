import test from 'ava';
import { Fft } from '#transcoder/aac/fft.ts';
import { noiseSource } from './support/sounds.ts';

for (const size of [4, 8, 64, 512]) {
  test(`an FFT of ${size} gives what the sum of its definition gives, also the second time`, (t) => {
    const random = noiseSource(size);
    const fft = new Fft(size);
    for (let turn = 0; turn < 2; turn++) {
      const re = Array.from({ length: size }, random);
      const im = Array.from({ length: size }, random);
      fft.re.set(re);
      fft.im.set(im);
      fft.transform();
      for (let k = 0; k < size; k++) {
        let sumRe = 0;
        let sumIm = 0;
        for (let n = 0; n < size; n++) {
          const angle = (-2 * Math.PI * k * n) / size;
          sumRe += (re[n] as number) * Math.cos(angle) - (im[n] as number) * Math.sin(angle);
          sumIm += (re[n] as number) * Math.sin(angle) + (im[n] as number) * Math.cos(angle);
        }
        t.true(Math.hypot((fft.re[k] as number) - sumRe, (fft.im[k] as number) - sumIm) < 1e-9, `line ${k}`);
      }
    }
  });
}

test('sizes that are no power of two are refused', (t) => {
  for (const size of [0, 2, 12, 100]) t.throws(() => new Fft(size), { instanceOf: RangeError });
});
