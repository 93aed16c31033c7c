import type { AudioProfile, StreamInfo } from '#shared/ipc/control.ts';
import { hasDiscontinuityIndicator, pcrAt, writePcrPacket } from '#shared/mpegts/adaptation-field.ts';
import { CONTINUITY_DUPLICATE, ContinuityTracker } from '#shared/mpegts/continuity.ts';
import { languageOf } from '#shared/mpegts/descriptors.ts';
import { hasTransportError, PACKET_SIZE, payloadOffset, pidAt, scramblingAt } from '#shared/mpegts/packet.ts';
import type { ParsedPmt, PmtStream } from '#shared/mpegts/pmt.ts';
import { ProgramTracker } from '#shared/mpegts/program-tracker.ts';
import { streamKind } from '#shared/mpegts/stream-type.ts';
import { pcrDifference, ptsDifference } from '#shared/mpegts/timestamp.ts';
import {
  asProgramNumber,
  type Pcr27m,
  PID_EIT,
  PID_NULL,
  PID_PAT,
  PID_SDT,
  PID_TDT,
  type Pid,
  type Pts90k,
} from '#shared/mpegts/types.ts';
import type { AacEncoderName } from '../ffmpeg/aac-encoder.ts';
import { AudioTrack, canTranscode } from './audio-track.ts';
import { Counters } from './counters.ts';
import { PacketOutput } from './packet-output.ts';
import { aacStream, ProgramTables } from './program-tables.ts';

export interface EngineOptions {
  /** program_number to keep; null: see ProgramTracker. */
  readonly program: number | null;
  readonly audio: AudioProfile;
  readonly encoder: AacEncoderName;
  /** Whole packets, in a buffer that is never written again. */
  readonly onPackets: (packets: Buffer) => void;
  /** The programme was found or has changed. */
  readonly onInfo: (info: StreamInfo) => void;
}

export interface EngineStats {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly framesDecoded: number;
  readonly framesEncoded: number;
  /** Least time that an access unit left before its PTS on the PCR clock, in milliseconds; null before the first. */
  readonly minMarginMs: number | null;
  readonly errors: Record<string, number>;
}

/** What the packet loop does with a PID. */
const DROP = 0;
const PASS = 1;
const AUDIO = 2;
const PAT = 3;
const PMT = 4;
/** Passed, and its PCR is read. */
const CLOCK = 5;

/** PAT and PMT leave at least this often, in 27 MHz ticks: 80 ms. TR 101 290 asks for 500, decoders like 100. */
const TABLE_INTERVAL = 80 * 27_000;
/** Tables of the service that are passed as they are. */
const SERVICE_PIDS = [PID_SDT, PID_EIT, PID_TDT];

/**
 * The remux engine: one programme in, the same programme out with its audio turned into AAC. Video, subtitles and PCR go
 * through byte for byte in their order; audio packets are replaced where their frames were complete; PAT and PMT are
 * ours. Synchronous: what a push brings forth is handed over before it returns. Memory: 32 KiB per audio track, the
 * decoder and encoder, and output of the size of the push.
 */
