/**
 * Temporal noise shaping: the lines are run through a linear predictor along frequency, so the decoder's inverse gives
 * the quantisation noise the shape in time that the sound has. It is what holds the noise of an attack together that
 * came too late for short windows. One filter over the upper bands of a long frame; short frames need none.
 *
 * The filter runs from high lines to low ones: the decoder's inverse carries noise along with it, and spectra fall
 * towards high frequencies, where noise from below would be heard.
 *
 * Spec: ISO/IEC 14496-3:2019, 4.6.9 (decoding: order ≤ 12 in AAC LC, coefficients of 4 bits are sines of their index).
 */
export const TNS_ORDER = 12;

/** Below this gain of the predictor (energy in against energy out) it costs more than it gives. */
const WORTH = 1.5;

/** Half the steps of the coefficients' quantiser, each side of zero has its own. */
const POSITIVE = 7.5 / (Math.PI / 2);
const NEGATIVE = 8.5 / (Math.PI / 2);

export class Tns {
  /** 0: not used in this frame. */
  order = 0;
  /** The first band it reaches. */
  firstBand = 0;
  /** Quantised reflection coefficients, −8…7. */
  readonly indexes = new Int8Array(TNS_ORDER);
  /** The predictor that the decoder will have: 1 + a₁z⁻¹ + … */
  readonly #filter = new Float64Array(TNS_ORDER + 1);
  readonly #swap = new Float64Array(TNS_ORDER + 1);
  readonly #correlation = new Float64Array(TNS_ORDER + 1);
  readonly #weighted = new Float64Array(1024);

  clear(): void {
    this.order = 0;
  }

  /**
   * Lines `from` … `to` of a long frame, in place where it is worth it. `offsets` and `energies` are those of the bands
   * from `band` on.
   */
  apply(
    lines: Float64Array,
    offsets: ArrayLike<number>,
    energies: Float64Array,
    firstBand: number,
    endBand: number,
  ): void {
    this.order = 0;
    this.firstBand = firstBand;
    if (firstBand >= endBand) return;
    const from = offsets[firstBand] as number;
    const to = offsets[endBand] as number;
    this.#weigh(lines, offsets, energies, firstBand, endBand);
    this.#correlate(from, to);
    if (!this.#predict()) return;
    this.#filterOfIndexes();
    const filter = this.#filter;
    const order = this.order;
    for (let i = from; i < to; i++) {
      let sum = lines[i] as number;
      const taps = Math.min(order, to - 1 - i);
      for (let tap = 1; tap <= taps; tap++) sum += (filter[tap] as number) * (lines[i + tap] as number);
      lines[i] = sum;
    }
  }

  /** Flattens the spectrum, or the predictor would follow its slope and not the sound's shape in time. */
  #weigh(
    lines: Float64Array,
    offsets: ArrayLike<number>,
    energies: Float64Array,
    firstBand: number,
    endBand: number,
  ): void {
    const weighted = this.#weighted;
    const from = offsets[firstBand] as number;
    const to = offsets[endBand] as number;
    for (let band = firstBand; band < endBand; band++) {
      const begin = offsets[band] as number;
      const end = offsets[band + 1] as number;
      const weight = 1 / Math.sqrt((energies[band] as number) / (end - begin) + 1e-3);
      weighted.fill(weight, begin, end);
    }
    for (let i = from + 1; i < to; i++) weighted[i] = 0.5 * ((weighted[i] as number) + (weighted[i - 1] as number));
    for (let i = to - 2; i >= from; i--) weighted[i] = 0.5 * ((weighted[i] as number) + (weighted[i + 1] as number));
    for (let i = from; i < to; i++) weighted[i] = (weighted[i] as number) * (lines[i] as number);
  }

  #correlate(from: number, to: number): void {
    const weighted = this.#weighted;
    for (let lag = 0; lag <= TNS_ORDER; lag++) {
      let sum = 0;
      for (let i = from + lag; i < to; i++) sum += (weighted[i] as number) * (weighted[i - lag] as number);
      // A little window over time: no predictor of a resolution that the lines don't have.
      const width = 0.02 * lag;
      this.#correlation[lag] = sum * Math.exp(-0.5 * width * width);
    }
  }

  /** Levinson-Durbin; fills `indexes` and `order`. False where the gain is too little. */
  #predict(): boolean {
    const r = this.#correlation;
    const a = this.#filter;
    const swap = this.#swap;
    const energy = r[0] as number;
    let error = energy;
    if (!(energy > 1e-9)) return false;
    a.fill(0);
    a[0] = 1;
    let order = 0;
    for (let m = 1; m <= TNS_ORDER; m++) {
      let sum = r[m] as number;
      for (let i = 1; i < m; i++) sum += (a[i] as number) * (r[m - i] as number);
      const reflection = Math.max(-0.995, Math.min(0.995, -sum / error));
      for (let i = 1; i < m; i++) swap[i] = (a[i] as number) + reflection * (a[m - i] as number);
      for (let i = 1; i < m; i++) a[i] = swap[i] as number;
      a[m] = reflection;
      error *= 1 - reflection * reflection;
      const index = Math.round(Math.asin(reflection) * (reflection >= 0 ? POSITIVE : NEGATIVE));
      this.indexes[m - 1] = Math.max(-8, Math.min(7, index));
      if (this.indexes[m - 1] !== 0) order = m;
    }
    if (order === 0 || energy < WORTH * error) return false;
    this.order = order;
    return true;
  }

  #filterOfIndexes(): void {
    const a = this.#filter;
    const swap = this.#swap;
    a.fill(0);
    a[0] = 1;
    for (let m = 1; m <= this.order; m++) {
      const index = this.indexes[m - 1] as number;
      const reflection = Math.sin(index / (index >= 0 ? POSITIVE : NEGATIVE));
      for (let i = 1; i < m; i++) swap[i] = (a[i] as number) + reflection * (a[m - i] as number);
      for (let i = 1; i < m; i++) a[i] = swap[i] as number;
      a[m] = reflection;
    }
  }
}
