/** One element of the access unit with one channel or two: from samples to lines, thresholds and whole numbers. */
import { ATTACK_BLOCK } from './attack-detector.ts';
import { BandLayout } from './band-layout.ts';
import { type BandTables, MAX_BANDS } from './band-tables.ts';
import type { BitWriter } from './bit-writer.ts';
import { ChannelFrame } from './channel-frame.ts';
import { ChannelInput } from './channel-input.ts';
import { ID_LFE, ID_SCE, writePair, writeSingle } from './element-writer.ts';
import type { FilterBank } from './filter-bank.ts';
import { holdPreEcho, type Masking, maskingThresholds, measureBands } from './masking.ts';
import { chooseMidSide } from './mid-side.ts';
import { estimateBits, prepare, quantise } from './quantiser.ts';
import type { Sections } from './sections.ts';
import { nextSequence } from './window-sequencer.ts';
import {
  EIGHT_SHORT,
  LONG_LINES,
  LONG_START,
  ONLY_LONG,
  SHORT_FROM,
  SHORT_LINES,
  SHORT_WINDOWS,
  type WindowSequence,
} from './windows.ts';

/** What all elements of an encoder share. */
export interface ElementTools {
  readonly tables: BandTables;
  readonly masking: Masking;
  readonly filterBank: FilterBank;
  readonly sections: Sections;
  /** The first band that TNS reaches. */
  readonly tnsFirst: number;
}

export interface ElementOptions {
  readonly kind: 'single' | 'pair' | 'lfe';
  readonly tag: number;
  /** The encoder's planes that it takes. */
  readonly planes: readonly number[];
  /** Bands that are coded, of long and of short windows. */
  readonly longBands: number;
  readonly shortBands: number;
}

/** TNS is tried where the loudest block of the window stands so far above their mean. */
const PEAKY = 8;
/** Block of the new half at which the falling slope of LONG_START has ended. */
const SHORT_SLOPE_END = (SHORT_FROM + SHORT_LINES) / ATTACK_BLOCK;
/** Short windows whose energies differ by more than this do not share scale factors. */
const ALIKE = 3;
/** A group of short windows bears at most so many times the noise of its most delicate window. */
const UNEVEN = 2;

export class Element {
  readonly options: ElementOptions;
  readonly layout = new BandLayout();
  readonly #tools: ElementTools;
  readonly #inputs: readonly ChannelInput[];
  readonly #frames: readonly ChannelFrame[];
  readonly #midSide = new Uint8Array(MAX_BANDS);
  readonly #spectra: readonly Float64Array[];
  readonly #starts: boolean[] = new Array(SHORT_WINDOWS).fill(false);
  readonly #windowEnergies = new Float64Array(SHORT_WINDOWS);
  readonly #shortEnergies = new Float64Array(MAX_BANDS);
  readonly #shortRoots = new Float64Array(MAX_BANDS);
  readonly #shortThresholds = new Float64Array(MAX_BANDS);
  readonly #earlier = new Float64Array(SHORT_LINES);
  readonly #shortBefore = new Float64Array(MAX_BANDS);
  #sequence: WindowSequence = ONLY_LONG;

  constructor(options: ElementOptions, tools: ElementTools) {
    this.options = options;
    this.#tools = tools;
    this.#inputs = options.planes.map(() => new ChannelInput());
    this.#frames = options.planes.map(() => new ChannelFrame());
    this.#spectra = options.planes.map(() => new Float64Array(LONG_LINES));
  }

  get isShort(): boolean {
    return this.#sequence === EIGHT_SHORT;
  }

  /** True when a long window holds an attack: its noise is heard before it. */
  get isUrgent(): boolean {
    return !this.isShort && this.#inputs.some(({ attacks }) => attacks.first >= 0 && attacks.first < SHORT_SLOPE_END);
  }

