/**
 * A simple ear: noise against what masks it, in bands of half a Bark. The masking threshold lies 13 dB below the signal,
 * which is spread with 27 dB per Bark downwards and 15 dB upwards. It knows nothing of time inside its window of 2048
 * samples (pre-echoes) and nothing of stereo.
 */
import { Fft } from '#transcoder/aac/fft.ts';

const SIZE = 2048;
const HOP = 1024;
const MASKING_DB = 13;
const UP_DB = 15;
const DOWN_DB = 27;
/** Noise below −100 dB of full scale per band is nobody's trouble. */
const QUIET = (32_768 * 10 ** (-100 / 20)) ** 2;

export interface NoiseToMask {
  /** Of the mean of noise over threshold, all bands and frames. */
  readonly decibels: number;
  /** The mean of the decibels. */
  readonly meanDecibels: number;
  /** Percent of bands and frames whose noise is above the threshold. */
  readonly above: number;
}

function bark(hertz: number): number {
  return 13 * Math.atan(0.00076 * hertz) + 3.5 * Math.atan((hertz / 7500) ** 2);
}

export class Ear {
  readonly #fft = new Fft(SIZE);
  readonly #window = Float64Array.from({ length: SIZE }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / SIZE));
  /** Band of each line. */
  readonly #bandOf: readonly number[];
  readonly #bands: number;
  readonly #ratios: number[] = [];

  constructor(sampleRate: number) {
    this.#bandOf = Array.from({ length: SIZE / 2 }, (_, line) =>
      Math.floor(bark(((line + 0.5) * sampleRate) / SIZE) * 2),
    );
    this.#bands = (this.#bandOf.at(-1) as number) + 1;
  }

  /** Both lines have the scale −1…1; `heard[i + shift]` is `signal[i]`. */
  listen(signal: Float32Array, heard: Float32Array, shift: number, from: number, end: number): void {
    for (let at = from; at + SIZE <= end; at += HOP) {
      const masks = this.#spread(this.#powers((i) => signal[at + i] as number));
      const noise = this.#powers((i) => (heard[at + i + shift] as number) - (signal[at + i] as number));
      for (let band = 0; band < this.#bands; band++) {
        const mask = (masks[band] as number) * 10 ** (-MASKING_DB / 10) + QUIET;
        if ((masks[band] as number) > QUIET) this.#ratios.push((noise[band] as number) / mask);
      }
    }
  }

  get result(): NoiseToMask {
    const ratios = this.#ratios;
    const sum = ratios.reduce((all, ratio) => all + ratio, 0);
    const logs = ratios.reduce((all, ratio) => all + 10 * Math.log10(ratio + 1e-6), 0);
    const above = ratios.filter((ratio) => ratio > 1).length;
    return {
      decibels: 10 * Math.log10(sum / ratios.length),
      meanDecibels: logs / ratios.length,
      above: (100 * above) / ratios.length,
    };
  }

  /** Energies of the bands, of 16-bit scale: a sine of amplitude A has A². */
  #powers(sample: (i: number) => number): Float64Array {
    const { re, im } = this.#fft;
    for (let i = 0; i < SIZE; i++) re[i] = sample(i) * (this.#window[i] as number) * 32_768;
    im.fill(0);
    this.#fft.transform();
    const powers = new Float64Array(this.#bands);
    const { re: outRe, im: outIm } = this.#fft;
    for (let line = 0; line < SIZE / 2; line++) {
      const power = ((outRe[line] as number) ** 2 + (outIm[line] as number) ** 2) / (SIZE / 4) ** 2 / 1.5;
      const band = this.#bandOf[line] as number;
      powers[band] = (powers[band] as number) + power;
    }
    return powers;
  }

  #spread(powers: Float64Array): Float64Array {
    const spread = Float64Array.from(powers);
    const up = 10 ** (-UP_DB / 20);
    const down = 10 ** (-DOWN_DB / 20);
    let carried = 0;
    for (let band = 0; band < powers.length; band++) {
      spread[band] = (spread[band] as number) + carried;
      carried = (carried + (powers[band] as number)) * up;
    }
    carried = 0;
    for (let band = powers.length - 1; band >= 0; band--) {
      spread[band] = (spread[band] as number) + carried;
      carried = (carried + (powers[band] as number)) * down;
    }
    return spread;
  }
}

/** Mean over blocks of 20 ms of signal to noise in dB, each taken between −10 and 60, silent ones left out. */
export function segmentalSnr(
  signal: Float32Array,
  heard: Float32Array,
  shift: number,
  from: number,
  end: number,
): number {
  const block = 960;
  let sum = 0;
  let count = 0;
  for (let at = from; at + block <= end; at += block) {
    let power = 0;
    let noise = 0;
    for (let i = at; i < at + block; i++) {
      const x = signal[i] as number;
      power += x * x;
      noise += ((heard[i + shift] as number) - x) ** 2;
    }
    if (power < 1e-7 * block) continue;
    sum += Math.max(-10, Math.min(60, 10 * Math.log10(power / (noise + 1e-12))));
    count++;
  }
  return sum / count;
}

/**
 * Pre-echo: energy of the noise in the 20 ms before each attack against the sound's in the 10 ms from it on, in dB; mean
 * of the energies, and the worst attack. The last 2 ms before are left out: backward masking covers them.
 */
export function preEcho(
  signal: Float32Array,
  heard: Float32Array,
  shift: number,
  attacks: readonly number[],
): { readonly mean: number; readonly worst: number } {
  const ratios = attacks.map((attack) => {
    let noise = 0;
    let power = 0;
    for (let i = attack - 960; i < attack - 96; i++)
      noise += ((heard[i + shift] as number) - (signal[i] as number)) ** 2;
    for (let i = attack; i < attack + 480; i++) power += (signal[i] as number) ** 2;
    return noise / power;
  });
  const mean = ratios.reduce((all, ratio) => all + ratio, 0) / ratios.length;
  return { mean: 10 * Math.log10(mean + 1e-12), worst: 10 * Math.log10(Math.max(...ratios) + 1e-12) };
}
