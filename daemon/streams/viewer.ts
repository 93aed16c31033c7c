import type { Writable } from 'node:stream';
import type { Ring, RingPin } from './ring.ts';
import { RingCursor } from './ring-cursor.ts';

/**
 * Why a viewer is gone.
 * - `client`: it hung up
 * - `stalled`: it took nothing for too long and was dropped
 * - `stream`: its stream has ended, and it has all of it; or the time it had asked for
 */
export type ViewerEnd = 'client' | 'stalled' | 'stream';

export interface ViewerListener {
  /** The viewer was too slow and lost `bytes` of the stream. */
  onSkip(bytes: number): void;
  /** The first bytes were handed over. */
  onFirstBytes(): void;
  /** Its stream has ended, and it has all of it. True: it is to wait for `goOnWith` or `finish`. */
  onStreamEnd?(): boolean;
  /** Called once. */
  onClose(sentBytes: number, end: ViewerEnd): void;
}

export interface ViewerOptions {
  readonly ring: Ring;
  /** The response; ended or destroyed by the viewer. */
  readonly out: Writable;
  readonly listener: ViewerListener;
  /** One that takes nothing for so long is dropped. Default 30 s. */
  readonly stallMs?: number;
}

const STALL_MS = 30_000;

/**
 * A viewer: what its ring has goes to its socket whenever that can take more, and nobody waits for anybody. The ring is the
 * buffer; the socket holds no more than its own high-water mark and one chunk. Who falls out of the ring goes on at an
 * access point, who takes nothing at all is dropped.
 */
export class Viewer {
  #cursor: RingCursor;
  readonly #out: Writable;
  readonly #listener: ViewerListener;
  readonly #stallMs: number;
  #unsubscribe: () => void;
  #ring: Ring;
  /** At what the socket has not sent yet. */
  #pin: RingPin;
  /** What it is to go on with once it has all of the present one. */
  #next: Ring | null = null;
  /** Of streams before, some of which the socket may still hold. */
  #oldPins: { readonly ring: Ring; readonly pin: RingPin }[] = [];
  /** `between`: its stream has ended and another one may come. */
  #state: 'open' | 'between' | 'ending' | 'closed' = 'open';
  #sentBytes = 0;
  /** When the socket last took something, and how much it had taken by then. */
  #takenBytes = 0;
  #takenAt = performance.now();

  constructor({ ring, out, listener, stallMs = STALL_MS }: ViewerOptions) {
    this.#cursor = new RingCursor(ring);
    this.#ring = ring;
    this.#pin = ring.pin();
    this.#out = out;
    this.#listener = listener;
    this.#stallMs = stallMs;
    this.#unsubscribe = ring.subscribe(() => this.#pump(), { mayWait: true });
    out.on('drain', () => this.#pump());
    out.once('close', () => this.#close(this.#state === 'ending' ? 'stream' : 'client'));
    out.on('error', () => undefined); // 'close' follows
    if (out.destroyed) this.#close('client');
    else this.#pump();
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /**
   * Goes on with another stream on the same connection, when it has all that there is of the present one; that they do not
   * belong together is said in it.
   */
  goOnWith(ring: Ring): void {
    this.#next = ring;
    if (this.#state === 'between') this.#state = 'open';
    this.#pump();
  }

  /** Handed to the socket and not taken by it yet. */
  get pendingBytes(): number {
    return this.#out.writableLength;
  }

  /** Ends it with what it has by now: its time is over. */
  finish(): void {
    if (this.#state !== 'open' && this.#state !== 'between') return;
    this.#state = 'ending';
    this.#unsubscribe();
    this.#out.end();
  }

  #pump(): void {
    if (this.#oldPins.length > 0) this.#dropOldPins();
    if (this.#state !== 'open') return;
    if (this.#out.writableNeedDrain) {
      this.#checkStall();
      return;
    }
    for (;;) {
      const read = this.#cursor.next();
      switch (read.kind) {
        case 'bytes':
          if (!this.#write(read.bytes)) return;
          break;
        case 'skipped':
          this.#listener.onSkip(read.skippedBytes);
          break;
        case 'wait':
          if (this.#next === null) return;
          this.#turnTo(this.#next);
          break;
        case 'end':
          if (this.#next !== null) {
            this.#turnTo(this.#next);
            break;
          }
          if (this.#listener.onStreamEnd?.() === true) this.#state = 'between';
          else this.finish();
          return;
      }
    }
  }

  /** False when the socket has enough for now. */
  #write(bytes: Buffer): boolean {
    const isFirst = this.#sentBytes === 0;
    if (this.#out.writableLength === 0) {
      this.#takenAt = performance.now(); // from here on it may stall
      this.#pin.position = this.#cursor.position - bytes.length;
    }
    this.#sentBytes += bytes.length;
    const goesOn = this.#out.write(bytes);
    if (this.#out.writableLength === 0) this.#pin.position = null;
    if (isFirst) this.#listener.onFirstBytes();
    return goesOn && this.#state === 'open';
  }

  #checkStall(): void {
    const now = performance.now();
    const taken = this.#sentBytes - this.#out.writableLength;
    if (taken > this.#takenBytes) {
      this.#takenBytes = taken;
      this.#takenAt = now;
    } else if (now - this.#takenAt > this.#stallMs) {
      this.#close('stalled');
      this.#out.destroy();
    }
  }

  #turnTo(ring: Ring): void {
    this.#unsubscribe();
    this.#oldPins.push({ ring: this.#ring, pin: this.#pin });
    this.#next = null;
    this.#ring = ring;
    this.#pin = ring.pin();
    this.#cursor = new RingCursor(ring, { goesOn: this.#sentBytes > 0 });
    this.#unsubscribe = ring.subscribe(() => this.#pump(), { mayWait: true });
    this.#dropOldPins();
  }

  /** What the socket has sent needs to be kept no longer. */
  #dropOldPins(): void {
    if (this.#out.writableLength > 0 && !this.#out.destroyed) return;
    for (const { ring, pin } of this.#oldPins) ring.unpin(pin);
    this.#oldPins = [];
  }

  #close(end: ViewerEnd): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#unsubscribe();
    this.#oldPins.push({ ring: this.#ring, pin: this.#pin });
    // A socket that still has bytes of the ring to send holds its place until they are gone.
    if (this.#out.writableLength === 0 || this.#out.destroyed) this.#dropOldPins();
    else this.#out.once('close', () => this.#dropOldPins());
    this.#listener.onClose(this.#sentBytes, end);
  }
}
