import type { Ac3Header } from './ac3.ts';

/** Independent frame and its dependents: 7.1 needs one, the syntax allows eight. */
const MAX_UNIT = 9 * 4096;

/** The frames of one instant: an independent one and the dependent ones behind it. */
export interface Eac3Unit {
  /** A view, valid during the call. */
  readonly bytes: Buffer;
  /** Of the independent frame. */
  readonly header: Ac3Header;
  readonly position: number;
}

/**
 * Puts E-AC-3 frames together that a decoder wants at once: substream 0 with its dependent substreams (channels beyond
 * 5.1). Further independent substreams are other programmes; they are left out. How many dependents there are is learnt
 * from the stream, so that a stream without any is never held back: the first unit of one that has some lacks them.
 *
 * Spec: ETSI TS 102 366 V1.4.1, E.1.3.1.1 (strmtyp), E.1.3.1.2 (substreamid), E.2.8.
 */
export class Eac3Units {
  readonly #onUnit: (unit: Eac3Unit) => void;
  readonly #buffer = Buffer.allocUnsafe(MAX_UNIT);
  #held: { header: Ac3Header; position: number; filled: number; dependents: number } | null = null;
  #expected = 0;
  #late = 0;
  #foreign = false;

  constructor(onUnit: (unit: Eac3Unit) => void) {
    this.#onUnit = onUnit;
  }

  push(bytes: Buffer, header: Ac3Header, position: number): void {
    if (header.streamType !== 1) {
      this.#foreign = header.enhanced && header.substreamId !== 0;
      if (!this.#foreign) this.#begin(bytes, header, position);
    } else if (!this.#foreign) this.#append(bytes);
  }

  /** The stream ends: what is held is whole. */
  finish(): void {
    this.#emit();
  }

  reset(): void {
    this.#held = null;
    this.#late = 0;
  }

  #begin(bytes: Buffer, header: Ac3Header, position: number): void {
    if (this.#held !== null) this.#expected = this.#held.dependents; // fewer than before: the next is not waited for
    this.#emit();
    this.#expected = Math.max(this.#expected, this.#late);
    this.#late = 0;
    if (this.#expected === 0) {
      this.#onUnit({ bytes, header, position });
      return;
    }
    bytes.copy(this.#buffer); // copy: the view ends with the call
    this.#held = { header, position, filled: bytes.length, dependents: 0 };
  }

  #append(bytes: Buffer): void {
    const held = this.#held;
    if (held === null) {
      this.#late++;
      return;
    }
    if (held.filled + bytes.length > MAX_UNIT) return;
    bytes.copy(this.#buffer, held.filled);
    held.filled += bytes.length;
    held.dependents++;
    if (held.dependents >= this.#expected) this.#emit();
  }

  #emit(): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    this.#onUnit({ bytes: this.#buffer.subarray(0, held.filled), header: held.header, position: held.position });
  }
}
