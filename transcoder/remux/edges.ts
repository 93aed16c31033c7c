/**
 * Ramps at the borders of sound and silence, so that neither clicks. Knows the last sample that was written to each
 * channel; works in place on what is written next.
 */
export class Edges {
  readonly #last: Float32Array;
  readonly #rampSamples: number;
  /** After silence the next sound is ramped up. */
  #fadeIn = false;

  constructor(channels: number, rampSamples: number) {
    this.#last = new Float32Array(channels);
    this.#rampSamples = rampSamples;
  }

  /** Fills with silence that begins with a ramp from the last sample down to zero. */
  fillSilence(planes: readonly Float32Array[], offset: number, samples: number): void {
    const ramp = Math.min(this.#rampSamples, samples);
    for (const [channel, plane] of planes.entries()) {
      const from = this.#last[channel] as number;
      for (let i = 0; i < ramp; i++) plane[offset + i] = from * (1 - (i + 1) / ramp);
      plane.fill(0, offset + ramp, offset + samples);
      this.#last[channel] = 0;
    }
    this.#fadeIn = true;
  }

  /** Sound has been written: its beginning is ramped up where silence came before it. */
  smooth(planes: readonly Float32Array[], offset: number, samples: number): void {
    if (samples === 0) return;
    const ramp = this.#fadeIn ? Math.min(this.#rampSamples, samples) : 0;
    this.#fadeIn = false;
    for (const [channel, plane] of planes.entries()) {
      for (let i = 0; i < ramp; i++) plane[offset + i] = (plane[offset + i] as number) * ((i + 1) / (ramp + 1));
      this.#last[channel] = plane[offset + samples - 1] as number;
    }
  }
}
