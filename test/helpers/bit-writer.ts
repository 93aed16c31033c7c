/** Bit fields in the order of a standard's syntax table, most significant bit first. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #bits = 0;

  get length(): number {
    return this.#bits;
  }

  /** The low `bits` (at most 32) of `value`. */
  put(value: number, bits: number): this {
    for (let bit = bits - 1; bit >= 0; bit--) {
      if (this.#bits % 8 === 0) this.#bytes.push(0);
      const last = this.#bytes.length - 1;
      const set = Math.floor(value / 2 ** bit) % 2;
      this.#bytes[last] = (this.#bytes[last] ?? 0) | (set << (7 - (this.#bits % 8)));
      this.#bits++;
    }
    return this;
  }

  /** Whole bytes, wherever the bits stand. */
  putBytes(bytes: Uint8Array): this {
    for (const byte of bytes) this.put(byte, 8);
    return this;
  }

  /** The first `length` bits of `bytes` from bit `from` on. */
  putBits(bytes: Uint8Array, from: number, length: number): this {
    for (let at = from; at < from + length; at++) this.put(((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1, 1);
    return this;
  }

  /** What was written, zero bits up to the end of the last byte. */
  bytes(): Buffer {
    return Buffer.from(this.#bytes);
  }
}
