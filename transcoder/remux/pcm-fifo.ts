/**
 * Samples between decoder and encoder, a plane per channel, as one line that is moved down when it fills. Holds at most
 * `capacity` samples per channel; its owner drains whole AAC frames after every write, so less than one frame stays.
 */
export class PcmFifo {
  readonly planes: readonly Float32Array[];
  readonly #capacity: number;
  #start = 0;
  #end = 0;
  #fadeIn = 0;

  constructor(channels: number, capacity: number) {
    this.planes = Array.from({ length: channels }, () => new Float32Array(capacity));
    this.#capacity = capacity;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Where the oldest sample lies in `planes`. */
  get readOffset(): number {
    return this.#start;
  }

  /** Makes room for `samples` and returns the offset to write them at. The caller writes all planes. */
  reserve(samples: number): number {
    if (this.#end + samples > this.#capacity) this.#compact();
    const offset = this.#end;
    this.#end += samples;
    return offset;
  }

  /** How many samples may be reserved now. */
  get room(): number {
    return this.#capacity - this.length;
  }

  skip(samples: number): void {
    this.#start += samples;
  }

  /**
   * Writes silence that begins with a ramp from the last sample down to zero, and marks the next real samples for a
   * ramp up: neither edge clicks.
   */
  writeSilence(samples: number, rampSamples: number): void {
    const hadSample = this.#end > 0;
    const lastAt = this.#end - 1;
    const last = this.planes.map((plane) => (hadSample ? (plane[lastAt] as number) : 0));
    const offset = this.reserve(samples);
    const ramp = Math.min(rampSamples, samples);
    for (const [channel, plane] of this.planes.entries()) {
      const from = last[channel] as number;
      for (let i = 0; i < ramp; i++) plane[offset + i] = from * (1 - (i + 1) / ramp);
      plane.fill(0, offset + ramp, offset + samples);
    }
    this.#fadeIn = rampSamples;
  }

  /** Ramps up the samples just written at `offset`, if silence came before them. */
  applyFadeIn(offset: number, samples: number): void {
    if (this.#fadeIn === 0) return;
    const ramp = Math.min(this.#fadeIn, samples);
    for (const plane of this.planes) {
      for (let i = 0; i < ramp; i++) plane[offset + i] = (plane[offset + i] as number) * ((i + 1) / (ramp + 1));
    }
    this.#fadeIn = 0;
  }

  #compact(): void {
    for (const plane of this.planes) plane.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }
}
