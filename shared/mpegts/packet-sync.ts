/**
 * Finding packets in a byte stream: 188 bytes, 192 (a 4-byte time stamp before each, as M2TS has it) or 204 (16 bytes of
 * Reed-Solomon parity behind each).
 *
 * Spec: ISO/IEC 13818-1:2019, 2.4.3.3 sync_byte; ETSI TR 101 290, 5.2.1 (1.1 sync loss after two bad sync bytes, sync
 * acquired after five good ones); ETSI EN 300 429 (204 bytes).
 */
import { u8 } from './bytes.ts';
import { PACKET_SIZE, SYNC_BYTE } from './packet.ts';

const PACKET_SIZES = [188, 192, 204] as const;
export type PacketSize = (typeof PACKET_SIZES)[number];

/** Sync bytes in a row that make a lock. */
const LOCK_PACKETS = 5;
/** Bad sync bytes in a row that break it. */
const LOSS_PACKETS = 2;
/** Enough to judge every phase of the largest packet. */
const SEARCH_WINDOW = 204 * (LOCK_PACKETS + 1);

export interface PacketSyncListener {
  /** Whole 188-byte packets, one after the other in `bytes[from, to)`: a view, valid during the call. */
  onPackets(bytes: Buffer, from: number, to: number): void;
  /** Lock found. `skippedBytes` were no packets. */
  onLock?(packetSize: PacketSize, skippedBytes: number): void;
  /** A packet without its sync byte was dropped; after two in a row the lock is given up (`lost`). */
  onBadSync?(lost: boolean): void;
}

/** Holds at most one search window (1.2 KiB) between calls. */
export class PacketSync {
  readonly #listener: PacketSyncListener;
  #state: 'searching' | 'locked' = 'searching';
  #size: PacketSize = 188;
  /** What the last chunk left over. */
  #rest: Buffer = Buffer.alloc(0);
  #skipped = 0;
  #bad = 0;

  constructor(listener: PacketSyncListener) {
    this.#listener = listener;
  }

  get locked(): boolean {
    return this.#state === 'locked';
  }

  get packetSize(): PacketSize {
    return this.#size;
  }

  /** Bytes thrown away since the last lock while looking for one. */
  get skippedBytes(): number {
    return this.#skipped;
  }

  push(chunk: Buffer): void {
    if (this.#state === 'locked' && this.#rest.length > 0) {
      const missing = this.#size - this.#rest.length;
      if (chunk.length < missing) {
        this.#rest = Buffer.concat([this.#rest, chunk]);
        return;
      }
      const joined = Buffer.concat([this.#rest, chunk.subarray(0, missing)]);
      this.#rest = Buffer.alloc(0);
      this.#consume(joined);
      // A lock lost on that packet leaves bytes to search through, which come before the rest of the chunk.
      if (this.#rest.length === 0) this.#consume(chunk.subarray(missing));
      else this.#consume(this.#joinRest(chunk.subarray(missing)));
      return;
    }
    this.#consume(this.#rest.length === 0 ? chunk : this.#joinRest(chunk));
  }

  /**
   * The end of the input: packets that were too few to lock on are taken if all of them fit, and so is a last packet
   * behind which the next one's time stamp (192) or its own parity (204) is missing.
   */
  finish(): void {
    if (this.#state === 'searching' && this.#rest.length > 0) {
      for (const size of PACKET_SIZES) {
        const phase = size === 192 ? 4 : 0;
        const count = Math.floor((this.#rest.length - phase - PACKET_SIZE) / size) + 1;
        if (count < 1 || !this.#fits(this.#rest, phase, size, count)) continue;
        this.#lock(size, phase);
        const rest = this.#rest.subarray(phase);
        this.#rest = Buffer.alloc(0);
        this.#consume(rest);
        break;
      }
    }
    if (this.#state === 'locked' && this.#rest.length >= PACKET_SIZE && u8(this.#rest, 0) === SYNC_BYTE) {
      this.#listener.onPackets(this.#rest, 0, PACKET_SIZE);
    }
    this.#rest = Buffer.alloc(0);
  }

  reset(): void {
    this.#state = 'searching';
    this.#rest = Buffer.alloc(0);
    this.#bad = 0;
    this.#skipped = 0;
  }

  #joinRest(chunk: Buffer): Buffer {
    const joined = Buffer.concat([this.#rest, chunk]);
    this.#rest = Buffer.alloc(0);
    return joined;
  }

  #consume(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'searching') {
        const found = this.#search(bytes, at);
        if (found === null) return;
        at = found;
      } else {
        at = this.#deliver(bytes, at);
        if (this.#state === 'locked') {
          if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at)); // copy: less than one packet
          return;
        }
      }
    }
  }

  /** Looks for a lock from `at` on; null when more bytes are needed, which are then kept. */
  #search(bytes: Buffer, at: number): number | null {
    let from = at;
    for (; bytes.length - from >= SEARCH_WINDOW; from++) {
      if (u8(bytes, from) !== SYNC_BYTE) continue;
      const size = PACKET_SIZES.find((candidate) => this.#fits(bytes, from, candidate, LOCK_PACKETS));
      if (size === undefined) continue;
      this.#lock(size, from - at);
      return from;
    }
    // Short of the window for the larger sizes, plain packets can still be told.
    for (let start = from; bytes.length - start >= 188 * (LOCK_PACKETS - 1) + 1; start++) {
      if (u8(bytes, start) !== SYNC_BYTE || !this.#fits(bytes, start, 188, LOCK_PACKETS)) continue;
      this.#lock(188, start - at);
      return start;
    }
    this.#skipped += from - at;
    this.#rest = Buffer.from(bytes.subarray(from)); // copy
    return null;
  }

  #fits(bytes: Buffer, from: number, size: number, count: number): boolean {
    for (let index = 0; index < count; index++) {
      const at = from + index * size;
      if (at >= bytes.length || u8(bytes, at) !== SYNC_BYTE) return false;
    }
    return true;
  }

  #lock(size: PacketSize, skipped: number): void {
    this.#state = 'locked';
    this.#size = size;
    this.#bad = 0;
    this.#listener.onLock?.(size, this.#skipped + skipped);
    this.#skipped = 0;
  }

  /** Hands over the packets from `at` on. Returns where it stopped: a part of a packet, or where the lock broke. */
  #deliver(bytes: Buffer, at: number): number {
    const size = this.#size;
    let from = at;
    let run = at;
    while (from + size <= bytes.length) {
      const good = u8(bytes, from) === SYNC_BYTE;
      if (good && size === 188) {
        this.#bad = 0;
        from += size;
        continue;
      }
      if (from > run) this.#listener.onPackets(bytes, run, from);
      if (good) {
        this.#bad = 0;
        this.#listener.onPackets(bytes, from, from + PACKET_SIZE);
      } else {
        this.#bad++;
        const lost = this.#bad >= LOSS_PACKETS;
        this.#listener.onBadSync?.(lost);
        if (lost) {
          this.#state = 'searching';
          this.#skipped = size * (LOSS_PACKETS - 1);
          return from;
        }
      }
      from += size;
      run = from;
    }
    if (from > run) this.#listener.onPackets(bytes, run, from);
    return from;
  }
}
