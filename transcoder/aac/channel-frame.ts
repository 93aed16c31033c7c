import { MAX_BANDS } from './band-tables.ts';
import { Tns } from './tns.ts';
import { LONG_LINES } from './windows.ts';

/** What is known of one channel of the frame in work: from its lines to what is written. Used again for each frame. */
export class ChannelFrame {
  /** Lines in the order they are coded in (see BandLayout). */
  readonly lines = new Float64Array(LONG_LINES);
  /** By band: energy, sum of roots of magnitudes, noise that it bears. */
  readonly energies = new Float64Array(MAX_BANDS);
  readonly roots = new Float64Array(MAX_BANDS);
  readonly thresholds = new Float64Array(MAX_BANDS);
  readonly tns = new Tns();

  /** Magnitudes to the power of ¾, which is what the quantiser rounds. */
  readonly powers = new Float64Array(LONG_LINES);
  /** By band: largest of the powers. */
  readonly largest = new Float64Array(MAX_BANDS);
  /** By band: log₂ of energy to threshold, and the lines that count (3GPP TS 26.403, 5.4). */
  readonly ratios = new Float64Array(MAX_BANDS);
  readonly relevant = new Float64Array(MAX_BANDS);
  /** By band: the scale factor whose noise is just the threshold; and the two it may not leave. */
  readonly wanted = new Float64Array(MAX_BANDS);
  readonly leastScale = new Int16Array(MAX_BANDS);
  readonly mostScale = new Int16Array(MAX_BANDS);
  /** By band: log₂ of how far the threshold may be lowered: to the threshold in quiet, ≤ 0. */
  readonly lowest = new Float64Array(MAX_BANDS);

  readonly quantised = new Int16Array(LONG_LINES);
  /** By band: largest quantised magnitude, 0 where nothing is left. */
  readonly peaks = new Int16Array(MAX_BANDS);
  readonly scaleFactors = new Int16Array(MAX_BANDS);
  readonly books = new Uint8Array(MAX_BANDS);
}
