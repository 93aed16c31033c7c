import type { XgError } from '#shared/errors.ts';
import type { Pid } from '#shared/mpegts/types.ts';
import { type AccessPoint, StreamIndex } from './stream-index.ts';

export interface RingOptions {
  /** Bytes kept; what is older is forgotten. */
  readonly maxBytes: number;
}

export const DEFAULT_RING_BYTES = 8 * 1024 * 1024;

export type RingListener = () => void;

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
  #points: AccessPoint[] = [];
  readonly #listeners = new Set<RingListener>();
  #closed: { readonly error: XgError | null } | null = null;

  constructor(options: RingOptions = { maxBytes: DEFAULT_RING_BYTES }) {
    this.#maxBytes = options.maxBytes;
    this.#index = new StreamIndex((point) => this.#points.push(point));
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

  get newestAccessPoint(): AccessPoint | null {
    return this.#points.at(-1) ?? null;
  }

  get oldestAccessPoint(): AccessPoint | null {
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

  /**
   * What lies right behind the last chunk in the same memory makes that one longer: else forty streams keep a hundred
   * thousand small buffers, and the garbage collector looks at each of them twice a second.
   */
  #keep(packets: Buffer): void {
    const last = this.#chunks.at(-1);
    const follows = last?.buffer === packets.buffer && last.byteOffset + last.length === packets.byteOffset;
    if (!follows || last === undefined) {
      this.#chunks.push(packets);
      return;
    }
    const joined = Buffer.from(last.buffer, last.byteOffset, last.length + packets.length);
    this.#chunks[this.#chunks.length - 1] = joined;
  }

  close(error: XgError | null): void {
    if (this.#closed !== null) return;
    this.#closed = { error };
    this.#notify();
  }

  /**
   * Calls back after every append and at the end, until the returned function is called. Who subscribes from within a
   * call hears of the next append, not of this one.
   */
  subscribe(listener: RingListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
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

  #notify(): void {
    // A copy: a set that grows while it is walked is walked for ever.
    for (const listener of [...this.#listeners]) if (this.#listeners.has(listener)) listener();
  }
}
