import type { XgError } from '#shared/errors.ts';
import type { Pid } from '#shared/mpegts/types.ts';
import { type AccessPoint, StreamIndex } from './stream-index.ts';

export interface RingOptions {
  /** Bytes kept; what is older is forgotten. */
  readonly maxBytes: number;
}

export const DEFAULT_RING_BYTES = 8 * 1024 * 1024;

export type RingListener = () => void;

/** Appended pieces that lie side by side in memory are read as one, up to this length. */
const MAX_CHUNK = 64 * 1024;
/** A crowd is served in rounds: one write per round and reader, whatever size the pieces come in. */
const READERS_PER_MS = 8;
const MAX_ROUND_MS = 25;

/** Who joins starts so far behind the newest byte, if there is an access point: players want to fill a buffer first. */
const JOIN_BEHIND_MS = 500;

/**
 * The last bytes of a live stream, shared by all its readers: buffers that are never written again, so that two hundred
 * viewers read the same memory. Bounded by `maxBytes`; the writer never waits. A reader that falls behind the oldest
 * byte has lost its place and starts again at the newest access point.
 */
export class Ring {
  readonly #maxBytes: number;
  readonly #index: StreamIndex;
  #chunks: Buffer[] = [];
  /** Stream position of the first byte kept, and of the next to come. */
  #start = 0;
  #end = 0;
  #points: RingPoint[] = [];
  readonly #listeners = new Set<RingListener>();
  readonly #patientListeners = new Set<RingListener>();
  #round: NodeJS.Timeout | null = null;
  #closed: { readonly error: XgError | null } | null = null;

  constructor(options: RingOptions = { maxBytes: DEFAULT_RING_BYTES }) {
    this.#maxBytes = options.maxBytes;
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
    const latest = performance.now() - JOIN_BEHIND_MS;
    return this.#points.findLast(({ atMs }) => atMs <= latest) ?? this.newestAccessPoint;
  }

  get oldestAccessPoint(): RingPoint | null {
    return this.#points[0] ?? null;
  }

  /** Whether packets of this PID carry PAT, PMT or SDT. */
  isTablePid(pid: Pid): boolean {
    return this.#index.isTablePid(pid);
  }

  /** Takes whole packets that nobody writes any more. */
  append(packets: Buffer): void {
    if (this.#closed !== null || packets.length === 0) return;
    this.#index.push(packets, this.#end);
    this.#keep(packets);
    this.#end += packets.length;
    while (this.#end - this.#start > this.#maxBytes && this.#chunks.length > 1) {
      this.#start += (this.#chunks.shift() as Buffer).length;
    }
    while ((this.#points[0]?.position ?? this.#start) < this.#start) this.#points.shift();
    this.#notify();
  }

  close(error: XgError | null): void {
    if (this.#closed !== null) return;
    this.#closed = { error };
    this.#notify();
    this.#endRound();
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
   * The bytes from `position` to the end of the chunk it lies in: a view of shared memory. Null at the end of the stream
   * so far. `position` must not lie before `start`.
   */
  read(position: number): Buffer | null {
    if (position >= this.#end) return null;
    let chunkEnd = this.#end;
    // Readers are near the end nearly always: search backwards.
    for (let index = this.#chunks.length - 1; index >= 0; index--) {
      const chunk = this.#chunks[index] as Buffer;
      const chunkStart = chunkEnd - chunk.length;
      if (position >= chunkStart) return position === chunkStart ? chunk : chunk.subarray(position - chunkStart);
      chunkEnd = chunkStart;
    }
    return null;
  }

  /**
   * What lies right behind the last chunk in the same memory makes that one longer: else forty streams keep a hundred
   * thousand small buffers, and the garbage collector looks at each of them twice a second.
   */
  #keep(packets: Buffer): void {
    const last = this.#chunks.at(-1);
    if (
      last !== undefined &&
      last.buffer === packets.buffer &&
      last.byteOffset + last.length === packets.byteOffset &&
      last.length + packets.length <= MAX_CHUNK
    ) {
      this.#chunks[this.#chunks.length - 1] = Buffer.from(last.buffer, last.byteOffset, last.length + packets.length);
    } else this.#chunks.push(packets);
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