export class RemuxEngine {
  readonly #options: EngineOptions;
  readonly #counters = new Counters();
  readonly #output = new PacketOutput();
  readonly #tables = new ProgramTables(this.#output);
  readonly #tracker: ProgramTracker;
  readonly #continuity = new ContinuityTracker();
  /** One byte per PID: the loop's only look-up. */
  readonly #actions = new Uint8Array(0x2000);
  readonly #tracks = new Map<Pid, AudioTrack>();
  #trackKeys = new Map<Pid, string>();
  #pmtPid: Pid | null = null;
  #pcrPid: Pid = PID_NULL;
  #lastPcr: Pcr27m | null = null;
  #lastTables: Pcr27m | null = null;
  #bytesIn = 0;
  #bytesOut = 0;
  #framesBefore = { decoded: 0, encoded: 0 };
  #minMarginTicks: number | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#actions[PID_PAT] = PAT;
    this.#tracker = new ProgramTracker(options.program === null ? null : asProgramNumber(options.program), {
      onPmtPids: (pids) => this.#setPmtPids(pids),
      onProgram: (pmt, transportStreamId) => this.#setProgram(pmt, transportStreamId),
      onFault: (table) => this.#counters.add(table === 'pat' ? 'pat-section' : 'pmt-section'),
    });
  }

  /** Programme numbers seen in the PAT: for saying why nothing comes out. */
  get programs(): readonly number[] {
    return this.#tracker.programs;
  }

  get ready(): boolean {
    return this.#tables.ready;
  }

  stats(): EngineStats {
    const frames = { ...this.#framesBefore };
    for (const track of this.#tracks.values()) {
      frames.decoded += track.framesDecoded;
      frames.encoded += track.framesEncoded;
    }
    return {
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      framesDecoded: frames.decoded,
      framesEncoded: frames.encoded,
      minMarginMs: this.#minMarginTicks === null ? null : this.#minMarginTicks / 90,
      errors: this.#counters.toJSON(),
    };
  }

  /** Takes whole packets from `bytes[from, to)`, which may be written again after the call. */
  push(bytes: Buffer, from = 0, to = bytes.length): void {
    this.#bytesIn += to - from;
    let run = from;
    for (let at = from; at + PACKET_SIZE <= to; at += PACKET_SIZE) {
      const pid = pidAt(bytes, at);
      const action = this.#actions[pid] as number;
      if (action === PASS && !hasTransportError(bytes, at)) {
        const order = this.#continuity.check(bytes, at, pid);
        if (order !== 0) this.#countContinuity(order);
        continue;
      }
      if (at > run) this.#output.append(bytes, run, at);
      run = at + PACKET_SIZE;
      if (this.#handle(bytes, at, pid, action)) run = at;
    }
    const end = from + Math.floor((to - from) / PACKET_SIZE) * PACKET_SIZE;
    if (end > run) this.#output.append(bytes, run, end);
    this.#handOver();
  }

  /** The source was interrupted: half tables, PES and frames are dropped; what follows starts at its own PTS. */
  discontinuity(): void {
    this.#continuity.reset();
    this.#tracker.discontinuity();
    for (const track of this.#tracks.values()) track.discontinuity();
    this.#lastPcr = null;
    this.#lastTables = null;
  }

  close(): void {
    for (const track of this.#tracks.values()) track.close();
    this.#tracks.clear();
  }

  /** All that is not plain passing. True when the packet itself goes out as it is. */
  #handle(bytes: Buffer, at: number, pid: Pid, action: number): boolean {
    if (hasTransportError(bytes, at)) {
      // The PID itself may be wrong: passed where video or data would be, so that the decoder sees what we saw.
      this.#counters.add('transport-error');
      return action === PASS || action === CLOCK;
    }
    switch (action) {
      case CLOCK: {
        const order = this.#continuity.check(bytes, at, pid);
        if (order !== 0) this.#countContinuity(order);
        this.#clock(bytes, at);
        return true;
      }
      case AUDIO:
        this.#audio(bytes, at, pid);
        return false;
      case PAT:
        this.#tracker.pushPat(bytes, at);
        return false;
      case PMT:
        this.#tracker.pushPmt(pid, bytes, at);
        return false;
      default:
        return false;
    }
  }

  #audio(bytes: Buffer, at: number, pid: Pid): void {
    const track = this.#tracks.get(pid);
    if (track === undefined) return;
    if (pid === this.#pcrPid) {
      const pcr = this.#clock(bytes, at);
      if (pcr !== null) {
        const offset = this.#output.reserve(PACKET_SIZE);
        const discontinuity = hasDiscontinuityIndicator(bytes, at);
        writePcrPacket(this.#output.buffer, offset, pid, track.lastContinuity, pcr, discontinuity);
      }
    }
    const order = this.#continuity.check(bytes, at, pid);
    if (order !== 0) this.#countContinuity(order);
    if (order === CONTINUITY_DUPLICATE) return;
    if (scramblingAt(bytes, at) !== 0) {
      this.#counters.add('scrambled');
      return;
    }
    if (payloadOffset(bytes, at) === null) {
      this.#counters.add('adaptation-field');
      return;
    }
    track.pushPacket(bytes, at, order);
  }

  /** Reads the packet's PCR, if any, and lets the tables follow when it is time. */
  #clock(bytes: Buffer, at: number): Pcr27m | null {
    const pcr = pcrAt(bytes, at);
    if (pcr === null) return null;
    this.#lastPcr = pcr;
    const since = this.#lastTables === null ? TABLE_INTERVAL : pcrDifference(this.#lastTables, pcr);
    if (since >= TABLE_INTERVAL || since < 0) {
      this.#lastTables = pcr;
      this.#tables.write();
    }
    return pcr;
  }

  #countContinuity(order: number): void {
    if (order === CONTINUITY_DUPLICATE) this.#counters.add('duplicate');
    else this.#counters.add('continuity');
  }

  #handOver(): void {
    const packets = this.#output.take();
    if (packets === null) return;
    this.#bytesOut += packets.length;
    this.#options.onPackets(packets);
  }

  #setPmtPids(pids: readonly Pid[]): void {
    for (let pid = 0; pid < this.#actions.length; pid++) if (this.#actions[pid] === PMT) this.#actions[pid] = DROP;
    for (const pid of pids) this.#actions[pid] = PMT;
    this.#pmtPid = pids[0] ?? null;
  }

  #setProgram(pmt: ParsedPmt, transportStreamId: number): void {
    if (this.#pmtPid === null) return;
    this.#actions.fill(DROP);
    for (const pid of SERVICE_PIDS) this.#actions[pid] = PASS;
    const streams: PmtStream[] = [];
    const tracks: StreamInfo['tracks'] = [];
    const kept = new Map<Pid, string>();
    for (const stream of pmt.streams) {
      const kind = streamKind(stream);
      const codec = kind.kind === 'audio' || kind.kind === 'video' ? kind.codec : kind.kind;
      const swap = this.#options.audio.mode === 'aac' && kind.kind === 'audio' && canTranscode(kind.codec);
      if (swap) {
        kept.set(stream.pid, kind.codec);
        this.#openTrack(stream.pid, kind.codec);
      }
      this.#actions[stream.pid] = swap ? AUDIO : PASS;
      streams.push(swap ? aacStream(stream) : stream);
      const language = languageOf(stream.descriptors)?.code ?? null;
      tracks.push({ pid: stream.pid, codec, action: swap ? 'aac' : 'pass', language });
    }
    for (const [pid] of this.#tracks) if (!kept.has(pid)) this.#closeTrack(pid);
    this.#trackKeys = kept;
    this.#pcrPid = pmt.pcrPid;
    if (pmt.pcrPid !== PID_NULL && this.#actions[pmt.pcrPid] !== AUDIO) this.#actions[pmt.pcrPid] = CLOCK;
    this.#actions[PID_PAT] = PAT;
    this.#actions[this.#pmtPid] = PMT;
    this.#tables.set(pmt, streams, this.#pmtPid, transportStreamId);
    this.#tables.write();
    this.#lastTables = this.#lastPcr;
    this.#options.onInfo({ program: pmt.program, tracks });
  }

  /** A track that goes on with the same codec is left alone: a new PMT version is no interruption. */
  #openTrack(pid: Pid, codec: Parameters<typeof canTranscode>[0]): void {
    if (this.#trackKeys.get(pid) === codec && this.#tracks.has(pid)) return;
    this.#closeTrack(pid);
    const track = new AudioTrack({
      pid,
      codec,
      encoder: this.#options.encoder,
      bitrate: this.#options.audio.bitrate,
      output: this.#output,
      counters: this.#counters,
      onAccessUnit: (pts) => this.#noteMargin(pts),
    });
    this.#tracks.set(pid, track);
  }

  #closeTrack(pid: Pid): void {
    const track = this.#tracks.get(pid);
    if (track === undefined) return;
    this.#framesBefore.decoded += track.framesDecoded;
    this.#framesBefore.encoded += track.framesEncoded;
    track.close();
    this.#tracks.delete(pid);
  }

  #noteMargin(pts: Pts90k): void {
    if (this.#lastPcr === null) return;
    const margin = ptsDifference(Math.floor(this.#lastPcr / 300), pts);
    if (this.#minMarginTicks === null || margin < this.#minMarginTicks) this.#minMarginTicks = margin;
    if (margin < 0) this.#counters.add('late-audio');
  }
}
