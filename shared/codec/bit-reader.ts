import { u8 } from '../mpegts/bytes.ts';

/** Reads bit fields of headers, most significant bit first. Past the end it reads zeros; ask `exhausted`. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #endBit: number;
  #bit: number;

  /** Reads `bytes[start, end)`. */
  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#bit = start * 8;
    this.#endBit = end * 8;
  }

  /** Position in bits from the start of the buffer. */
  get position(): number {
    return this.#bit;
  }

  get exhausted(): boolean {
    return this.#bit > this.#endBit;
  }

  /** Up to 24 bits. */
  read(bits: number): number {
    let value = 0;
    let left = bits;
    while (left > 0) {
      const within = this.#bit & 7;
      const take = Math.min(left, 8 - within);
      const byte = this.#bit < this.#endBit ? u8(this.#bytes, this.#bit >> 3) : 0;
      value = (value << take) | ((byte >> (8 - within - take)) & ((1 << take) - 1));
      this.#bit += take;
      left -= take;
    }
    return value;
  }

  flag(): boolean {
    return this.read(1) === 1;
  }

  skip(bits: number): void {
    this.#bit += bits;
  }
}
