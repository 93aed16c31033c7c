import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, XgError } from '#shared/errors.ts';
import type { AccessUnit } from '../demux/access-unit.ts';
import { writeRecordHeader } from './tape-record.ts';

export interface TapeOptions {
  /** Made by the tape, and gone with it. */
  readonly folder: string;
  readonly maxTicks: number;
  /** Whether so many bytes more may be kept, by all tapes together. */
  readonly mayGrow: (bytes: number) => boolean;
  readonly onFreed: (bytes: number) => void;
  readonly onWritten: (bytes: number) => void;
  /** It cannot go on: the disk is full, or too slow. All it had is gone. Called once. */
  readonly onFail: (error: XgError) => void;
}

/** A unit that stands alone, and where it lies. */
export interface TapeEntry {
  readonly sequence: number;
  readonly dts: number;
  readonly segment: TapeSegment;
  readonly offset: number;
}

export interface TapeSegment {
  readonly path: string;
  readonly entries: TapeEntry[];
  /** Bytes that are on disk. */
  length: number;
  isDropped: boolean;
}

/** A new file begins with the first entry after so many bytes. */
const SEGMENT_BYTES = 8 * 1024 * 1024;
/** Written together. */
const FLUSH_BYTES = 512 * 1024;
const FLUSH_MS = 200;
/** What a disk may be behind before it is given up. */
const MAX_UNWRITTEN = 24 * 1024 * 1024;

/**
 * The last minutes of a channel on disk, in files of some seconds each; the oldest goes when time or space is used up.
 * Of each place where a decoder can begin it is known where it lies. One writer, any number of readers.
 */
export class Tape {
  readonly #options: TapeOptions;
  readonly #hasPictures: boolean;
  #segments: TapeSegment[] = [];
  #file: { readonly handle: FileHandle; readonly segment: TapeSegment } | null = null;
  #pending: { readonly parts: Buffer[]; readonly unit: AccessUnit; readonly sequence: number }[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | null = null;
  #flushTimer: NodeJS.Timeout | null = null;
  #fileNumber = 0;
  #endSequence = 0;
  #endDts: number | null = null;
  #isFull = false;
  #state: 'open' | 'failed' | 'closed' = 'open';
  readonly #listeners = new Set<() => void>();

  constructor(options: TapeOptions, hasPictures: boolean) {
    this.#options = options;
    this.#hasPictures = hasPictures;
  }

  get isUsable(): boolean {
    return this.#state === 'open';
  }

  /** The oldest has begun to go. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** Where the oldest that is there begins; null while there is nothing. */
  get first(): TapeEntry | null {
    return this.#segments[0]?.entries[0] ?? null;
  }

  get last(): TapeEntry | null {
    return this.#segments.findLast(({ entries }) => entries.length > 0)?.entries.at(-1) ?? null;
  }

  /** Of the first unit that is not on disk yet. */
  get endSequence(): number {
    return this.#endSequence;
  }

  get endDts(): number | null {
    return this.#endDts;
  }

  /** Calls back when more is on disk, until the returned function is called. */
  onGrown(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The last entry that is not after a time; the first one for what lies before. */
  entryAt(dts: number): TapeEntry | null {
    const segment = this.#segments.findLast(({ entries }) => (entries[0]?.dts ?? Number.POSITIVE_INFINITY) <= dts);
    return segment?.entries.findLast((entry) => entry.dts <= dts) ?? this.first;
  }

  /** The last entry that is not after a unit. Null when that one is not there any more. */
  entryBefore(sequence: number): TapeEntry | null {
    const first = this.first;
    if (first === null || sequence < first.sequence) return null;
    const segment = this.#segments.findLast(
      ({ entries }) => (entries[0]?.sequence ?? Number.POSITIVE_INFINITY) <= sequence,
    );
    return segment?.entries.findLast((entry) => entry.sequence <= sequence) ?? null;
  }

  /** The file after another one; null for the last. */
  after(segment: TapeSegment): TapeSegment | null {
    return this.#segments[this.#segments.indexOf(segment) + 1] ?? null;
  }

