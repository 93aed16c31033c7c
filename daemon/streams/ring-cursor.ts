import { DiscontinuityMarker } from '#shared/mpegts/discontinuity-marker.ts';
import { PACKET_SIZE, pidAt } from '#shared/mpegts/packet.ts';
import type { Ring } from './ring.ts';

/** What a reader gets: bytes, a jump over what it missed (the bytes follow), nothing for now, or the end. */
export type CursorRead =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'skipped'; readonly skippedBytes: number }
  | { readonly kind: 'wait' }
  | { readonly kind: 'end' };

/** A stream that shows no access point for so long is played as it is. */
const MAX_AWAITED_BYTES = 3 * 1024 * 1024;

/**
 * One reader's place in a ring.
 * - `joining`: at an access point whose tables go first
 * - `awaiting`: the stream is so young that it has had no access point: the tables go out as they come, so that the
 *   player knows what is coming; pictures and sound begin with the access point
 * - `reading`
 */
export class RingCursor {
  readonly #ring: Ring;
  #position: number;
  #state: { readonly name: 'joining'; readonly tables: Buffer } | { readonly name: 'awaiting' | 'reading' };
  #awaitedBytes = 0;
  /** What a reader was too slow for is missing: that is said in its stream. Null before the first skip. */
  #marker: DiscontinuityMarker | null = null;
  #hasGiven = false;

  /**
   * `behindMs`: how much of the stream its reader wants at once, if there is so much. `goesOn`: its reader has had another
   * stream before, of which this is no successor.
   */
  constructor(ring: Ring, options: { readonly behindMs?: number; readonly goesOn?: boolean } = {}) {
    this.#ring = ring;
    if (options.goesOn === true) {
      this.#marker = new DiscontinuityMarker();
      this.#marker.begin();
    }
    const { behindMs } = options;
    const point = behindMs === undefined ? ring.joinPoint : (ring.joinPointBehind(behindMs) ?? ring.oldestAccessPoint);
    this.#position = point?.position ?? ring.start;
    this.#state = point === null ? { name: 'awaiting' } : { name: 'joining', tables: point.tables };
  }

  get position(): number {
    return this.#position;
  }

  next(): CursorRead {
    const read = this.#next();
    if (read.kind !== 'bytes') return read;
    this.#hasGiven = true;
    if (this.#marker === null) return read;
    const bytes = this.#marker.push(read.bytes);
    return bytes.length === 0 ? this.next() : { kind: 'bytes', bytes };
  }

  #next(): CursorRead {
    if (this.#position < this.#ring.start) return this.#skip();
    if (this.#state.name === 'joining') {
      const bytes = this.#state.tables;
      this.#state = { name: 'reading' };
      if (bytes.length > 0) return { kind: 'bytes', bytes };
    }
    if (this.#state.name === 'awaiting') {
      const tables = this.#await();
      if (tables !== null) return { kind: 'bytes', bytes: tables };
    }
    const bytes = this.#state.name === 'reading' ? this.#ring.read(this.#position) : null;
    if (bytes !== null) {
      this.#position += bytes.length;
      return { kind: 'bytes', bytes };
    }
    return this.#ring.closed === null ? { kind: 'wait' } : { kind: 'end' };
  }

  /** Goes on to the first access point, or to the end so far; the packets of tables on the way are what it gives. */
  #await(): Buffer | null {
    for (;;) {
      const point = this.#ring.oldestAccessPoint;
      if (point !== null && point.position <= this.#position) {
        this.#position = point.position;
        this.#state = { name: 'reading' };
        return null;
      }
      const chunk = this.#ring.read(this.#position);
      if (chunk === null) return null;
      const length = point === null ? chunk.length : Math.min(chunk.length, point.position - this.#position);
      this.#position += length;
      this.#awaitedBytes += length;
      if (this.#awaitedBytes > MAX_AWAITED_BYTES) this.#state = { name: 'reading' };
      const tables = this.#tablePackets(chunk.subarray(0, length));
      if (tables.length > 0 || this.#state.name === 'reading') return tables;
    }
  }

  #tablePackets(bytes: Buffer): Buffer {
    const found: Buffer[] = [];
    for (let at = 0; at + PACKET_SIZE <= bytes.length; at += PACKET_SIZE) {
      if (this.#ring.isTablePid(pidAt(bytes, at))) found.push(bytes.subarray(at, at + PACKET_SIZE));
    }
    return Buffer.concat(found);
  }

  #skip(): CursorRead {
    const from = this.#position;
    const point = this.#ring.joinPoint;
    if (this.#hasGiven) {
      this.#marker ??= new DiscontinuityMarker();
      this.#marker.begin();
    }
    this.#position = point?.position ?? this.#ring.start;
    this.#state = point === null ? { name: 'reading' } : { name: 'joining', tables: point.tables };
    return { kind: 'skipped', skippedBytes: this.#position - from };
  }
}
