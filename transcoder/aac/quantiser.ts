/**
 * From lines and thresholds to scale factors and whole numbers.
 *
 * The quantiser rounds |x|^¾ / Δ^¾, Δ = 2^((sf − 100)/4) (ISO/IEC 14496-3:2019, 4.6.1). Its step grows with the root of
 * the root of x, so noise of a band is Δ^1.5 Σ√|x| · (4/3)²/12 where lines are large against Δ. Set equal to the threshold
 * this gives the scale factor in one step, without a search (the form 3GPP TS 26.403, 5.6.1 has too).
 */
import type { BandLayout } from './band-layout.ts';
import type { ChannelFrame } from './channel-frame.ts';
import { LARGEST_QUANTISED, LARGEST_SCALE_STEP } from './codebooks.ts';

/** Rounding point: below ½, since small values are the likelier ones. */
const ROUNDING = 0.4054;
const NOISE_OF_STEP = 16 / 9 / 12;
const SCALE_ZERO = 100;
/** Steps of a scale factor per doubling of the threshold: Δ^1.5 is noise, four steps double Δ. */
const STEPS_PER_DOUBLING = 8 / 3;
/** A band that is heard keeps its noise this far below itself (2 dB, as log₂) … */
const HOLE = Math.log2(10 ** -0.2);
/** Bits of a relevant line by log₂ of energy to threshold: straight from here on, flatter before (26.403, 5.4). */
const STRAIGHT_FROM = 3;
const AT_ZERO = Math.log2(2.5);
const FLATTER = 1 - AT_ZERO / STRAIGHT_FROM;

/** A scale factor may be so far off, 1.1 dB of noise a step, to be nearer to the one before: that saves bits. */
const LEVELLING = 2;
const LEVELLING_BIAS = 0.5;
/** Where bits are plenty, noise goes 15 dB below the threshold in quiet and no further. */
const BELOW_QUIET = 10 ** -1.5;

/** Δ^−¾ by scale factor. */
const GAINS = Float64Array.from({ length: 256 }, (_, scale) => 2 ** ((-3 / 16) * (scale - SCALE_ZERO)));

/** Takes the measures that do not change while the rate is sought. `quiet`: energies of the threshold in quiet. */
export function prepare(channel: ChannelFrame, layout: BandLayout, quiet: Float64Array): void {
  const { lines, powers, energies, roots, thresholds } = channel;
  const { offsets, count, bands } = layout;
  let group = 0;
  for (let band = 0, within = 0; band < count; band++, within++) {
    if (within === bands) {
      within = 0;
      group++;
    }
    const from = offsets[band] as number;
    const end = offsets[band + 1] as number;
    let sum = 0;
    let energy = 0;
    let largest = 0;
    for (let i = from; i < end; i++) {
      const magnitude = Math.abs(lines[i] as number);
      const root = Math.sqrt(magnitude);
      const power = root * Math.sqrt(root);
      powers[i] = power;
      sum += root;
      energy += magnitude * magnitude;
      if (power > largest) largest = power;
    }
    roots[band] = sum;
    energies[band] = energy;
    channel.largest[band] = largest;
    const threshold = thresholds[band] as number;
    if (energy < 1e-9 || sum <= 0) {
      channel.ratios[band] = -100;
      channel.relevant[band] = 0;
      channel.wanted[band] = SCALE_ZERO;
      channel.leastScale[band] = 0;
      channel.mostScale[band] = 0;
      channel.lowest[band] = 0;
      continue;
    }
    const ratio = Math.log2(energy / threshold);
    channel.ratios[band] = ratio;
    channel.relevant[band] = sum / Math.sqrt(Math.sqrt(energy / (end - from)));
    channel.wanted[band] = SCALE_ZERO + STEPS_PER_DOUBLING * Math.log2(threshold / (NOISE_OF_STEP * sum));
    const logLargest = (16 / 3) * Math.log2(largest);
    channel.leastScale[band] = Math.max(
      0,
      SCALE_ZERO + Math.ceil(logLargest - (16 / 3) * Math.log2(LARGEST_QUANTISED + 0.4)),
    );
    channel.mostScale[band] = Math.min(
      255,
      SCALE_ZERO + Math.floor(logLargest - (16 / 3) * Math.log2(1 - ROUNDING + 1e-6)),
    );
    const own = (quiet[within] as number) * (layout.groupWindows[group] as number);
    channel.lowest[band] = Math.min(0, Math.log2((BELOW_QUIET * own) / threshold));
  }
}

/** By how much (log₂) the threshold of a band is moved where all are to be moved by `shift`. */
function moved(channel: ChannelFrame, band: number, shift: number): number {
  const ratio = channel.ratios[band] as number;
  if (shift <= 0) return Math.max(shift, channel.lowest[band] as number);
  return Math.max(0, Math.min(shift, ratio + HOLE));
}

/** A guess at the bits of the channel's lines with all thresholds moved by `shift` (log₂). */
export function estimateBits(channel: ChannelFrame, count: number, shift: number): number {
  let bits = 0;
  for (let band = 0; band < count; band++) {
    const ratio = (channel.ratios[band] as number) - moved(channel, band, shift);
    if (ratio <= 0) continue;
    const perLine = ratio >= STRAIGHT_FROM ? ratio : AT_ZERO + FLATTER * ratio;
    bits += (channel.relevant[band] as number) * perLine;
  }
  return bits;
}

/**
 * Quantises with all thresholds moved by `shift` (log₂) and all steps made coarser by `coarser` scale factors; the
 * latter goes as far as silence.
 */
export function quantise(channel: ChannelFrame, layout: BandLayout, shift: number, coarser: number): void {
  const { powers, lines, quantised, peaks, scaleFactors } = channel;
  const { offsets, count } = layout;
  let highest = 0;
  let last = -1;
  for (let band = 0; band < count; band++) {
    const by = moved(channel, band, shift);
    if ((channel.ratios[band] as number) <= by) {
      scaleFactors[band] = -1; // not heard
      continue;
    }
    let scale = Math.floor((channel.wanted[band] as number) + STEPS_PER_DOUBLING * by + LEVELLING_BIAS);
    if (last >= 0) scale = last < scale ? Math.max(last, scale - LEVELLING) : Math.min(last, scale + LEVELLING);
    last = scale;
    const most = channel.mostScale[band] as number;
    if (scale > most) scale = most;
    scale += coarser;
    const least = channel.leastScale[band] as number;
    if (scale < least) scale = least;
    if (scale > 255) scale = 255;
    scaleFactors[band] = scale;
    if (scale > highest) highest = scale;
  }
  for (let band = 0; band < count; band++) {
    let scale = scaleFactors[band] as number;
    const from = offsets[band] as number;
    const end = offsets[band + 1] as number;
    if (scale < 0) {
      quantised.fill(0, from, end);
      peaks[band] = 0;
      continue;
    }
    if (scale < highest - LARGEST_SCALE_STEP) {
      scale = highest - LARGEST_SCALE_STEP;
      scaleFactors[band] = scale;
    }
    const gain = GAINS[scale] as number;
    let peak = 0;
    for (let i = from; i < end; i++) {
      const magnitude = ((powers[i] as number) * gain + ROUNDING) | 0;
      if (magnitude > peak) peak = magnitude;
      quantised[i] = (lines[i] as number) < 0 ? -magnitude : magnitude;
    }
    peaks[band] = peak;
  }
}
