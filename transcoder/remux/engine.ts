import type { AudioProfile, StreamInfo } from '#shared/ipc/control.ts';
import { DESCRIPTOR_ISO_639_LANGUAGE, DESCRIPTOR_STREAM_IDENTIFIER, languageOf } from '#shared/mpegts/descriptors.ts';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import type { ParsedPmt, PmtStream } from '#shared/mpegts/pmt.ts';
import { ProgramRemuxer, type StreamPlan } from '#shared/mpegts/program-remuxer.ts';
import { type AudioCodec, STREAM_AAC_ADTS, streamKind } from '#shared/mpegts/stream-type.ts';
import { ptsDifference } from '#shared/mpegts/timestamp.ts';
import { asProgramNumber, type Pid, type Pts90k } from '#shared/mpegts/types.ts';
import type { AacEncoderName } from '../ffmpeg/aac-encoder.ts';
import { AudioTrack, canTranscode } from './audio-track.ts';

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
  /** How long everything but the audio is held back, in milliseconds. */
  readonly holdMs: number;
  readonly errors: Record<string, number>;
}

/**
 * Access units shall reach the player this long before their PTS on the PCR clock, judged by the last PCR that passed
 * (which may be 40 ms old). Where the source leaves less than the encoder needs, everything else is held back.
 */
const WANTED_MARGIN_TICKS = 80 * 90;
/** The hold grows in steps, so that the jitter of the margin does not make it grow with every frame. */
const HOLD_STEP_TICKS = 20 * 90;
/** More than this is no margin too small but a source whose PTS and PCR do not belong together. */
const MAX_HOLD_TICKS = 400 * 90;

/** Descriptors that stay true when the codec behind them changes. All others describe the codec that is gone. */
const KEPT_DESCRIPTORS = new Set([DESCRIPTOR_ISO_639_LANGUAGE, DESCRIPTOR_STREAM_IDENTIFIER]);

/**
 * The remux engine: one programme in, the same programme out with its audio turned into AAC. Video, subtitles and PCR go
 * through byte for byte in their order; audio packets are replaced where their frames were complete; PAT and PMT are
 * ours. Synchronous: what a push brings forth is handed over before it returns. Memory: 32 KiB per audio track, the
 * decoder and encoder, and output of the size of the push.
 */
