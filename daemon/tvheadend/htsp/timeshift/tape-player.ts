import type { AccessUnit } from '../demux/access-unit.ts';
import type { LiveProgramme } from '../live/live-programme.ts';
import type { Tape, TapeEntry } from './tape.ts';
import { TapeReader } from './tape-reader.ts';
import type { TapeRecord } from './tape-record.ts';

export interface TapePlayerListener {
  /** A unit of the past. False: enough for now. */
  onUnit(unit: AccessUnit): boolean;
  /** What follows is not the successor of what came before. */
  onCut(): void;
  /** It has caught up: what is live from this unit on follows, without a gap. */
  onLive(sequence: number): void;
  /** What it plays is not there any more, or cannot be read: only what is live is left. */
  onLost(): void;
  /** Played at this speed from now on: the start was reached in reverse, or the end. */
  onSpeed(speed: number): void;
}

export const NORMAL_SPEED = 100;
/** Up to it all pictures are shown, faster and backwards only those that stand alone. */
const MAX_FULL_SPEED = 400;
/** How far ahead of its time a unit is sent, in the stream's ticks: what players want in their buffers. */
const AHEAD_TICKS = 90_000;
const STEP_MS = 20;
/** Pictures of a search are shown no faster. */
const SEARCH_STEP_MS = 150;

/** Plays a tape to one client, from one place on: at its own pace, or from picture to picture. */
export class TapePlayer {
  readonly #tape: Tape;
  readonly #programme: LiveProgramme;
  readonly #listener: TapePlayerListener;
  #reader: TapeReader | null = null;
  #next: TapeRecord | null = null;
  #speed: number;
  /** Where it is: of the unit to come. */
  #sequence: number;
  #dts: number;
  #anchor = { atMs: performance.now(), dts: 0 };
  #timer: NodeJS.Timeout | null = null;
  #isReading = false;
  #isClosed = false;
  #shown: TapeEntry | null = null;

  /** Begins at an entry; units before `sequence` are left out. */
  constructor(
    tape: Tape,
    programme: LiveProgramme,
    entry: TapeEntry,
    sequence: number,
    speed: number,
    listener: TapePlayerListener,
  ) {
    this.#tape = tape;
    this.#programme = programme;
    this.#listener = listener;
    this.#sequence = sequence;
    this.#dts = entry.dts;
    this.#speed = speed;
    this.#reader = new TapeReader(tape, entry);
    this.#setAnchor();
    this.#schedule();
  }

  get speed(): number {
    return this.#speed;
  }

  /** Decoding time of what was sent last. */
  get dts(): number {
    return this.#dts;
  }

  setSpeed(speed: number): void {
    const wasSearch = this.#isSearch;
    this.#speed = speed;
    this.#setAnchor();
    if (wasSearch && !this.#isSearch) this.#resumeFrom(this.#shown ?? this.#tape.entryAt(this.#dts));
    this.#schedule();
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    void this.#reader?.close();
  }

  get #isSearch(): boolean {
    return this.#speed < 0 || this.#speed > MAX_FULL_SPEED;
  }

  #setAnchor(): void {
    this.#anchor = { atMs: performance.now(), dts: this.#dts };
  }

  /** What it should be at by now. */
  get #dueDts(): number {
    return this.#anchor.dts + ((performance.now() - this.#anchor.atMs) * 90 * this.#speed) / 100;
  }

  #resumeFrom(entry: TapeEntry | null): void {
    this.#shown = null;
    if (entry === null) return;
    void this.#reader?.close();
    this.#reader = new TapeReader(this.#tape, entry);
    this.#next = null;
    this.#sequence = entry.sequence;
    this.#listener.onCut();
  }

  #schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isClosed || this.#speed === 0) return;
    this.#timer = setTimeout(() => void this.#step(), this.#isSearch ? SEARCH_STEP_MS : STEP_MS);
  }

  async #step(): Promise<void> {
    if (this.#isReading || this.#isClosed) return;
    this.#isReading = true;
    try {
      if (this.#isSearch) await this.#search();
      else await this.#play();
    } catch {
      this.#lose(); // the file is gone: the tape has said why
    } finally {
      this.#isReading = false;
    }
    this.#schedule();
  }

  async #play(): Promise<void> {
    for (;;) {
      if (this.#isClosed || this.#speed === 0 || this.#isSearch) return;
      const record = this.#next ?? (await this.#reader?.next()) ?? null;
      if (this.#isClosed) return;
      if (record === 'lost') {
        this.#lose();
        return;
      }
      if (record === null) {
        this.#catchUp();
        return;
      }
      this.#next = record;
      if (this.#speed === 0 || this.#isSearch) return;
      if (record.sequence >= this.#sequence) {
        const isDue = record.unit.dts <= this.#dueDts + AHEAD_TICKS;
        if (!isDue || !this.#listener.onUnit(record.unit)) return;
        this.#sequence = record.sequence + 1;
        this.#dts = record.unit.dts;
      }
      this.#next = null;
    }
  }

  /** All that is on disk was sent. What is not is still in memory. */
  #catchUp(): void {
    if (this.#speed < NORMAL_SPEED || this.#programme.since(this.#sequence) === null) return;
    this.close();
    if (this.#speed !== NORMAL_SPEED) this.#listener.onSpeed(NORMAL_SPEED);
    this.#listener.onLive(this.#sequence);
  }

  async #search(): Promise<void> {
    const due = this.#dueDts;
    const { first, last } = this.#tape;
    if (first === null || last === null) return;
    const entry = this.#tape.entryAt(due);
    if (entry !== null && entry !== this.#shown) {
      const reader = new TapeReader(this.#tape, entry);
      const record = await reader.next();
      await reader.close();
      if (this.#isClosed || !this.#isSearch) return;
      this.#shown = entry;
      if (record !== null && record !== 'lost' && this.#listener.onUnit(record.unit)) this.#dts = entry.dts;
    }
    if (due > last.dts && this.#speed > 0) this.#endSearch(last);
    else if (due < first.dts && this.#speed < 0) this.#endSearch(first);
  }

  #endSearch(entry: TapeEntry): void {
    this.#shown = entry;
    this.#dts = entry.dts;
    this.#listener.onSpeed(NORMAL_SPEED);
    this.setSpeed(NORMAL_SPEED);
  }

  /** It was too long ago: on from the oldest that is there. */
  #lose(): void {
    const { first } = this.#tape;
    if (first === null || !this.#tape.isUsable) {
      this.close();
      this.#listener.onLost();
      return;
    }
    this.#dts = first.dts;
    this.#resumeFrom(first);
    this.#setAnchor();
  }
}
