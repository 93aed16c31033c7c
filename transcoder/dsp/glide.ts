/** A value on its way from one number to the next. Kept in an array, where writing a number makes no object. */
export class Glide {
  readonly #ends: Float64Array;

  constructor(value: number) {
    this.#ends = new Float64Array(2).fill(value);
  }

  get from(): number {
    return this.#ends[0] as number;
  }

  get to(): number {
    return this.#ends[1] as number;
  }

  /** From where it was going, on to `value`. */
  glideTo(value: number): void {
    this.#ends[0] = this.#ends[1] as number;
    this.#ends[1] = value;
  }

  /** To `value` at once. */
  jumpTo(value: number): void {
    this.#ends.fill(value);
  }
}
