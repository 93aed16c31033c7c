import { PACKET_SIZE } from './packet.ts';

const INITIAL_PACKETS = 400;

/**
 * Where finished packets are put together. `take` hands over what has gathered and starts afresh: a buffer once taken is
 * never written again, unless `reuse` says that what is taken is done with before anything is added. Grows by doubling;
 * its owner takes after every push, which bounds it by the push's size.
 */
export class PacketOutput {
  readonly #reuse: boolean;
  #buffer = Buffer.allocUnsafeSlow(INITIAL_PACKETS * PACKET_SIZE);
  #start = 0;
  #end = 0;

  constructor(options: { readonly reuse: boolean } = { reuse: false }) {
    this.#reuse = options.reuse;
  }

  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  /** Makes room for `bytes` and returns where to write them in `buffer`; call `buffer` afterwards. */
  reserve(bytes: number): number {
    if (this.#end + bytes > this.#buffer.length) this.#grow(bytes);
    const offset = this.#end;
    this.#end += bytes;
    return offset;
  }

  /** The buffer that the last `reserve` refers to. */
  get buffer(): Buffer {
    return this.#buffer;
  }

  append(bytes: Buffer, from: number, to: number): void {
    const offset = this.reserve(to - from);
    bytes.copy(this.#buffer, offset, from, to);
  }

  /** What has gathered; null when nothing has. */
  take(): Buffer | null {
    if (this.#end === this.#start) return null;
    const taken = this.#buffer.subarray(this.#start, this.#end);
    if (this.#reuse) this.#end = 0;
    this.#start = this.#end;
    return taken;
  }

  #grow(bytes: number): void {
    const pending = this.#end - this.#start;
    const size = Math.max(INITIAL_PACKETS * PACKET_SIZE, (pending + bytes) * 2);
    const next = Buffer.allocUnsafeSlow(size);
    this.#buffer.copy(next, 0, this.#start, this.#end);
    this.#buffer = next;
    this.#start = 0;
    this.#end = pending;
  }
}
