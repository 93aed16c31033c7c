import { XgError } from '../errors.ts';
import { hex } from '../mpegts/bytes.ts';
import { FRAME_HEADER, type Frame, type FrameHead, MAX_PAYLOAD, parseFrameHead } from './frame.ts';

/**
 * Cuts a byte stream into frames, however the bytes are split. States: 'head' collects the eight header bytes, 'payload'
 * collects a payload that is spread over several reads. A payload that lies whole in one read is handed over as a view,
 * so DATA costs no copy. Holds at most one frame (1 MiB and 8 bytes), and the declared length is checked before that.
 *
 * @throws XgError `FRAME_TOO_LARGE`, `FRAME_UNKNOWN_TYPE`: the connection cannot be trusted further; close it.
 */
export class FrameParser {
  readonly #onFrame: (frame: Frame) => void;
  readonly #maxPayload: number;
  readonly #head = Buffer.alloc(FRAME_HEADER);
  #headFilled = 0;
  #state: { readonly name: 'head' } | { readonly name: 'payload'; head: FrameHead; buffer: Buffer; filled: number } = {
    name: 'head',
  };

  constructor(onFrame: (frame: Frame) => void, options: { maxPayload?: number } = {}) {
    this.#onFrame = onFrame;
    this.#maxPayload = options.maxPayload ?? MAX_PAYLOAD;
  }

  /** True between frames: the end of the connection here is a clean one. */
  get atFrameBoundary(): boolean {
    return this.#state.name === 'head' && this.#headFilled === 0;
  }

  push(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length) {
      at = this.#state.name === 'head' ? this.#readHead(bytes, at) : this.#readPayload(bytes, at);
    }
  }

  #readHead(bytes: Buffer, from: number): number {
    const take = Math.min(FRAME_HEADER - this.#headFilled, bytes.length - from);
    bytes.copy(this.#head, this.#headFilled, from, from + take);
    this.#headFilled += take;
    const at = from + take;
    if (this.#headFilled < FRAME_HEADER) return at;
    this.#headFilled = 0;
    const head = this.#checkedHead();
    if (bytes.length - at >= head.length) {
      this.#emit(head, bytes.subarray(at, at + head.length));
      return at + head.length;
    }
    this.#state = { name: 'payload', head, buffer: Buffer.allocUnsafe(head.length), filled: 0 };
    return at;
  }

  #readPayload(bytes: Buffer, from: number): number {
    const state = this.#state;
    if (state.name !== 'payload') return from;
    const take = Math.min(state.head.length - state.filled, bytes.length - from);
    bytes.copy(state.buffer, state.filled, from, from + take);
    state.filled += take;
    if (state.filled === state.head.length) {
      this.#state = { name: 'head' };
      this.#emit(state.head, state.buffer);
    }
    return from + take;
  }

  #checkedHead(): FrameHead {
    const head = parseFrameHead(this.#head, 0);
    if (head.type === null) {
      throw new XgError('FRAME_UNKNOWN_TYPE', `stream frame of unknown type ${hex(head.typeNumber)}`, {
        data: { type: head.typeNumber },
      });
    }
    if (head.length > this.#maxPayload) {
      throw new XgError(
        'FRAME_TOO_LARGE',
        `stream frame declares ${head.length} bytes, allowed are ${this.#maxPayload}`,
        {
          data: { length: head.length, limit: this.#maxPayload },
        },
      );
    }
    return head;
  }

  #emit(head: FrameHead, payload: Buffer): void {
    if (head.type !== null) this.#onFrame({ type: head.type, flags: head.flags, track: head.track, payload });
  }
}