  push(unit: AccessUnit, sequence: number): void {
    if (this.#state !== 'open') return;
    const header = writeRecordHeader(unit, sequence);
    this.#pending.push({ parts: [header, unit.bytes], unit, sequence });
    this.#pendingBytes += header.length + unit.bytes.length;
    if (this.#pendingBytes > MAX_UNWRITTEN) this.#fail(new Error('the disk is too slow'));
    else if (this.#pendingBytes >= FLUSH_BYTES) this.#flush();
    else this.#flushTimer ??= setTimeout(() => this.#flush(), FLUSH_MS);
  }

  async close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closed';
    this.#listeners.clear();
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    await this.#writing;
    await this.#file?.handle.close().catch(() => undefined);
    this.#file = null;
    for (const segment of this.#segments) this.#forget(segment);
    this.#segments = [];
    await rm(this.#options.folder, { recursive: true, force: true }).catch(() => undefined);
  }

  #flush(): void {
    if (this.#flushTimer !== null) clearTimeout(this.#flushTimer);
    this.#flushTimer = null;
    if (this.#writing !== null || this.#state !== 'open') return;
    this.#writing = this.#write()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#writing = null;
        if (this.#pending.length > 0 && this.#state === 'open')
          this.#flushTimer ??= setTimeout(() => this.#flush(), FLUSH_MS);
      });
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0 && this.#state === 'open') {
      const batch = this.#pending;
      this.#pending = [];
      this.#pendingBytes = 0;
      let parts: Buffer[] = [];
      const entries: TapeEntry[] = [];
      let at = this.#file?.segment.length ?? 0;
      for (const { unit, parts: own, sequence } of batch) {
        const isEntry = unit.isEntry && (unit.picture !== null || !this.#hasPictures);
        if (isEntry && (this.#file === null || at > SEGMENT_BYTES)) {
          await this.#append(parts, entries.splice(0));
          parts = [];
          await this.#nextFile();
          at = 0;
        }
        if (this.#file === null) continue; // nothing to begin with yet
        if (isEntry) entries.push({ sequence, dts: unit.dts, segment: this.#file.segment, offset: at });
        parts.push(...own);
        for (const part of own) at += part.length;
        this.#endSequence = sequence + 1;
        this.#endDts = unit.picture !== null || !this.#hasPictures ? unit.dts : this.#endDts;
      }
      await this.#append(parts, entries);
      this.#trim();
    }
    for (const listener of [...this.#listeners]) listener();
  }

  async #append(parts: readonly Buffer[], entries: readonly TapeEntry[]): Promise<void> {
    if (this.#file === null || parts.length === 0) return;
    const bytes = Buffer.concat(parts);
    const { handle, segment } = this.#file;
    await handle.write(bytes, 0, bytes.length, segment.length);
    segment.length += bytes.length;
    segment.entries.push(...entries);
    this.#options.onWritten(bytes.length);
  }

  async #nextFile(): Promise<void> {
    await this.#file?.handle.close();
    this.#file = null;
    if (this.#fileNumber === 0) await mkdir(this.#options.folder, { recursive: true });
    const path = join(this.#options.folder, `${this.#fileNumber++}.tape`);
    const handle = await open(path, 'w', 0o600);
    const segment: TapeSegment = { path, entries: [], length: 0, isDropped: false };
    this.#segments.push(segment);
    this.#file = { handle, segment };
  }

  /** The oldest file goes when what is left lasts long enough, or when there is no room. */
  #trim(): void {
    const end = this.#endDts;
    while (this.#segments.length > 1 && end !== null) {
      const second = this.#segments[1]?.entries[0];
      const isLong = second !== undefined && end - second.dts >= this.#options.maxTicks;
      if (!isLong && this.#options.mayGrow(SEGMENT_BYTES)) return;
      this.#isFull = true;
      this.#forget(this.#segments.shift() as TapeSegment);
    }
  }

  #forget(segment: TapeSegment): void {
    segment.isDropped = true;
    this.#options.onFreed(segment.length);
    rm(segment.path, { force: true }).catch(() => undefined); // the folder goes at the end
  }

  #fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#state = 'failed';
    const why = errorMessage(error);
    this.#options.onFail(
      new XgError(
        'TIMESHIFT_DISK',
        `Time-shift is off, playing goes on: ${this.#options.folder} cannot be written (${why})`,
        {
          cause: error,
        },
      ),
    );
    void this.close();
  }
}
