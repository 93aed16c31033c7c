import { Readable } from 'node:stream';
import type { Ring } from './ring.ts';
import { RingCursor } from './ring-cursor.ts';

export interface ViewerListener {
  /** The viewer was too slow and lost `bytes` of the stream. */
  onSkip(bytes: number): void;
  /** The first bytes were handed over. */
  onFirstBytes(): void;
  /** The viewer is gone, or the stream is. Called once. */
  onClose(sentBytes: number): void;
}

/** Bytes handed to the socket ahead of its drain. Small: the ring is the buffer. */
const HIGH_WATER_MARK = 256 * 1024;

/** A viewer as a readable stream: it reads from its ring when its socket can take more, and never holds up anybody. */
export class Viewer extends Readable {
  readonly #cursor: RingCursor;
  readonly #listener: ViewerListener;
  readonly #unsubscribe: () => void;
  /** True between a read that found nothing and the next bytes. */
  #waiting = false;
  #sentBytes = 0;

  constructor(ring: Ring, listener: ViewerListener) {
    super({ highWaterMark: HIGH_WATER_MARK });
    this.#cursor = new RingCursor(ring);
    this.#listener = listener;
    this.#unsubscribe = ring.subscribe(() => {
      if (this.#waiting) this._read();
    });
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  override _read(): void {
    this.#waiting = false;
    for (;;) {
      const read = this.#cursor.next();
      switch (read.kind) {
        case 'bytes': {
          const first = this.#sentBytes === 0;
          this.#sentBytes += read.bytes.length;
          const wantsMore = this.push(read.bytes);
          if (first) this.#listener.onFirstBytes();
          if (!wantsMore) return;
          break;
        }
        case 'skipped':
          this.#listener.onSkip(read.skippedBytes);
          break;
        case 'wait':
          this.#waiting = true;
          return;
        case 'end':
          this.push(null);
          return;
      }
    }
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#unsubscribe();
    this.#listener.onClose(this.#sentBytes);
    callback(error);
  }
}
