import { isSameFormat } from '#shared/codec/picture.ts';
import { pcrAt } from '#shared/mpegts/adaptation-field.ts';
import { CONTINUITY_DUPLICATE, ContinuityTracker } from '#shared/mpegts/continuity.ts';
import { PACKET_SIZE, pidAt } from '#shared/mpegts/packet.ts';
import type { ParsedPmt } from '#shared/mpegts/pmt.ts';
import { ProgramTracker } from '#shared/mpegts/program-tracker.ts';
import { PID_PAT, type Pid } from '#shared/mpegts/types.ts';
import type { AccessUnit } from './access-unit.ts';
import { ElementaryStream } from './elementary-stream.ts';
import { Timeline } from './timeline.ts';
import { isSamePlan, type Track, tracksOf } from './track.ts';

export interface DemuxListener {
  /** What the programme consists of; again whenever that changes. What follows is of these tracks. */
  onTracks(tracks: readonly Track[]): void;
  onUnit(unit: AccessUnit): void;
  /** Units that were lost or broken on the way here. */
  onLoss(packets: number): void;
}

/** How long, in the stream's own time, sound is waited for once the picture is known: tracks may be silent. */
const SOUND_TICKS = 45_000;
/** How long a picture is waited for. A service of sound alone that has a video PID plays after that. */
const PICTURE_TICKS = 5 * 90_000;
/** What may be held back until the tracks are known. */
const MAX_HELD_BYTES = 8 * 1024 * 1024;

/**
 * Takes a transport stream of one programme apart into access units with stamps on one line. Tracks are told once their
 * picture sizes and sound are known, as clients want them before the first packet; what came meanwhile follows then.
 */
export class ProgrammeDemuxer {
  readonly #listener: DemuxListener;
  readonly #tracker: ProgramTracker;
  readonly #continuity = new ContinuityTracker();
  readonly #timeline = new Timeline();
  #pmtPids: ReadonlySet<Pid> = new Set();
  #pcrPid: Pid | null = null;
  #plan: readonly Track[] = [];
  #streams = new Map<Pid, ElementaryStream>();
  /** Units that wait for the tracks to be told; null once they are. */
  #held: AccessUnit[] | null = [];
  #heldBytes = 0;
  #heldSince: number | null = null;
  #pictureSince: number | null = null;

  constructor(listener: DemuxListener) {
    this.#listener = listener;
    this.#tracker = new ProgramTracker(null, {
      onPmtPids: (pids) => {
        this.#pmtPids = new Set(pids);
      },
      onProgram: (pmt) => this.#onProgram(pmt),
      onFault: () => undefined,
    });
  }

  /** Takes whole packets; nothing of them is kept. */
  push(packets: Buffer): void {
    for (let at = 0; at + PACKET_SIZE <= packets.length; at += PACKET_SIZE) {
      const pid = pidAt(packets, at);
      if (pid === this.#pcrPid) {
        const pcr = pcrAt(packets, at);
        if (pcr !== null) this.#timeline.clock(Math.floor(pcr / 300));
      }
      const stream = this.#streams.get(pid);
      if (stream !== undefined) this.#pushPacket(stream, packets, at, pid);
      else if (pid === PID_PAT) this.#tracker.pushPat(packets, at);
      else if (this.#pmtPids.has(pid)) this.#tracker.pushPmt(pid, packets, at);
    }
  }

  /** The bytes that follow are not the successors of those before. */
  discontinuity(): void {
    this.#continuity.reset();
    for (const stream of this.#streams.values()) stream.lose();
  }

  #pushPacket(stream: ElementaryStream, packets: Buffer, at: number, pid: Pid): void {
    const continuity = this.#continuity.check(packets, at, pid);
    if (continuity === CONTINUITY_DUPLICATE) return;
    if (continuity > 0) {
      this.#listener.onLoss(continuity);
      stream.lose();
    }
    stream.push(packets, at);
  }

  #onProgram(pmt: ParsedPmt): void {
    this.#pcrPid = pmt.pcrPid;
    const plan = tracksOf(pmt);
    if (isSamePlan(plan, this.#plan)) return;
    this.#plan = plan;
    this.#streams = new Map();
    for (const pid of new Set(plan.map((track) => track.pid))) {
      const tracks = plan.filter((track) => track.pid === pid);
      const stream = new ElementaryStream(tracks, this.#timeline, (unit) => this.#onUnit(unit));
      this.#streams.set(pid, stream);
      this.#continuity.forget(pid);
    }
    this.#hold();
  }

  #hold(): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.#heldSince = null;
    this.#pictureSince = null;
  }

  #onUnit(unit: AccessUnit): void {
    if (this.#held === null) {
      if (unit.isEntry && unit.picture !== null && this.#isChanged(unit.track)) this.#restart(unit);
      else if (this.#told.has(unit.track)) this.#listener.onUnit(unit);
      return;
    }
    this.#held.push(unit);
    this.#heldBytes += unit.bytes.length;
    // By the programme's clock: stamps of sound and picture lie a second apart.
    const now = this.#timeline.now ?? unit.dts;
    this.#heldSince ??= now;
    if (unit.picture !== null && this.#isPictureKnown) this.#pictureSince ??= now;
    if (this.#isTold(now)) this.#tell();
  }

  /** Whether all is known, or has been waited for long enough. */
  #isTold(now: number): boolean {
    if (this.#heldBytes > MAX_HELD_BYTES) return true;
    if (this.#isPictureKnown && this.#isSoundKnown) return true;
    if (this.#isPictureKnown) return now - (this.#pictureSince ?? this.#heldSince ?? now) > SOUND_TICKS;
    return now - (this.#heldSince ?? now) > PICTURE_TICKS;
  }

  get #isPictureKnown(): boolean {
    return this.#current.every((track) => track.kind !== 'video' || track.format !== null);
  }

  get #isSoundKnown(): boolean {
    return this.#current.every((track) => track.kind !== 'audio' || track.sound !== null);
  }

  /** The tracks with what their streams have said by now. */
  get #current(): readonly Track[] {
    return [...this.#streams.values()].flatMap((stream) => stream.tracks);
  }

  #tell(): void {
    const units = this.#held ?? [];
    this.#held = null;
    // A picture without a size is none for clients; should it come, they are started anew.
    const tracks = this.#current.filter((track) => track.kind !== 'video' || track.format !== null);
    this.#told = new Map(tracks.map((track) => [track.index, track]));
    this.#listener.onTracks(tracks);
    for (const unit of units) if (this.#told.has(unit.track)) this.#listener.onUnit(unit);
  }

  #told: ReadonlyMap<number, Track> = new Map();

  /** Its size is another one than was told. Its shape alone (4:3 or 16:9) players see for themselves. */
  #isChanged(index: number): boolean {
    const before = this.#told.get(index);
    const now = this.#current.find((track) => track.index === index);
    if (now?.kind !== 'video' || now.format === null) return false;
    if (before?.kind !== 'video' || before.format === null) return true;
    const size = { aspect: null, frameTicks: null };
    return !isSameFormat({ ...before.format, ...size }, { ...now.format, ...size });
  }

  #restart(unit: AccessUnit): void {
    this.#hold();
    this.#onUnit(unit);
  }
}
