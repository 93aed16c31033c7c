import type { Ring } from './ring.ts';

/** What a reader gets: bytes, a jump over what it missed (the bytes follow), nothing for now, or the end. */
export type CursorRead =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'skipped'; readonly skippedBytes: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'end' };

/** One reader's place in a ring. */
export class RingCursor {
  readonly #ring: Ring;
  #position: number;
  /** Tables that go before the bytes at `#position`. */
  #tables: Buffer | null;

  /** Starts at the newest access point with its tables; without one at the oldest byte, which begins with tables. */
  constructor(ring: Ring) {
    this.#ring = ring;
    const point = ring.newestAccessPoint;
    this.#position = point?.position ?? ring.start;
    this.#tables = point?.tables ?? null;
  }

  get position(): number {
    return this.#position;
  }

  next(): CursorRead {
    if (this.#position < this.#ring.start) return this.#skip();
    if (this.#tables !== null) {
      const bytes = this.#tables;
      this.#tables = null;
      if (bytes.length > 0) return { kind: 'bytes', bytes };
    }
    const bytes = this.#ring.read(this.#position);
    if (bytes !== null) {
      this.#position += bytes.length;
      return { kind: 'bytes', bytes };
    }
    return this.#ring.closed === null ? { kind: 'wait' } : { kind: 'end' };
  }

  #skip(): CursorRead {
    const from = this.#position;
    const point = this.#ring.newestAccessPoint;
    this.#position = point?.position ?? this.#ring.start;
    this.#tables = point?.tables ?? null;
    return { kind: 'skipped', skippedBytes: this.#position - from };
  }
}
