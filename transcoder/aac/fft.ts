/**
 * Complex FFT of a power of two (Stockham, radix 4, one radix-2 step where the exponent is odd). No reordering pass, no
 * memory taken per call.
 */
export class Fft {
  readonly size: number;
  /** Input and, after `transform`, output. */
  re: Float64Array;
  im: Float64Array;
  #otherRe: Float64Array;
  #otherIm: Float64Array;
  /** Per radix-4 step, one after the other: cos and sin of 1, 2 and 3 times the angle. */
  readonly #twiddles: readonly Float64Array[];

  constructor(size: number) {
    if (size < 4 || (size & (size - 1)) !== 0) throw new RangeError(`no FFT of ${size}`);
    this.size = size;
    this.re = new Float64Array(size);
    this.im = new Float64Array(size);
    this.#otherRe = new Float64Array(size);
    this.#otherIm = new Float64Array(size);
    const twiddles: Float64Array[] = [];
    for (let n = size; n >= 4; n /= 4) twiddles.push(twiddlesOf(n));
    this.#twiddles = twiddles;
  }

  transform(): void {
    let n = this.size;
    let stride = 1;
    for (let step = 0; n >= 4; step++) {
      radix4(n, stride, this.#twiddles[step] as Float64Array, this.re, this.im, this.#otherRe, this.#otherIm);
      this.#swap();
      n /= 4;
      stride *= 4;
    }
    if (n === 2) {
      radix2(stride, this.re, this.im, this.#otherRe, this.#otherIm);
      this.#swap();
    }
  }

  #swap(): void {
    const { re, im } = this;
    this.re = this.#otherRe;
    this.im = this.#otherIm;
    this.#otherRe = re;
    this.#otherIm = im;
  }
}

function twiddlesOf(n: number): Float64Array {
  const table = new Float64Array((n / 4) * 6);
  for (let p = 0; p < n / 4; p++) {
    for (let times = 1; times <= 3; times++) {
      const angle = (-2 * Math.PI * p * times) / n;
      table[p * 6 + times * 2 - 2] = Math.cos(angle);
      table[p * 6 + times * 2 - 1] = Math.sin(angle);
    }
  }
  return table;
}

function radix4(
  n: number,
  stride: number,
  twiddles: Float64Array,
  re: Float64Array,
  im: Float64Array,
  outRe: Float64Array,
  outIm: Float64Array,
): void {
  const quarter = n / 4;
  const step = stride * quarter;
  for (let p = 0; p < quarter; p++) {
    const t = p * 6;
    const c1 = twiddles[t] as number;
    const s1 = twiddles[t + 1] as number;
    const c2 = twiddles[t + 2] as number;
    const s2 = twiddles[t + 3] as number;
    const c3 = twiddles[t + 4] as number;
    const s3 = twiddles[t + 5] as number;
    const from = stride * p;
    const to = from * 4;
    for (let q = 0; q < stride; q++) {
      const a = from + q;
      const b = a + step;
      const c = b + step;
      const d = c + step;
      const sumRe = (re[a] as number) + (re[c] as number);
      const sumIm = (im[a] as number) + (im[c] as number);
      const difRe = (re[a] as number) - (re[c] as number);
      const difIm = (im[a] as number) - (im[c] as number);
      const oddRe = (re[b] as number) + (re[d] as number);
      const oddIm = (im[b] as number) + (im[d] as number);
      // j · (b − d)
      const turnRe = (im[d] as number) - (im[b] as number);
      const turnIm = (re[b] as number) - (re[d] as number);
      const y = to + q;
      outRe[y] = sumRe + oddRe;
      outIm[y] = sumIm + oddIm;
      const x1 = difRe - turnRe;
      const y1 = difIm - turnIm;
      outRe[y + stride] = x1 * c1 - y1 * s1;
      outIm[y + stride] = x1 * s1 + y1 * c1;
      const x2 = sumRe - oddRe;
      const y2 = sumIm - oddIm;
      outRe[y + 2 * stride] = x2 * c2 - y2 * s2;
      outIm[y + 2 * stride] = x2 * s2 + y2 * c2;
      const x3 = difRe + turnRe;
      const y3 = difIm + turnIm;
      outRe[y + 3 * stride] = x3 * c3 - y3 * s3;
      outIm[y + 3 * stride] = x3 * s3 + y3 * c3;
    }
  }
}

function radix2(stride: number, re: Float64Array, im: Float64Array, outRe: Float64Array, outIm: Float64Array): void {
  for (let q = 0; q < stride; q++) {
    const aRe = re[q] as number;
    const aIm = im[q] as number;
    const bRe = re[q + stride] as number;
    const bIm = im[q + stride] as number;
    outRe[q] = aRe + bRe;
    outIm[q] = aIm + bIm;
    outRe[q + stride] = aRe - bRe;
    outIm[q + stride] = aIm - bIm;
  }
}
