import { brokenMessage, LENGTH_BYTES } from './message.ts';

/** The longest request: a client sends names, texts and numbers, never pictures. */
export const MAX_REQUEST = 256 * 1024;

/**
 * Cuts what a client sends into messages, however the bytes are split. The length is checked before anything is kept;
 * memory is taken as the bytes come, so that a length alone costs nothing. Holds at most one message.
 *
 * @throws XgError `HTSP_BROKEN` from `push`: close the connection.
 */
export class MessageReader {
  readonly #onMessage: (bytes: Buffer) => void;
  readonly #maxLength: number;
  #parts: Buffer[] = [];
  #held = 0;

  constructor(onMessage: (bytes: Buffer) => void, options: { maxLength?: number } = {}) {
    this.#onMessage = onMessage;
    this.#maxLength = options.maxLength ?? MAX_REQUEST;
  }

  /** Bytes of a message that is not complete. */
  get heldBytes(): number {
    return this.#held;
  }

  push(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.#held += bytes.length;
    if (this.#held < LENGTH_BYTES || this.#held < LENGTH_BYTES + this.#length()) return;
    const all = this.#joined();
    let at = 0;
    try {
      while (all.length - at >= LENGTH_BYTES) {
        const length = this.#checked(all.readUInt32BE(at));
        if (all.length - at - LENGTH_BYTES < length) break;
        const from = at + LENGTH_BYTES;
        at = from + length;
        this.#onMessage(all.subarray(from, at));
      }
    } finally {
      const rest = all.subarray(at);
      this.#parts = rest.length === 0 ? [] : [Buffer.from(rest)]; // copy: the rest may be a byte of a large buffer
      this.#held = rest.length;
    }
  }

  /** Of the message in work, of which the length is there. */
  #length(): number {
    const [first] = this.#parts;
    const head = first !== undefined && first.length >= LENGTH_BYTES ? first : this.#joined();
    return this.#checked(head.readUInt32BE(0));
  }

  #joined(): Buffer {
    const [first, ...others] = this.#parts;
    if (first !== undefined && others.length === 0) return first;
    const all = Buffer.concat(this.#parts);
    this.#parts = [all];
    return all;
  }

  #checked(length: number): number {
    if (length <= this.#maxLength) return length;
    throw brokenMessage(`a length of ${length} bytes; the longest is ${this.#maxLength}`, { length });
  }
}