  /** Takes 1024 samples per channel in and makes all ready for the search of the rate. */
  analyse(planes: readonly Float32Array[], offset: number): void {
    let lastAttack = -1;
    for (const [index, input] of this.#inputs.entries()) {
      input.push(planes[this.options.planes[index] as number] as Float32Array, offset);
      lastAttack = Math.max(lastAttack, input.attacks.last);
    }
    // An LFE element is long always (4.6.10).
    if (this.options.kind !== 'lfe') this.#sequence = nextSequence(this.#sequence, lastAttack);
    if (this.#sequence === EIGHT_SHORT) this.#analyseShort();
    else this.#analyseLong();
    const { masking } = this.#tools;
    const quiet = this.isShort ? masking.short.quiet : masking.long.quiet;
    if (this.options.kind === 'pair') {
      chooseMidSide(this.layout, this.#frames[0] as ChannelFrame, this.#frames[1] as ChannelFrame, this.#midSide);
    }
    for (const frame of this.#frames) prepare(frame, this.layout, quiet);
  }

  estimate(shift: number): number {
    let bits = 0;
    for (const frame of this.#frames) bits += estimateBits(frame, this.layout.count, shift);
    return bits;
  }

  /** Quantises and chooses codebooks. Returns the bits of lines and sections. */
  quantise(shift: number, coarser: number): number {
    const { layout } = this;
    const { sections } = this.#tools;
    const sectionBits = this.isShort ? 7 : 9;
    let bits = 0;
    for (const frame of this.#frames) {
      quantise(frame, layout, shift, coarser);
      for (let group = 0; group < layout.groups; group++) {
        const first = group * layout.bands;
        const { quantised, peaks, books } = frame;
        bits += sections.choose(quantised, layout.offsets, peaks, first, layout.bands, sectionBits, books);
      }
    }
    return bits;
  }

  write(writer: BitWriter): void {
    const { tables } = this.#tools;
    const { kind, tag } = this.options;
    const [first, second] = this.#frames as [ChannelFrame, ChannelFrame];
    if (kind === 'pair') writePair(writer, tag, tables, this.layout, first, second, this.#midSide);
    else writeSingle(writer, kind === 'lfe' ? ID_LFE : ID_SCE, tag, tables, this.layout, first);
  }

  #analyseLong(): void {
    const { tables, masking, filterBank, tnsFirst } = this.#tools;
    const bands = this.options.longBands;
    const { layout } = this;
    layout.setLong(this.#sequence, tables, bands);
    for (const [index, frame] of this.#frames.entries()) {
      const input = this.#inputs[index] as ChannelInput;
      const { lines, energies, roots, thresholds, tns } = frame;
      filterBank.transform(input.window, this.#sequence, lines);
      measureBands(lines, layout.offsets, bands, energies, roots);
      maskingThresholds(masking.long, energies, roots, bands, thresholds);
      holdPreEcho(thresholds, bands, masking.long.quiet, input.thresholdsBefore, input.thresholdsKnown);
      input.thresholdsKnown = this.#sequence !== LONG_START;
      tns.clear();
      if (this.options.kind === 'lfe' || input.attacks.peakiness < PEAKY) continue;
      tns.apply(lines, layout.offsets, energies, tnsFirst, Math.min(bands, tables.tnsEnd));
      if (tns.order > 0) measureBands(lines, layout.offsets, bands, energies, roots);
    }
  }

  #analyseShort(): void {
    const { tables, filterBank } = this.#tools;
    const { layout } = this;
    const bands = this.options.shortBands;
    for (const [index, input] of this.#inputs.entries()) {
      filterBank.transform(input.window, EIGHT_SHORT, this.#spectra[index] as Float64Array);
      input.thresholdsKnown = false;
    }
    this.#findGroups();
    layout.setShort(this.#starts, tables, bands);
    for (const [index, frame] of this.#frames.entries()) {
      const spectrum = this.#spectra[index] as Float64Array;
      frame.tns.clear();
      layout.interleave(spectrum, tables, frame.lines);
      filterBank.transformBefore((this.#inputs[index] as ChannelInput).window, this.#earlier);
      this.#shortThresholdsOf(spectrum, frame);
      measureBands(frame.lines, layout.offsets, layout.count, frame.energies, frame.roots);
    }
  }

  /** Windows in a row that are about as loud, in every channel, share scale factors. */
  #findGroups(): void {
    this.#starts.fill(false);
    for (const spectrum of this.#spectra) {
      const energies = this.#windowEnergies;
      for (let window = 0; window < SHORT_WINDOWS; window++) {
        let energy = 1;
        // The lowest lines have notes in them that know nothing of the attack.
        for (let i = window * SHORT_LINES + 4; i < (window + 1) * SHORT_LINES; i++)
          energy += (spectrum[i] as number) ** 2;
        energies[window] = energy;
      }
      let reference = energies[0] as number;
      for (let window = 1; window < SHORT_WINDOWS; window++) {
        const energy = energies[window] as number;
        if (energy > ALIKE * reference || energy * ALIKE < reference) {
          this.#starts[window] = true;
          reference = energy;
        }
      }
    }
  }

  /** Thresholds of each window, then of the groups. */
  #shortThresholdsOf(spectrum: Float64Array, frame: ChannelFrame): void {
    const { tables, masking } = this.#tools;
    const { layout } = this;
    const { bands } = layout;
    const thresholds = this.#shortThresholds;
    measureBands(this.#earlier, tables.short, bands, this.#shortEnergies, this.#shortRoots);
    maskingThresholds(masking.short, this.#shortEnergies, this.#shortRoots, bands, this.#shortBefore);
    for (let window = 0; window < SHORT_WINDOWS; window++) {
      const at = window * bands;
      const lines = spectrum.subarray(window * SHORT_LINES, (window + 1) * SHORT_LINES);
      measureBands(lines, tables.short, bands, this.#shortEnergies, this.#shortRoots);
      const { short } = masking;
      const windowThresholds = thresholds.subarray(at, at + bands);
      maskingThresholds(short, this.#shortEnergies, this.#shortRoots, bands, windowThresholds);
      holdPreEcho(windowThresholds, bands, short.quiet, this.#shortBefore, true);
    }
    let first = 0;
    for (let group = 0; group < layout.groups; group++) {
      const windows = layout.groupWindows[group] as number;
      for (let band = 0; band < bands; band++) {
        let sum = 0;
        let least = Number.POSITIVE_INFINITY;
        for (let window = first; window < first + windows; window++) {
          const threshold = thresholds[window * bands + band] as number;
          sum += threshold;
          if (threshold < least) least = threshold;
        }
        frame.thresholds[group * bands + band] = Math.min(sum, UNEVEN * windows * least);
      }
      first += windows;
    }
  }
}
