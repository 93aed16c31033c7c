/** Writes bits, most significant first, into a buffer that is used again for each access unit. */
export class BitWriter {
  readonly bytes: Buffer;
  #at = 0;
  /** The last bits, fewer than eight, that make no byte yet. */
  #rest = 0;
  #restBits = 0;

  constructor(size: number) {
    this.bytes = Buffer.alloc(size);
  }

  get bits(): number {
    return this.#at * 8 + this.#restBits;
  }

  reset(): void {
    this.#at = 0;
    this.#rest = 0;
    this.#restBits = 0;
  }

  /** `count` of 0…24 bits; `value` has no others. What does not fit into the buffer is counted, not kept. */
  put(value: number, count: number): void {
    let rest = (this.#rest << count) | value;
    let bits = this.#restBits + count;
    while (bits >= 8) {
      bits -= 8;
      this.bytes[this.#at++] = rest >>> bits; // stored modulo 256
    }
    rest &= (1 << bits) - 1;
    this.#rest = rest;
    this.#restBits = bits;
  }

  /** Zeros up to the next byte. */
  align(): void {
    if (this.#restBits > 0) this.put(0, 8 - this.#restBits);
  }
}
