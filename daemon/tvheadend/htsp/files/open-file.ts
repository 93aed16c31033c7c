/** A file that a client has open. Calls come one after the other. */
export interface OpenFile {
  readonly sizeBytes: number;
  /** Unix seconds. */
  readonly changedSeconds: number;
  /** At most so many bytes from its position, which moves on; none at the end. */
  read(size: number): Promise<Buffer>;
  seek(position: number): void;
  readonly position: number;
  close(): void;
}

/** A file that is in memory as a whole. */
export class BufferFile implements OpenFile {
  readonly #bytes: Buffer;
  readonly changedSeconds: number;
  position = 0;

  constructor(bytes: Buffer, changedSeconds: number) {
    this.#bytes = bytes;
    this.changedSeconds = changedSeconds;
  }

  get sizeBytes(): number {
    return this.#bytes.length;
  }

  async read(size: number): Promise<Buffer> {
    const bytes = this.#bytes.subarray(this.position, this.position + size);
    this.position += bytes.length;
    return bytes;
  }

  seek(position: number): void {
    this.position = position;
  }

  close(): void {}
}
