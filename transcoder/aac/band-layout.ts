import { type BandTables, MAX_BANDS } from './band-tables.ts';
import { EIGHT_SHORT, SHORT_LINES, SHORT_WINDOWS, type WindowSequence } from './windows.ts';

/**
 * How the lines of a frame are divided for coding: groups of short windows (one group in long frames), and in each of
 * them the same number of bands. Lines are in the order they are written in: by group, band, window.
 *
 * Spec: ISO/IEC 14496-3:2019, 4.5.2.3.4 (scale factor bands and grouping), 4.5.2.3.5 (order of spectral coefficients).
 */
export class BandLayout {
  sequence: WindowSequence = 0;
  groups = 1;
  /** Windows in each group; 1 in a long frame. */
  readonly groupWindows = new Uint8Array(SHORT_WINDOWS);
  /** Bands per group (max_sfb). */
  bands = 0;
  /** Bands in all. */
  count = 0;
  /** Where each band's lines begin, the end of the last behind. */
  readonly offsets = new Int32Array(MAX_BANDS + 1);

  setLong(sequence: WindowSequence, tables: BandTables, bands: number): void {
    this.sequence = sequence;
    this.groups = 1;
    this.groupWindows[0] = 1;
    this.bands = bands;
    this.count = bands;
    for (let band = 0; band <= bands; band++) this.offsets[band] = tables.long[band] as number;
  }

  /** `starts[w]` is true where short window w begins a group; that of window 0 is taken for granted. */
  setShort(starts: readonly boolean[], tables: BandTables, bands: number): void {
    this.sequence = EIGHT_SHORT;
    this.bands = bands;
    this.groups = 0;
    for (let window = 0; window < SHORT_WINDOWS; window++) {
      if (window === 0 || starts[window] === true) this.groupWindows[this.groups++] = 0;
      this.groupWindows[this.groups - 1] = (this.groupWindows[this.groups - 1] as number) + 1;
    }
    this.count = this.groups * bands;
    let at = 0;
    let line = 0;
    for (let group = 0; group < this.groups; group++) {
      const windows = this.groupWindows[group] as number;
      for (let band = 0; band < bands; band++) {
        this.offsets[at++] = line;
        line += ((tables.short[band + 1] as number) - (tables.short[band] as number)) * windows;
      }
    }
    this.offsets[at] = line;
  }

  /** Puts eight short spectra, window by window, into the order of this layout. */
  interleave(spectrum: Float64Array, tables: BandTables, lines: Float64Array): void {
    let to = 0;
    let firstWindow = 0;
    for (let group = 0; group < this.groups; group++) {
      const windows = this.groupWindows[group] as number;
      for (let band = 0; band < this.bands; band++) {
        const from = tables.short[band] as number;
        const end = tables.short[band + 1] as number;
        for (let window = firstWindow; window < firstWindow + windows; window++) {
          for (let line = from; line < end; line++) lines[to++] = spectrum[window * SHORT_LINES + line] as number;
        }
      }
      firstWindow += windows;
    }
  }
}
