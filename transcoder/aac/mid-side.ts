/**
 * Middle and side instead of left and right, band by band, where both together then stand less far above the noise they
 * bear. The decoder adds and subtracts, so each of the two may make half of the noise that the more delicate of left
 * and right bears.
 *
 * Spec: ISO/IEC 14496-3:2019, 4.6.8.1 (M/S stereo: l = m + s, r = m − s).
 */
import type { BandLayout } from './band-layout.ts';
import type { ChannelFrame } from './channel-frame.ts';

/** Energies of the bands of left and right shall be known. What is in `left` is the middle then, in `right` the side. */
export function chooseMidSide(layout: BandLayout, left: ChannelFrame, right: ChannelFrame, midSide: Uint8Array): void {
  for (let band = 0; band < layout.count; band++) {
    const from = layout.offsets[band] as number;
    const end = layout.offsets[band + 1] as number;
    midSide[band] = 0;
    const leftEnergy = left.energies[band] as number;
    const rightEnergy = right.energies[band] as number;
    if (leftEnergy + rightEnergy < 1e-9) {
      midSide[band] = 1; // no matter: so that a silent frame needs no list
      continue;
    }
    const leftThreshold = left.thresholds[band] as number;
    const rightThreshold = right.thresholds[band] as number;
    let cross = 0;
    for (let i = from; i < end; i++) cross += (left.lines[i] as number) * (right.lines[i] as number);
    // ((l ± r)/2)² summed up
    const middle = 0.25 * (leftEnergy + rightEnergy + 2 * cross);
    const side = 0.25 * (leftEnergy + rightEnergy - 2 * cross);
    const threshold = 0.5 * Math.min(leftThreshold, rightThreshold);
    const apart = Math.max(1, leftEnergy / leftThreshold) * Math.max(1, rightEnergy / rightThreshold);
    const together = Math.max(1, middle / threshold) * Math.max(1, side / threshold);
    if (together >= apart) continue;
    midSide[band] = 1;
    for (let i = from; i < end; i++) {
      const l = left.lines[i] as number;
      const r = right.lines[i] as number;
      left.lines[i] = 0.5 * (l + r);
      right.lines[i] = 0.5 * (l - r);
    }
    left.thresholds[band] = threshold;
    right.thresholds[band] = threshold;
  }
}
