import type { AudioFrameHeader, AudioHeaderParser } from './audio-frame.ts';

/** Longest frame of any syntax here: LOAS 8194, ADTS 8191, E-AC-3 4096, AC-3 3840. */
const MAX_FRAME = 8194;
/** Frame and header of the next one, twice over: what is kept while looking for sync. */
const CAPACITY = 4 * MAX_FRAME;

/** One sync frame of the elementary stream. */
export interface SplitFrame {
  /** A view, valid during the call. */
  readonly bytes: Buffer;
  readonly header: AudioFrameHeader;
  /** Where the frame begins, in bytes of the elementary stream since the start, lost bytes counted in. */
  readonly position: number;
}

/**
 * Finds frames in an elementary stream that comes in pieces. Locked, it hands a frame over as soon as its last byte is
 * there; unlocked, it believes a header only when the next frame's header follows where it says, so junk and half frames
 * never reach the decoder. Holds at most 32 KiB.
 */
export class FrameSplitter {
  readonly #parse: AudioHeaderParser;
  readonly #onFrame: (frame: SplitFrame) => void;
  readonly #onJunk: (bytes: number) => void;
  readonly #buffer = Buffer.allocUnsafe(CAPACITY);
  #start = 0;
  #end = 0;
  /** Stream position of `#buffer[#start]`. */
  #position = 0;
  #state: 'searching' | 'locked' = 'searching';

  constructor(parse: AudioHeaderParser, onFrame: (frame: SplitFrame) => void, onJunk: (bytes: number) => void) {
    this.#parse = parse;
    this.#onFrame = onFrame;
    this.#onJunk = onJunk;
  }

  /** Stream position of the next byte to be pushed. */
  get writePosition(): number {
    return this.#position + (this.#end - this.#start);
  }

  push(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to) {
      if (this.#start > 0 && this.#end + (to - at) > CAPACITY) this.#compact();
      const take = Math.min(to - at, CAPACITY - this.#end);
      this.#buffer.set(bytes.subarray(at, at + take), this.#end);
      this.#end += take;
      at += take;
      this.#scan(false);
    }
  }

  /** Bytes are missing here: what is held of a frame is useless, and positions move on by `lost` (0: unknown). */
  loseBytes(lost: number): void {
    this.#discard(this.#end - this.#start);
    this.#position += lost;
    this.#state = 'searching';
  }

  /** The stream ends: a last whole frame counts although no other follows it. */
  finish(): void {
    this.#scan(true);
    this.#discard(this.#end - this.#start);
  }

  #scan(last: boolean): void {
    for (;;) {
      const header = this.#parse(this.#buffer, this.#start, this.#end);
      if (header === 'short') return;
      if (header === null || header.length > MAX_FRAME) {
        this.#skipToCandidate();
        continue;
      }
      const available = this.#end - this.#start;
      if (available < header.length) return;
      if (this.#state === 'searching' && !last) {
        const next = this.#parse(this.#buffer, this.#start + header.length, this.#end);
        if (next === 'short') return;
        if (next === null) {
          this.#skipToCandidate();
          continue;
        }
      }
      this.#state = 'locked';
      const bytes = this.#buffer.subarray(this.#start, this.#start + header.length);
      const position = this.#position;
      this.#start += header.length;
      this.#position += header.length;
      this.#onFrame({ bytes, header, position });
    }
  }

  #skipToCandidate(): void {
    this.#state = 'searching';
    let skip = 1;
    while (this.#start + skip < this.#end && this.#parse(this.#buffer, this.#start + skip, this.#end) === null) skip++;
    this.#discard(skip);
  }

  #discard(bytes: number): void {
    if (bytes === 0) return;
    this.#start += bytes;
    this.#position += bytes;
    this.#onJunk(bytes);
  }

  #compact(): void {
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
  }
}
