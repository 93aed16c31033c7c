import { AttackDetector } from './attack-detector.ts';
import { MAX_BANDS } from './band-tables.ts';
import { LONG_LINES } from './windows.ts';

const FULL_SCALE = 32_768;

/** The samples of one channel's window, and what of its past the next frame needs. */
export class ChannelInput {
  /** The 2048 samples of the frame's window, of 16-bit scale. */
  readonly window = new Float64Array(2 * LONG_LINES);
  readonly attacks = new AttackDetector();
  /** Thresholds of the long frame before. */
  readonly thresholdsBefore = new Float64Array(MAX_BANDS);
  thresholdsKnown = false;

  /** Takes 1024 samples in. What is no number is silence, what is over full scale is full scale. */
  push(plane: Float32Array, offset: number): void {
    const window = this.window;
    window.copyWithin(0, LONG_LINES);
    for (let i = 0; i < LONG_LINES; i++) {
      const value = (plane[offset + i] as number) * FULL_SCALE;
      if (value >= -FULL_SCALE && value <= FULL_SCALE) window[LONG_LINES + i] = value;
      else window[LONG_LINES + i] = value > 0 ? FULL_SCALE : value < 0 ? -FULL_SCALE : 0;
    }
    this.attacks.push(window, LONG_LINES);
  }
}
