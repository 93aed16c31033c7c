import type { AacEncoderChoice, AudioProfile, StreamInfo } from '#shared/ipc/control.ts';
import { hex } from '#shared/mpegts/bytes.ts';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import type { ParsedPmt } from '#shared/mpegts/pmt.ts';
import { type PlannedStream, type ProgramPlan, ProgramRemuxer } from '#shared/mpegts/program-remuxer.ts';
import { type AudioCodec, describeStreamType } from '#shared/mpegts/stream-type.ts';
import { asProgramNumber, type Pid } from '#shared/mpegts/types.ts';
import { LoudnessStage } from '../dsp/loudness-stage.ts';
import type { SampleProcessor } from './aac-run.ts';
import { addedStream, replacedStream } from './aac-stream-entry.ts';
import { AudioMargin } from './audio-margin.ts';
import { AudioTrack } from './audio-track.ts';
import { STEREO_ORDER, SURROUND_ORDER } from './downmix.ts';
import { freePid } from './free-pid.ts';
import type { PcmFormat } from './pcm-converter.ts';
import { planTracks, type TrackPlan } from './track-plan.ts';
import { UnexplainedStreams } from './unexplained-streams.ts';

export interface EngineOptions {
  /** program_number to keep; null: see ProgramTracker. */
  readonly program: number | null;
  readonly audio: AudioProfile;
  readonly encoder: AacEncoderChoice;
  /** Whole packets. */
  readonly onPackets: (packets: Buffer) => void;
  /** What `onPackets` gets is done with when it returns: it is written over by the next push. Otherwise it stays. */
  readonly reuseOutput?: boolean;
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

/** Why nothing can be made of what came so far. */
export interface Hopeless {
  readonly code: 'NO_PROGRAM' | 'SCRAMBLED' | 'NO_AUDIO';
  readonly message: string;
}

/** A stray packet whose bits say clear does not make a scrambled stream clear; a scrambled beginning is none for ever. */
const CLEAR_SHARE = 0.02;
/** PIDs named in an error text. */
const MAX_NAMED_PIDS = 12;

/**
 * The remux engine: one programme in, the same programme out with its audio turned into AAC. Video, subtitles and PCR go
 * through byte for byte in their order; audio packets are replaced where their frames were complete; PAT and PMT are
 * ours. Synchronous: what a push brings forth is handed over before it returns. Memory: 100 KiB per audio track in
 * stereo, 230 KiB in 5.1, the decoder and encoder, what is held back (4 MiB at the most), and output of the size of the
 * push.
 */
export class RemuxEngine {
  readonly #options: EngineOptions;
  readonly #faults = new FaultCounters();
  readonly #remuxer: ProgramRemuxer;
  readonly #margin: AudioMargin;
  /** By the source's PID. */
  readonly #tracks = new Map<Pid, AudioTrack>();
  /** What was found by looking. */
  readonly #codecs = new Map<Pid, AudioCodec>();
  readonly #unexplained: UnexplainedStreams;
  readonly #addedPids = new Map<Pid, Pid>();
  #framesBefore = { decoded: 0, encoded: 0 };
  /** A codec was found during a push: the plan is made anew after it. */
  #replan = false;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#remuxer = new ProgramRemuxer({
      program: options.program === null ? null : asProgramNumber(options.program),
      faults: this.#faults,
      service: null,
      plan: (pmt) => this.#plan(pmt),
      onPackets: options.onPackets,
      reuseOutput: options.reuseOutput ?? false,
    });
    this.#margin = new AudioMargin(this.#remuxer, this.#faults);
    this.#unexplained = new UnexplainedStreams((pid, codec) => this.#onCodec(pid, codec));
  }

  get ready(): boolean {
    return this.#remuxer.ready;
  }

  stats(): EngineStats {
    const frames = { ...this.#framesBefore };
    for (const track of this.#tracks.values()) {
      frames.decoded += track.framesDecoded;
      frames.encoded += track.framesEncoded;
    }
    return {
      bytesIn: this.#remuxer.bytesIn,
      bytesOut: this.#remuxer.bytesOut,
      framesDecoded: frames.decoded,
      framesEncoded: frames.encoded,
      minMarginMs: this.#margin.minTicks === null ? null : this.#margin.minTicks / 90,
      holdMs: this.#remuxer.holdTicks / 27_000,
      errors: this.#faults.toJSON(),
    };
  }

  /** Takes the whole packets in `bytes[from, to)`, which may be written again after the call. */
  push(bytes: Buffer, from = 0, to = bytes.length): void {
    this.#remuxer.push(bytes, from, to);
    this.#unexplained.giveUpAfter(this.#remuxer.lastPcr);
    if (!this.#replan) return;
    this.#replan = false;
    this.#remuxer.replan();
  }

  /** The source was interrupted: half tables, PES and frames are dropped; what follows starts at its own PTS. */
  discontinuity(): void {
    this.#remuxer.discontinuity();
    for (const track of this.#tracks.values()) track.discontinuity();
  }

  /** The stream ends: everything that is still held comes out. */
  finish(): void {
    for (const track of this.#tracks.values()) track.finish();
    this.#remuxer.finish();
  }

  close(): void {
    for (const pid of [...this.#tracks.keys()]) this.#closeTrack(pid);
  }

  /** To be asked when the stream has run for a while: why nothing comes out that anybody could play; null if it does. */
  hopeless(): Hopeless | null {
    const { pmt } = this.#remuxer;
    if (pmt === null) return { code: 'NO_PROGRAM', message: `${this.#describePat()}; ${this.#describePids()}` };
    const counts = pmt.streams.map((stream) => ({ stream, ...this.#remuxer.packetsOf(stream.pid) }));
    const seen = counts.map(({ stream, packets, scrambled }) => {
      const scrambledPart = scrambled > 0 ? `, ${scrambled} scrambled` : '';
      return `${hex(stream.pid, 4)} ${describeStreamType(stream.streamType)}: ${packets} packets${scrambledPart}`;
    });
    const carried = counts.filter(({ packets }) => packets > 0);
    if (carried.length > 0 && carried.every(({ packets, scrambled }) => packets - scrambled < packets * CLEAR_SHARE)) {
      const message = `programme ${pmt.program} is scrambled (${seen.join('; ')}); expected clear packets`;
      return { code: 'SCRAMBLED', message };
    }
    const passes = carried.some(({ stream, packets, scrambled }) => {
      return !this.#tracks.has(stream.pid) && packets > scrambled;
    });
    if (passes || this.#tracks.size === 0 || this.stats().framesEncoded > 0) return null;
    const expected = 'expected MPEG audio, AC-3, E-AC-3 or AAC';
    return {
      code: 'NO_AUDIO',
      message: `no sound was found in programme ${pmt.program} (${seen.join('; ')}); ${expected}`,
    };
  }

  #plan(pmt: ParsedPmt): ProgramPlan {
    const plans = planTracks(pmt.streams, this.#options.audio, this.#codecs);
    const made = new Set(plans.filter(({ action }) => action === 'aac' || action === 'add').map((p) => p.stream.pid));
    // What ends is drained before the new tables are written: no sample is lost, and it stands under the old ones.
    for (const pid of [...this.#tracks.keys()]) if (!made.has(pid)) this.#endTrack(pid);
    this.#options.onInfo({ program: pmt.program, tracks: plans.map((plan) => this.#describe(plan, pmt)) });
    // What is being looked into is left out until it is known: players do not follow a stream that turns into another.
    const unknown = this.#options.audio.mode === 'pass' ? [] : plans.filter(({ kind }) => kind.kind === 'other');
    const taps = this.#unexplained.tapsFor(unknown.map(({ stream }) => stream));
    const known = plans.filter(({ stream }) => !taps.has(stream.pid));
    return { streams: this.#outputStreams(known, pmt), taps };
  }

  /** The order of the PMT, but all AAC before what is kept of other audio. */
  #outputStreams(plans: readonly TrackPlan[], pmt: ParsedPmt): PlannedStream[] {
    const kept: PlannedStream[] = [];
    const streams: PlannedStream[] = [];
    for (const plan of plans) {
      const { stream } = plan;
      const passed = { source: stream, stream, replacer: null };
      if (plan.action === 'drop') continue;
      if (plan.action === 'pass') streams.push(passed);
      else if (plan.action === 'aac') {
        streams.push({ source: stream, stream: replacedStream(plan), replacer: this.#trackFor(plan, stream.pid) });
      } else {
        const pid = this.#addedPid(stream.pid, pmt);
        streams.push({ source: stream, stream: addedStream(plan, pid), replacer: this.#trackFor(plan, pid) });
        kept.push(passed);
      }
    }
    const lastAudio = streams.findLastIndex(
      ({ source }) => plans.find((p) => p.stream === source)?.kind.kind === 'audio',
    );
    streams.splice(lastAudio + 1, 0, ...kept);
    return streams;
  }

  #onCodec(pid: Pid, codec: AudioCodec | null): void {
    if (codec !== null) this.#codecs.set(pid, codec);
    this.#replan = true;
  }

  /** A track that goes on is left alone: a new PMT version is no interruption, a new codec only one of the input. */
  #trackFor({ stream, kind, dualMono }: TrackPlan, pid: Pid): AudioTrack {
    let track = this.#tracks.get(stream.pid);
    if (track === undefined) {
      const { audio, encoder } = this.#options;
      track = new AudioTrack({
        pid,
        // A PID that has passed until now goes on in its counters.
        firstContinuity: pid === stream.pid ? (this.#remuxer.nextContinuity(pid) ?? 0) : 0,
        stage: { encoder, bitrate: audio.bitrate, channels: audio.channels, createProcessor: processorFor(audio) },
        output: this.#remuxer.output,
        faults: this.#faults,
        onAccessUnit: (pts) => this.#margin.note(pts),
        onCodec: (codec) => this.#onCodec(stream.pid, codec),
      });
      this.#tracks.set(stream.pid, track);
    }
    if (kind.kind === 'audio') track.setSource(kind.codec, dualMono);
    return track;
  }

  #endTrack(pid: Pid): void {
    this.#tracks.get(pid)?.finish();
    this.#closeTrack(pid);
  }

  #closeTrack(pid: Pid): void {
    const track = this.#tracks.get(pid);
    if (track === undefined) return;
    this.#framesBefore.decoded += track.framesDecoded;
    this.#framesBefore.encoded += track.framesEncoded;
    track.close();
    this.#tracks.delete(pid);
  }

  /** Stays the same for as long as the stream runs, unless the programme takes it for something else. */
  #addedPid(source: Pid, pmt: ParsedPmt): Pid {
    const taken = new Set<number>([pmt.pcrPid, ...pmt.streams.map(({ pid }) => pid), ...this.#remuxer.pmtPids]);
    for (const [other, pid] of this.#addedPids) if (other !== source) taken.add(pid);
    const known = this.#addedPids.get(source);
    if (known !== undefined && !taken.has(known)) return known;
    if (known !== undefined) this.#endTrack(source);
    const pid = freePid(taken);
    this.#addedPids.set(source, pid);
    return pid;
  }

  #describe(plan: TrackPlan, pmt: ParsedPmt): StreamInfo['tracks'][number] {
    const { kind } = plan;
    return {
      pid: plan.stream.pid,
      codec: kind.kind === 'audio' || kind.kind === 'video' ? kind.codec : kind.kind,
      action: plan.action,
      addedPid: plan.action === 'add' ? this.#addedPid(plan.stream.pid, pmt) : null,
      language: plan.language,
      role: plan.role,
    };
  }

  #describePat(): string {
    const programs = this.#remuxer.programs.map((program) => hex(program, 4)).join(', ');
    return programs === ''
      ? 'no PAT came'
      : `the PAT lists programmes ${programs}, but no PMT of one that was asked for came`;
  }

  #describePids(): string {
    const { pids } = this.#remuxer;
    const named = pids
      .slice(0, MAX_NAMED_PIDS)
      .map((pid) => `${hex(pid, 4)} (${this.#remuxer.packetsOf(pid).packets})`);
    const more = pids.length > named.length ? ` and ${pids.length - named.length} more` : '';
    return pids.length === 0 ? 'no packet was seen' : `PIDs seen, with their packets: ${named.join(', ')}${more}`;
  }
}

/** One loudness stage per output format of a track; each goes on with the gain of the one before. */
function processorFor(audio: AudioProfile): ((format: PcmFormat) => SampleProcessor) | null {
  if (!audio.loudness && !audio.night) return null;
  let previous: LoudnessStage | null = null;
  return ({ sampleRate, channels }) => {
    const roles = channels === 2 ? STEREO_ORDER : SURROUND_ORDER;
    const stage = new LoudnessStage({ normalise: audio.loudness, night: audio.night, sampleRate, roles });
    if (previous !== null) stage.continueFrom(previous);
    previous = stage;
    return stage;
  };
}
