import { Fft } from './fft.ts';

/**
 * MDCT of 2M windowed samples to M lines, folded into a DCT-IV, which a complex FFT of M/2 does.
 *
 * Spec: ISO/IEC 14496-3:2019, 4.6.11.3.1: X[k] = 2 Σ z[n] cos(2π/N (n + n0)(k + ½)), n0 = (N/2 + 1)/2, of which the
 * decoder's filter bank is the inverse.
 */
export class Mdct {
  readonly lines: number;
  readonly #fft: Fft;
  readonly #folded: Float64Array;
  /** cos and sin of π(8n + 1)/8M, one after the other. */
  readonly #rotation: Float64Array;

  constructor(lines: number) {
    this.lines = lines;
    this.#fft = new Fft(lines / 2);
    this.#folded = new Float64Array(lines);
    this.#rotation = new Float64Array(lines);
    for (let n = 0; n < lines / 2; n++) {
      const angle = (Math.PI * (8 * n + 1)) / (8 * lines);
      this.#rotation[2 * n] = Math.cos(angle);
      this.#rotation[2 * n + 1] = Math.sin(angle);
    }
  }

  /**
   * Samples `from` … `from + 2M` of `input` to `output[to]` … `[to + M]`. `rising` is the window's first half, `falling`
   * its second half read backwards.
   */
  transform(
    input: Float64Array,
    from: number,
    rising: Float64Array,
    falling: Float64Array,
    output: Float64Array,
    to: number,
  ): void {
    const lines = this.lines;
    const half = lines / 2;
    const folded = this.#folded;
    // The four quarters (a, b, c, d) become (−c reversed − d, a − b reversed).
    const middle = from + lines;
    for (let n = 0; n < half; n++) {
      const c = (input[middle + half - 1 - n] as number) * (falling[half + n] as number);
      const d = (input[middle + half + n] as number) * (falling[half - 1 - n] as number);
      folded[n] = -c - d;
      const a = (input[from + n] as number) * (rising[n] as number);
      const b = (input[middle - 1 - n] as number) * (rising[lines - 1 - n] as number);
      folded[half + n] = a - b;
    }
    this.#dct4(output, to);
  }

  #dct4(output: Float64Array, to: number): void {
    const lines = this.lines;
    const half = lines / 2;
    const folded = this.#folded;
    const rotation = this.#rotation;
    const fft = this.#fft;
    const { re, im } = fft;
    for (let n = 0; n < half; n++) {
      const x = folded[2 * n] as number;
      const y = folded[lines - 1 - 2 * n] as number;
      const c = rotation[2 * n] as number;
      const s = rotation[2 * n + 1] as number;
      re[n] = x * c + y * s;
      im[n] = y * c - x * s;
    }
    fft.transform();
    const outRe = fft.re;
    const outIm = fft.im;
    for (let k = 0; k < half; k++) {
      const x = outRe[k] as number;
      const y = outIm[k] as number;
      const c = rotation[2 * k] as number;
      const s = rotation[2 * k + 1] as number;
      output[to + 2 * k] = 2 * (x * c + y * s);
      output[to + lines - 1 - 2 * k] = 2 * (x * s - y * c);
    }
  }
}
