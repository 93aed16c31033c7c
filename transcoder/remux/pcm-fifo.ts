/**
 * Samples between decoder and encoder, a plane per channel, as one line that is moved down when it fills. Holds at most
 * `capacity` samples per channel; its owner drains whole AAC frames after every write, so less than one frame stays.
 */
export class PcmFifo {
  readonly planes: readonly Float32Array[];
  readonly capacity: number;
  #start = 0;
  #end = 0;

  constructor(channels: number, capacity: number) {
    this.planes = Array.from({ length: channels }, () => new Float32Array(capacity));
    this.capacity = capacity;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** Where the oldest sample lies in `planes`. */
  get readOffset(): number {
    return this.#start;
  }

  /** Makes room for `samples` and returns the offset to write them at. What was written is then committed. */
  reserve(samples: number): number {
    if (this.#end + samples > this.capacity) this.#compact();
    if (this.#end + samples > this.capacity) throw new RangeError(`no room for ${samples} samples`);
    return this.#end;
  }

  /** The first `samples` of what was reserved have been written, in all planes. */
  commit(samples: number): void {
    this.#end += samples;
  }

  skip(samples: number): void {
    this.#start += samples;
  }

  #compact(): void {
    for (const plane of this.planes) plane.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }
}
