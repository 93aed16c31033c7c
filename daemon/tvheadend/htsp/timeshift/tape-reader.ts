import { type FileHandle, open } from 'node:fs/promises';
import type { Tape, TapeEntry, TapeSegment } from './tape.ts';
import { readRecord, recordLength, type TapeRecord } from './tape-record.ts';

const READ_BYTES = 256 * 1024;

/** Reads a tape from one of its entries on, a unit at a time. */
export class TapeReader {
  readonly #tape: Tape;
  #segment: TapeSegment;
  #file: FileHandle | null = null;
  /** In the file, of the first byte that is not in `#buffer`. */
  #offset: number;
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;
  #isClosed = false;

  constructor(tape: Tape, entry: TapeEntry) {
    this.#tape = tape;
    this.#segment = entry.segment;
    this.#offset = entry.offset;
  }

  /**
   * The next unit; null where the tape ends for now. `'lost'`: what comes next was dropped meanwhile.
   *
   * @throws of the file system.
   */
  async next(): Promise<TapeRecord | 'lost' | null> {
    for (;;) {
      if (this.#isClosed) return null;
      const length = recordLength(this.#buffer, this.#at);
      if (length !== null && this.#at + length <= this.#buffer.length) {
        const record = readRecord(this.#buffer, this.#at);
        this.#at += length;
        return record;
      }
      if (this.#segment.isDropped) return 'lost';
      if (this.#offset < this.#segment.length) {
        await this.#fill(length ?? 0);
        continue;
      }
      const next = this.#tape.after(this.#segment);
      if (next === null || next.length === 0) return null;
      await this.#file?.close();
      this.#file = null;
      this.#segment = next;
      this.#offset = 0;
      this.#buffer = Buffer.alloc(0);
      this.#at = 0;
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#file?.close().catch(() => undefined);
    this.#file = null;
  }

  async #fill(wanted: number): Promise<void> {
    this.#file ??= await open(this.#segment.path, 'r');
    const rest = this.#buffer.subarray(this.#at);
    const length = Math.min(this.#segment.length - this.#offset, Math.max(READ_BYTES, wanted - rest.length));
    // A new one each time: units are views of it and live on in queues.
    const buffer = Buffer.allocUnsafeSlow(rest.length + length);
    rest.copy(buffer);
    const { bytesRead } = await this.#file.read(buffer, rest.length, length, this.#offset);
    this.#buffer = buffer.subarray(0, rest.length + bytesRead);
    this.#at = 0;
    this.#offset += bytesRead;
    if (bytesRead === 0) this.#segment.isDropped = true; // shorter than it was: somebody else has emptied it
  }
}
