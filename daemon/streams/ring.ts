import type { XgError } from '#shared/errors.ts';
import { PACKET_SIZE } from '#shared/mpegts/packet.ts';
import type { Pid } from '#shared/mpegts/types.ts';
import { BLOCK_BYTES, giveBlock, takeBlock } from './block-pool.ts';
import { type AccessPoint, StreamIndex } from './stream-index.ts';

export interface RingOptions {
  /** Bytes kept at the most; what is older is forgotten, a block at a time (a sixteenth, 128 KiB at the most). */
  readonly maxBytes: number;
  /** What is older than this is forgotten too. Default 8 s. */
  readonly maxMs?: number;
}

export const DEFAULT_RING_BYTES = 16 * 1024 * 1024;
/** Longer than a Wi-Fi drops out; the rest is the business of the viewer's socket, which holds some seconds itself. */
const DEFAULT_RING_MS = 8_000;

export type RingListener = () => void;

/** What is read at once, in whole packets: who reads from the start of one gets no part of one. */
const MAX_CHUNK = Math.floor((64 * 1024) / PACKET_SIZE) * PACKET_SIZE;
/** A crowd is served in rounds: one write per round and reader, whatever size the pieces come in. */
const READERS_PER_MS = 8;
const MAX_ROUND_MS = 25;

/** Who joins starts so far behind the newest byte, if there is an access point: players want to fill a buffer first. */
const JOIN_BEHIND_MS = 500;

/** A reader's claim to bytes it was given and has not done with, such as those a socket has not sent yet. */
export interface RingPin {
  /** The first of them; null for none. */
  position: number | null;
}

interface Block {
  readonly memory: Buffer;
  /** Stream position of its first byte. */
  readonly start: number;
  length: number;
  /** When it was last written to, of performance.now(). */
  atMs: number;
}

/**
 * The last bytes of a live stream, shared by all its readers: two hundred viewers read the same memory. Bounded in bytes
 * and time; the writer never waits. A reader that falls behind the oldest byte has lost its place and starts again at the
 * newest access point.
 */
export class Ring {
  readonly #maxBytes: number;
  readonly #maxMs: number;
  readonly #blockBytes: number;
  readonly #index: StreamIndex;
  /** Oldest first. */
  #blocks: Block[] = [];
  /** Stream position of the first byte kept, and of the next to come. */
  #start = 0;
  #end = 0;
  #points: RingPoint[] = [];
  readonly #pins = new Set<RingPin>();
  readonly #listeners = new Set<RingListener>();
  readonly #patientListeners = new Set<RingListener>();
  #round: NodeJS.Timeout | null = null;
  #closed: { readonly error: XgError | null } | null = null;

  constructor(options: RingOptions = { maxBytes: DEFAULT_RING_BYTES }) {
    this.#maxBytes = options.maxBytes;
    this.#maxMs = options.maxMs ?? DEFAULT_RING_MS;
    this.#blockBytes = Math.min(BLOCK_BYTES, Math.max(PACKET_SIZE, Math.floor(options.maxBytes / 16)));
    this.#index = new StreamIndex((point) => this.#points.push({ ...point, atMs: performance.now() }));
  }

  get start(): number {
    return this.#start;
  }

  get end(): number {
    return this.#end;
  }

  /** Null while the stream runs; then how it ended. */
  get closed(): { readonly error: XgError | null } | null {
    return this.#closed;
  }

  /** The programme, once its PMT has passed. */
  get pmt(): StreamIndex['pmt'] {
    return this.#index.pmt;
  }

  get newestAccessPoint(): RingPoint | null {
    return this.#points.at(-1) ?? null;
  }

  /**
   * Where a viewer starts: the newest access point that has `JOIN_BEHIND_MS` of stream behind it, so that its player has
   * something to fill its buffer with at once; the newest one of a stream too young for that.
   */
  get joinPoint(): RingPoint | null {
    return this.joinPointBehind(JOIN_BEHIND_MS);
  }

  /** The same with another amount of stream behind it. */
  joinPointBehind(behindMs: number): RingPoint | null {
    const latest = performance.now() - behindMs;
    return this.#points.findLast(({ atMs }) => atMs <= latest) ?? this.newestAccessPoint;
  }

  get oldestAccessPoint(): RingPoint | null {
    return this.#points[0] ?? null;
  }

  /** Whether packets of this PID carry PAT, PMT or SDT. */
  isTablePid(pid: Pid): boolean {
    return this.#index.isTablePid(pid);
  }

