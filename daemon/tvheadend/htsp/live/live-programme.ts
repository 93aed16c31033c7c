import type { XgError } from '#shared/errors.ts';
import type { Ring } from '../../../streams/ring.ts';
import { RingCursor } from '../../../streams/ring-cursor.ts';
import type { AccessUnit } from '../demux/access-unit.ts';
import { ProgrammeDemuxer } from '../demux/programme-demuxer.ts';
import type { Track } from '../demux/track.ts';

export interface LiveListener {
  /** What the units that follow are of. Again when the programme changes. */
  onTracks(tracks: readonly Track[]): void;
  /** Units carry numbers in one sequence, without gaps. */
  onUnit(unit: AccessUnit, sequence: number): void;
  /** Called once, when the stream has ended. */
  onEnd(error: XgError | null): void;
}

/**
 * How far behind the newest byte it begins: sound lies up to a second behind the picture it belongs to, so that a player
 * has both at once only with so much of the stream.
 */
const BEHIND_MS = 2_000;
/** What is kept for those who join: as much in the stream's own time, and no more than so many bytes. */
const KEPT_TICKS = 4 * 90_000;
const KEPT_BYTES = 12 * 1024 * 1024;
const BEHIND_TICKS = (BEHIND_MS / 1000) * 90_000;

/**
 * A running stream as access units, taken apart once for all subscriptions of it. Keeps the last few seconds, so that who
 * joins begins at a picture that stands alone, with enough behind it to play at once.
 */
export class LiveProgramme {
  readonly #ring: Ring;
  readonly #cursor: RingCursor;
  readonly #demuxer: ProgrammeDemuxer;
  readonly #listeners = new Set<LiveListener>();
  readonly #unsubscribe: () => void;
  readonly #onIdle: () => void;
  #tracks: readonly Track[] | null = null;
  #units: AccessUnit[] = [];
  #bytes = 0;
  /** Of `#units[0]`. */
  #firstSequence = 0;
  #lostPackets = 0;
  #isClosed = false;

  /** `onIdle`: the last listener has left. */
  constructor(ring: Ring, onIdle: () => void) {
    this.#ring = ring;
    this.#onIdle = onIdle;
    this.#cursor = new RingCursor(ring, { behindMs: BEHIND_MS });
    this.#demuxer = new ProgrammeDemuxer({
      onTracks: (tracks) => this.#onTracks(tracks),
      onUnit: (unit) => this.#onUnit(unit),
      onLoss: (packets) => {
        this.#lostPackets += packets;
      },
    });
    this.#unsubscribe = ring.subscribe(() => this.#pump(), { mayWait: true });
  }

  /** Transport stream packets that were missing. */
  get lostPackets(): number {
    return this.#lostPackets;
  }

  get tracks(): readonly Track[] | null {
    return this.#tracks;
  }

  /** Of the next unit to come. */
  get nextSequence(): number {
    return this.#firstSequence + this.#units.length;
  }

  /** Hears of everything from now on, until the returned function is called. What is there already is in `backlog`. */
  listen(listener: LiveListener): () => void {
    this.#listeners.add(listener);
    queueMicrotask(() => this.#pump());
    return () => {
      if (this.#listeners.delete(listener) && this.#listeners.size === 0) this.#close();
    };
  }

  /** The units kept from a number on; null where that one is not kept (any more). */
  since(sequence: number): readonly AccessUnit[] | null {
    const at = sequence - this.#firstSequence;
    return at < 0 || at > this.#units.length ? null : this.#units.slice(at);
  }

  /** Where who joins begins: the newest picture that stands alone and has enough behind it. */
  get joinSequence(): number {
    const newest = this.#units.at(-1);
    if (newest === undefined) return this.#firstSequence;
    const hasPicture = this.#tracks?.some((track) => track.kind === 'video') === true;
    const isEntry = (unit: AccessUnit): boolean => unit.isEntry && (unit.picture !== null || !hasPicture);
    let newestDts = newest.dts;
    for (const unit of this.#units) if (unit.picture !== null || !hasPicture) newestDts = unit.dts;
    const at = this.#units.findLastIndex((unit) => isEntry(unit) && newestDts - unit.dts >= BEHIND_TICKS);
    const first = at >= 0 ? at : this.#units.findIndex(isEntry);
    return this.#firstSequence + (first >= 0 ? first : this.#units.length);
  }

  #pump(): void {
    while (!this.#isClosed) {
      const read = this.#cursor.next();
      if (read.kind === 'bytes') this.#demuxer.push(read.bytes);
      else if (read.kind === 'skipped') this.#demuxer.discontinuity();
      else {
        if (read.kind === 'end') this.#end();
        return;
      }
    }
  }

  #onTracks(tracks: readonly Track[]): void {
    this.#tracks = tracks;
    // Units of other tracks are nothing for who joins now.
    this.#firstSequence += this.#units.length;
    this.#units = [];
    this.#bytes = 0;
    for (const listener of [...this.#listeners]) listener.onTracks(tracks);
  }

  #onUnit(unit: AccessUnit): void {
    const sequence = this.nextSequence;
    this.#units.push(unit);
    this.#bytes += unit.bytes.length;
    this.#forget(unit.dts);
    for (const listener of [...this.#listeners]) listener.onUnit(unit, sequence);
  }

  /** In larger steps: cutting off an array's head costs its length. */
  #forget(now: number): void {
    const [oldest] = this.#units;
    const isLong = oldest !== undefined && now - oldest.dts > KEPT_TICKS + BEHIND_TICKS;
    if (!isLong && this.#bytes <= KEPT_BYTES) return;
    let count = 0;
    let bytes = this.#bytes;
    for (const unit of this.#units) {
      if (now - unit.dts <= KEPT_TICKS && bytes <= KEPT_BYTES / 2) break;
      bytes -= unit.bytes.length;
      count++;
    }
    this.#units.splice(0, count);
    this.#firstSequence += count;
    this.#bytes = bytes;
  }

  #end(): void {
    const error = this.#ring.closed?.error ?? null;
    const listeners = [...this.#listeners];
    this.#close();
    for (const listener of listeners) listener.onEnd(error);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#unsubscribe();
    this.#listeners.clear();
    this.#units = [];
    this.#onIdle();
  }
}

/** One programme for each ring that is being watched. */
export class LiveProgrammes {
  readonly #byRing = new Map<Ring, LiveProgramme>();

  of(ring: Ring): LiveProgramme {
    const found = this.#byRing.get(ring);
    if (found !== undefined) return found;
    const programme = new LiveProgramme(ring, () => {
      if (this.#byRing.get(ring) === programme) this.#byRing.delete(ring);
    });
    this.#byRing.set(ring, programme);
    return programme;
  }

  get size(): number {
    return this.#byRing.size;
  }
}
