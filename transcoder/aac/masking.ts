/**
 * How much noise each scale factor band bears.
 *
 * What masks is the band's own energy, less by 10 dB where it is noise and by 19 dB where it is a tone, since a tone
 * masks less than noise of the same energy (Zwicker and Fastl, Psychoacoustics, ch. 4). From 15 Bark on (2.7 kHz) a
 * little more noise is borne with each Bark: up there most of the lines lie, and the least of what is heard. That spreads
 * over the neighbours with 15 dB per Bark upwards and 30 dB downwards and never falls below the threshold in quiet.
 * Against pre-echoes it may rise by no more than 3 dB from frame to frame (ISO/IEC 11172-3, annex D.2), down to 25 dB
 * below what it would be: that is what makes a frame with an attack ask for many bits.
 *
 * How tonal a band is, is read from the flatness of its lines: the mean root against the root of the mean. Narrow bands
 * are judged together with their neighbours, since four lines say nothing.
 */
import type { BandTables } from './band-tables.ts';

const MASKING_NOISE_DB = 10;
const MASKING_TONE_DB = 19;
const TILT_DB_PER_BARK = 0.7;
const TILT_FROM_BARK = 15;
const UP_DB_PER_BARK = 15;
const DOWN_DB_PER_BARK = 30;
const RISE = 2;
const RISE_FLOOR = 0.003;
/** Full scale is taken for so many dB SPL: loud, so that quiet passages are not coded away. */
const FULL_SCALE_SPL = 105;
/** The threshold in quiet is capped, low notes more than high ones: whoever turns up the bass must not hear noise. */
const QUIET_LOW_SPL = 5;
const QUIET_HIGH_SPL = 20;
/** Flatness of noise and of tones, lines of a Gaussian spectrum have 0.82. */
const FLAT = 0.72;
const PEAKED = 0.4;
const LINES_FOR_FLATNESS = 16;

function bark(hertz: number): number {
  return 13 * Math.atan(0.00076 * hertz) + 3.5 * Math.atan((hertz / 7500) ** 2);
}

/** Threshold in quiet, dB SPL (Terhardt). */
function quietSpl(hertz: number): number {
  const khz = Math.max(hertz, 40) / 1000;
  return 3.64 * khz ** -0.8 - 6.5 * Math.exp(-0.6 * (khz - 3.3) ** 2) + 0.001 * khz ** 4;
}

/** The tables of one window length at one rate. */
export class MaskingTables {
  readonly bands: number;
  readonly widths: Float64Array;
  /** Gain of what band b − 1 masks in b, and of what b + 1 masks in b. */
  readonly fromBelow: Float64Array;
  readonly fromAbove: Float64Array;
  /** Energy of a band's lines at the threshold in quiet. */
  readonly quiet: Float64Array;
  /** By how much more noise a band bears for being high. */
  readonly tilt: Float64Array;
  /** The bands, first and behind the last, that a band's flatness is read from. */
  readonly flatFrom: Int32Array;
  readonly flatTo: Int32Array;

  /** `lines`: 1024 or 128. */
  constructor(offsets: readonly number[], sampleRate: number, lines: number) {
    const bands = offsets.length - 1;
    this.bands = bands;
    this.widths = new Float64Array(bands);
    this.fromBelow = new Float64Array(bands);
    this.fromAbove = new Float64Array(bands);
    this.quiet = new Float64Array(bands);
    this.tilt = new Float64Array(bands);
    this.flatFrom = new Int32Array(bands);
    this.flatTo = new Int32Array(bands);
    const hertz = (line: number): number => (line * sampleRate) / (2 * lines);
    const centre = (band: number): number => hertz(((offsets[band] as number) + (offsets[band + 1] as number)) / 2);
    // A sine of amplitude A has this times A² as energy of its lines, on average.
    const energyOfSine = 2 * lines * (lines / 2);
    for (let band = 0; band < bands; band++) {
      const width = (offsets[band + 1] as number) - (offsets[band] as number);
      this.widths[band] = width;
      if (band > 0) {
        const distance = bark(centre(band)) - bark(centre(band - 1));
        this.fromBelow[band] = 10 ** ((-UP_DB_PER_BARK * distance) / 10);
        this.fromAbove[band - 1] = 10 ** ((-DOWN_DB_PER_BARK * distance) / 10);
      }
      this.tilt[band] = 10 ** ((TILT_DB_PER_BARK * Math.max(0, bark(centre(band)) - TILT_FROM_BARK)) / 10);
      const most = centre(band) < 4000 ? QUIET_LOW_SPL : QUIET_HIGH_SPL;
      const level = Math.min(quietSpl(centre(band)), most) - FULL_SCALE_SPL;
      this.quiet[band] = energyOfSine * 32_768 ** 2 * 10 ** (level / 10);
      let from = band;
      let to = band + 1;
      while ((offsets[to] as number) - (offsets[from] as number) < LINES_FOR_FLATNESS && (from > 0 || to < bands)) {
        if (from > 0) from--;
        if (to < bands && (offsets[to] as number) - (offsets[from] as number) < LINES_FOR_FLATNESS) to++;
      }
      this.flatFrom[band] = from;
      this.flatTo[band] = to;
    }
  }
}