  /** Takes a copy of whole packets. */
  append(packets: Buffer): void {
    if (this.#closed !== null || packets.length === 0) return;
    this.#index.push(packets, this.#end);
    this.#write(packets);
    this.#forget();
    this.#notify();
  }

  /** Bytes that were read stay what they are while a pin is at them or before them. Give it back with `unpin`. */
  pin(): RingPin {
    const pin: RingPin = { position: null };
    this.#pins.add(pin);
    return pin;
  }

  unpin(pin: RingPin): void {
    this.#pins.delete(pin);
  }

  close(error: XgError | null): void {
    if (this.#closed !== null) return;
    this.#closed = { error };
    this.#notify();
    this.#endRound();
  }

  /** After the end, when nobody is to join any more: the memory goes to the next ring, unless somebody still reads. */
  release(): void {
    if (this.#closed === null || this.#listeners.size + this.#patientListeners.size > 0) return;
    if (this.#isPinnedBefore(this.#end)) return;
    for (const { memory } of this.#blocks) giveBlock(memory);
    this.#blocks = [];
    this.#points = [];
    this.#start = this.#end;
  }

  /**
   * Calls back after every append and at the end, until the returned function is called. Who subscribes from within a
   * call hears of the next append, not of this one. `mayWait`: while there are many such listeners, appends within some
   * milliseconds are told of together.
   */
  subscribe(listener: RingListener, options: { mayWait: boolean } = { mayWait: false }): () => void {
    const listeners = options.mayWait ? this.#patientListeners : this.#listeners;
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  /**
   * Bytes from `position` on, as many as lie side by side, 64 KiB of whole packets at the most: a view of shared memory that holds until
   * the ring is next written to, and longer for who has pinned it. Null at the end of the stream so far. `position` must
   * not lie before `start`.
   */
  read(position: number): Buffer | null {
    if (position >= this.#end) return null;
    // Readers are near the end nearly always: search backwards.
    for (let index = this.#blocks.length - 1; index >= 0; index--) {
      const { memory, start, length } = this.#blocks[index] as Block;
      if (position < start) continue;
      const from = position - start;
      return memory.subarray(from, Math.min(length, from + MAX_CHUNK));
    }
    return null;
  }

  #write(packets: Buffer): void {
    const atMs = performance.now();
    for (let from = 0; from < packets.length; ) {
      let block = this.#blocks.at(-1);
      if (block === undefined || block.memory.length - block.length < PACKET_SIZE) {
        block = { memory: takeBlock(this.#blockBytes), start: this.#end, length: 0, atMs };
        this.#blocks.push(block);
      }
      // Whole packets: nobody has to put together what lies on both sides of a border.
      const room = Math.floor((block.memory.length - block.length) / PACKET_SIZE) * PACKET_SIZE;
      const length = Math.min(packets.length - from, room);
      packets.copy(block.memory, block.length, from, from + length);
      block.length += length;
      block.atMs = atMs;
      this.#end += length;
      from += length;
    }
  }

  #forget(): void {
    const oldestMs = performance.now() - this.#maxMs;
    for (;;) {
      const [oldest, next] = this.#blocks;
      if (oldest === undefined || next === undefined) break;
      if (this.#end - this.#start <= this.#maxBytes && oldest.atMs > oldestMs) break;
      this.#blocks.shift();
      this.#start = next.start;
      if (!this.#isPinnedBefore(next.start)) giveBlock(oldest.memory);
    }
    while ((this.#points[0]?.position ?? this.#start) < this.#start) this.#points.shift();
  }

  #isPinnedBefore(position: number): boolean {
    for (const pin of this.#pins) if (pin.position !== null && pin.position < position) return true;
    return false;
  }

  #notify(): void {
    call(this.#listeners);
    const roundMs = Math.min(MAX_ROUND_MS, Math.floor(this.#patientListeners.size / READERS_PER_MS));
    if (roundMs === 0) call(this.#patientListeners);
    else this.#round ??= setTimeout(() => this.#endRound(), roundMs);
  }

  #endRound(): void {
    if (this.#round !== null) clearTimeout(this.#round);
    this.#round = null;
    call(this.#patientListeners);
  }
}

/** An access point, and when it came. */
export interface RingPoint extends AccessPoint {
  /** Of performance.now(). */
  readonly atMs: number;
}

function call(listeners: Set<RingListener>): void {
  // A copy: a set that grows while it is walked is walked for ever.
  for (const listener of [...listeners]) if (listeners.has(listener)) listener();
}