export class RemuxEngine {
  readonly #options: EngineOptions;
  readonly #faults = new FaultCounters();
  readonly #remuxer: ProgramRemuxer;
  readonly #tracks = new Map<Pid, { readonly codec: AudioCodec; readonly track: AudioTrack }>();
  #framesBefore = { decoded: 0, encoded: 0 };
  #minMarginTicks: number | null = null;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#remuxer = new ProgramRemuxer({
      program: options.program === null ? null : asProgramNumber(options.program),
      faults: this.#faults,
      service: null,
      planStream: (stream) => this.#planStream(stream),
      onProgram: (pmt) => this.#onProgram(pmt),
      onPackets: options.onPackets,
    });
  }

  get programs(): readonly number[] {
    return this.#remuxer.programs;
  }

  get ready(): boolean {
    return this.#remuxer.ready;
  }

  stats(): EngineStats {
    const frames = { ...this.#framesBefore };
    for (const { track } of this.#tracks.values()) {
      frames.decoded += track.framesDecoded;
      frames.encoded += track.framesEncoded;
    }
    return {
      bytesIn: this.#remuxer.bytesIn,
      bytesOut: this.#remuxer.bytesOut,
      framesDecoded: frames.decoded,
      framesEncoded: frames.encoded,
      minMarginMs: this.#minMarginTicks === null ? null : this.#minMarginTicks / 90,
      holdMs: this.#remuxer.holdTicks / 27_000,
      errors: this.#faults.toJSON(),
    };
  }

  /** Takes the whole packets in `bytes[from, to)`, which may be written again after the call. */
  push(bytes: Buffer, from = 0, to = bytes.length): void {
    this.#remuxer.push(bytes, from, to);
  }

  /** The source was interrupted: half tables, PES and frames are dropped; what follows starts at its own PTS. */
  discontinuity(): void {
    this.#remuxer.discontinuity();
    for (const { track } of this.#tracks.values()) track.discontinuity();
  }

  /** The stream ends: everything that is still held comes out. */
  finish(): void {
    for (const { track } of this.#tracks.values()) track.finish();
    this.#remuxer.finish();
  }

  close(): void {
    for (const pid of [...this.#tracks.keys()]) this.#closeTrack(pid);
  }

  #planStream(stream: PmtStream): StreamPlan {
    const kind = streamKind(stream);
    if (this.#options.audio.mode !== 'aac' || kind.kind !== 'audio' || !canTranscode(kind.codec)) {
      return { kind: 'pass', stream };
    }
    return { kind: 'replace', stream: aacStream(stream), replacer: this.#openTrack(stream.pid, kind.codec) };
  }

  #onProgram(pmt: ParsedPmt): void {
    const pids = new Set(pmt.streams.map((stream) => stream.pid));
    for (const pid of [...this.#tracks.keys()]) if (!pids.has(pid)) this.#closeTrack(pid);
    const tracks = pmt.streams.map((stream) => {
      const kind = streamKind(stream);
      return {
        pid: stream.pid,
        codec: kind.kind === 'audio' || kind.kind === 'video' ? kind.codec : kind.kind,
        action: this.#tracks.has(stream.pid) ? ('aac' as const) : ('pass' as const),
        language: languageOf(stream.descriptors)?.code ?? null,
      };
    });
    this.#options.onInfo({ program: pmt.program, tracks });
  }

  /** A track that goes on with the same codec is left alone: a new PMT version is no interruption. */
  #openTrack(pid: Pid, codec: AudioCodec): AudioTrack {
    const open = this.#tracks.get(pid);
    if (open?.codec === codec) return open.track;
    this.#closeTrack(pid);
    const track = new AudioTrack({
      pid,
      codec,
      encoder: this.#options.encoder,
      bitrate: this.#options.audio.bitrate,
      output: this.#remuxer.output,
      faults: this.#faults,
      onAccessUnit: (pts) => this.#noteMargin(pts),
    });
    this.#tracks.set(pid, { codec, track });
    return track;
  }

  #closeTrack(pid: Pid): void {
    const open = this.#tracks.get(pid);
    if (open === undefined) return;
    this.#framesBefore.decoded += open.track.framesDecoded;
    this.#framesBefore.encoded += open.track.framesEncoded;
    open.track.close();
    this.#tracks.delete(pid);
  }

  #noteMargin(pts: Pts90k): void {
    const pcr = this.#remuxer.lastPcr;
    if (pcr === null) return;
    const hold = this.#remuxer.holdTicks / 300;
    const margin = ptsDifference(Math.floor(pcr / 300), pts) + hold;
    if (this.#minMarginTicks === null || margin < this.#minMarginTicks) this.#minMarginTicks = margin;
    if (margin >= WANTED_MARGIN_TICKS) return;
    if (hold >= MAX_HOLD_TICKS) {
      if (margin < 0) this.#faults.add('late-audio');
      return;
    }
    const steps = Math.ceil((WANTED_MARGIN_TICKS - margin) / HOLD_STEP_TICKS);
    this.#remuxer.setHold(Math.min(MAX_HOLD_TICKS, hold + steps * HOLD_STEP_TICKS) * 300);
  }
}

/** The PMT entry of a track that is now AAC in ADTS: same PID, same language, none of the old codec's descriptors. */
function aacStream(stream: PmtStream): PmtStream {
  return {
    streamType: STREAM_AAC_ADTS,
    pid: stream.pid,
    descriptors: stream.descriptors.filter((descriptor) => KEPT_DESCRIPTORS.has(descriptor.tag)),
  };
}
