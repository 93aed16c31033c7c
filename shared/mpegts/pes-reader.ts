import { hasPayloadStart, PACKET_SIZE, payloadOffset } from './packet.ts';
import { MAX_PES_HEADER, type PesHeader, parsePesHeader } from './pes-header.ts';

export interface PesListener {
  /** A PES packet begins; its data follow. */
  onStart(header: PesHeader): void;
  /** Data of the PES in work: a view of `bytes[from, to)`. */
  onData(bytes: Uint8Array, from: number, to: number): void;
  /** What was there is no PES header; the PES is skipped. */
  onBadHeader(): void;
}

/**
 * Takes the packets of one PID apart into PES headers and data, without holding data back. 'waiting' for a start,
 * 'header' while a header is spread over packets, 'data' while a PES runs, 'skipping' what has no usable header.
 */
export class PesReader {
  readonly #listener: PesListener;
  readonly #head = Buffer.allocUnsafe(MAX_PES_HEADER + PACKET_SIZE);
  #headFilled = 0;
  #state: 'waiting' | 'header' | 'data' | 'skipping' = 'waiting';
  /** Data bytes the PES still has; null when it is unbounded. */
  #remaining: number | null = null;

  constructor(listener: PesListener) {
    this.#listener = listener;
  }

  pushPacket(bytes: Uint8Array, offset: number): void {
    const from = payloadOffset(bytes, offset);
    const to = offset + PACKET_SIZE;
    if (from === null || from >= to) return;
    if (hasPayloadStart(bytes, offset)) {
      this.#state = 'header';
      this.#headFilled = 0;
    }
    if (this.#state === 'header') this.#readHeader(bytes, from, to);
    else if (this.#state === 'data') this.#readData(bytes, from, to);
  }

  /**
   * Packets are missing: a header in work is lost; data go on up to the next start, since their frames are found by their
   * sync words. What is missing may have held the start of another PES, so the length of this one says nothing any more.
   */
  lose(): void {
    if (this.#state === 'header') this.#state = 'skipping';
    this.#remaining = null;
  }

  reset(): void {
    this.#state = 'waiting';
  }

  #readHeader(bytes: Uint8Array, from: number, to: number): void {
    if (this.#headFilled === 0) {
      const header = parsePesHeader(bytes, from, to);
      if (header !== null) {
        this.#begin(header, bytes, from + header.headerLength, to);
        return;
      }
    }
    this.#head.set(bytes.subarray(from, to), this.#headFilled);
    this.#headFilled += to - from;
    const header = parsePesHeader(this.#head, 0, this.#headFilled);
    if (header !== null) this.#begin(header, this.#head, header.headerLength, this.#headFilled);
    else if (!this.#mayGrow()) {
      this.#state = 'skipping';
      this.#listener.onBadHeader();
    }
  }

  /** True while what was collected can still become a header: the prefix is right and its length not yet there. */
  #mayGrow(): boolean {
    const head = this.#head;
    if (this.#headFilled >= MAX_PES_HEADER) return false;
    const prefix = [0, 0, 1];
    for (let i = 0; i < Math.min(3, this.#headFilled); i++) if (head[i] !== prefix[i]) return false;
    return this.#headFilled < 9 || this.#headFilled < 9 + (head[8] as number);
  }

  #begin(header: PesHeader, bytes: Uint8Array, from: number, to: number): void {
    this.#state = 'data';
    this.#remaining = header.dataLength;
    this.#listener.onStart(header);
    this.#readData(bytes, from, to);
  }

  #readData(bytes: Uint8Array, from: number, to: number): void {
    const end = this.#remaining === null ? to : Math.min(to, from + this.#remaining);
    if (this.#remaining !== null) this.#remaining -= end - from;
    if (end > from) this.#listener.onData(bytes, from, end);
  }
}
