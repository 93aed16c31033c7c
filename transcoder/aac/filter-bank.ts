import { Mdct } from './mdct.ts';
import {
  EIGHT_SHORT,
  LONG_LINES,
  LONG_START,
  LONG_STOP,
  SHORT_FROM,
  SHORT_LINES,
  SHORT_WINDOWS,
  shortSlopeInLong,
  sineSlope,
  type WindowSequence,
} from './windows.ts';

const LONG_SLOPE = sineSlope(LONG_LINES);
const SHORT_SLOPE = sineSlope(SHORT_LINES);
const SHORT_IN_LONG = shortSlopeInLong();

/** 2048 samples to 1024 lines, or eight times 128 one behind the other. Keeps no state of its own between calls. */
export class FilterBank {
  readonly #long = new Mdct(LONG_LINES);
  readonly #short = new Mdct(SHORT_LINES);

  transform(window: Float64Array, sequence: WindowSequence, output: Float64Array): void {
    if (sequence === EIGHT_SHORT) {
      for (let short = 0; short < SHORT_WINDOWS; short++) {
        const at = short * SHORT_LINES;
        this.#short.transform(window, SHORT_FROM + at, SHORT_SLOPE, SHORT_SLOPE, output, at);
      }
      return;
    }
    const rising = sequence === LONG_STOP ? SHORT_IN_LONG : LONG_SLOPE;
    const falling = sequence === LONG_START ? SHORT_IN_LONG : LONG_SLOPE;
    this.#long.transform(window, 0, rising, falling, output, 0);
  }

  /** The short window that ends where the first of the eight begins. */
  transformBefore(window: Float64Array, output: Float64Array): void {
    this.#short.transform(window, SHORT_FROM - 2 * SHORT_LINES, SHORT_SLOPE, SHORT_SLOPE, output, 0);
  }
}
