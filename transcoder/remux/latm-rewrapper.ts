import { AAC_FRAME_SAMPLES } from '#shared/codec/adts.ts';
import { copyFromBit, LatmReader } from '#shared/codec/latm.ts';
import { type Pts90k, wrapPts } from '#shared/mpegts/types.ts';
import type { AccessUnitSink } from './aac-run.ts';

/** The longest access unit ADTS can frame. */
const MAX_UNIT = 8191;

/**
 * AAC access units out of LATM, bit for bit, for ADTS around them: no decoding, no delay, no loss. HE-AAC goes the same
 * way, as AAC-LC whose decoder finds the SBR part by itself (ISO/IEC 14496-3, 1.6.5.1 implicit signalling).
 */
export class LatmRewrapper {
  readonly #reader = new LatmReader();
  readonly #onUnit: AccessUnitSink;
  readonly #unit = Buffer.alloc(MAX_UNIT);
  /** PTS of the next access unit; null before the first. */
  #nextPts: number | null = null;

  constructor(onUnit: AccessUnitSink) {
    this.#onUnit = onUnit;
  }

  get nextPts(): number | null {
    return this.#nextPts;
  }

  /** `unsupported`: this one and what follows must be decoded. `pts`: unwrapped, null when the frame follows the last. */
  push(loas: Uint8Array, pts: number | null): 'done' | 'broken' | 'unsupported' {
    this.#nextPts = pts ?? this.#nextPts;
    const frame = this.#reader.read(loas);
    if (frame === 'unsupported') return 'unsupported';
    if (frame === null) return 'broken';
    const { config, units } = frame;
    const duration = (AAC_FRAME_SAMPLES * 90_000) / config.sampleRate;
    for (const { bitOffset, length } of units) {
      if (length > 0 && length <= MAX_UNIT && this.#nextPts !== null) {
        copyFromBit(loas, bitOffset, length, this.#unit);
        const stamp: Pts90k = wrapPts(Math.round(this.#nextPts));
        const { rateIndex, channelConfiguration } = config;
        const bytes = this.#unit.subarray(0, length);
        this.#onUnit({ bytes, pts: stamp, rateIndex, channelConfiguration, punctual: true });
      }
      if (this.#nextPts !== null) this.#nextPts += duration;
    }
    return 'done';
  }

  /** What came before says nothing about what comes. */
  reset(): void {
    this.#reader.reset();
    this.#nextPts = null;
  }
}