/** 10^(−dB/10) for shares 0…32 of the way from noise to tone. */
const GAINS = Float64Array.from(
  { length: 33 },
  (_, share) => 10 ** (-(MASKING_NOISE_DB + ((MASKING_TONE_DB - MASKING_NOISE_DB) * share) / 32) / 10),
);

/** Energy and sum of roots of the lines of each band. */
export function measureBands(
  lines: Float64Array,
  offsets: ArrayLike<number>,
  count: number,
  energies: Float64Array,
  roots: Float64Array,
): void {
  for (let band = 0; band < count; band++) {
    let energy = 0;
    let sum = 0;
    const end = offsets[band + 1] as number;
    for (let i = offsets[band] as number; i < end; i++) {
      const magnitude = Math.abs(lines[i] as number);
      energy += magnitude * magnitude;
      sum += Math.sqrt(magnitude);
    }
    energies[band] = energy;
    roots[band] = sum;
  }
}

/** Thresholds of one window from energies and roots of its bands. */
export function maskingThresholds(
  tables: MaskingTables,
  energies: Float64Array,
  roots: Float64Array,
  bands: number,
  thresholds: Float64Array,
): void {
  for (let band = 0; band < bands; band++) {
    let energy = 0;
    let root = 0;
    let width = 0;
    const to = Math.min(tables.flatTo[band] as number, bands);
    for (let near = tables.flatFrom[band] as number; near < to; near++) {
      energy += energies[near] as number;
      root += roots[near] as number;
      width += tables.widths[near] as number;
    }
    const flatness = energy > 0 ? root / (width * Math.sqrt(Math.sqrt(energy / width))) : 1;
    const share = Math.max(0, Math.min(1, (FLAT - flatness) / (FLAT - PEAKED)));
    const gain = (GAINS[(share * 32 + 0.5) | 0] as number) * (tables.tilt[band] as number);
    thresholds[band] = (energies[band] as number) * gain;
  }
  for (let band = 1; band < bands; band++) {
    const spread = (thresholds[band - 1] as number) * (tables.fromBelow[band] as number);
    if (spread > (thresholds[band] as number)) thresholds[band] = spread;
  }
  for (let band = bands - 2; band >= 0; band--) {
    const spread = (thresholds[band + 1] as number) * (tables.fromAbove[band] as number);
    if (spread > (thresholds[band] as number)) thresholds[band] = spread;
  }
  for (let band = 0; band < bands; band++) {
    const quiet = tables.quiet[band] as number;
    if (quiet > (thresholds[band] as number)) thresholds[band] = quiet;
  }
}

/** Holds thresholds down to twice those of the window before, which become these. */
export function holdPreEcho(
  thresholds: Float64Array,
  bands: number,
  quiet: Float64Array,
  before: Float64Array,
  known: boolean,
): void {
  for (let band = 0; band < bands; band++) {
    const own = thresholds[band] as number;
    if (known) {
      const held = Math.min(own, Math.max(RISE * (before[band] as number), RISE_FLOOR * own));
      thresholds[band] = Math.max(held, quiet[band] as number);
    }
    before[band] = own;
  }
}

export interface Masking {
  readonly long: MaskingTables;
  readonly short: MaskingTables;
}

export function maskingOf(tables: BandTables, sampleRate: number): Masking {
  return {
    long: new MaskingTables(tables.long, sampleRate, 1024),
    short: new MaskingTables(tables.short, sampleRate, 128),
  };
}
