import { type Ac3Header, parseAc3Header } from '#shared/codec/ac3.ts';
import { parseAdtsHeader } from '#shared/codec/adts.ts';
import type { AudioFrameHeader, AudioHeaderParser } from '#shared/codec/audio-frame.ts';
import { Eac3Units } from '#shared/codec/eac3-units.ts';
import { FrameSplitter, type SplitFrame } from '#shared/codec/frame-splitter.ts';
import { parseLoasHeader } from '#shared/codec/loas.ts';
import { parseMpegAudioHeader } from '#shared/codec/mpeg-audio.ts';
import type { FaultCounters } from '#shared/mpegts/faults.ts';
import type { PesHeader } from '#shared/mpegts/pes-header.ts';
import { PesReader } from '#shared/mpegts/pes-reader.ts';
import type { AudioCodec } from '#shared/mpegts/stream-type.ts';
import type { TimestampUnwrapper } from '#shared/mpegts/timestamp.ts';
import type { Pts90k } from '#shared/mpegts/types.ts';
import { CodecProbe } from '../codec/codec-probe.ts';

const PARSERS: Readonly<Partial<Record<AudioCodec, AudioHeaderParser>>> = {
  'mpeg-audio': parseMpegAudioHeader,
  ac3: parseAc3Header,
  eac3: parseAc3Header,
  'aac-latm': parseLoasHeader,
  'aac-adts': parseAdtsHeader,
};

/** More lost bytes than this are not reckoned as frames: the next PTS tells better. */
const MAX_RECKONED_FRAMES = 16;
/** After a last frame so long ago the codec may have changed. */
const DOUBT_BYTES = 8 * 1024;
/** PES headers kept whose frames have not begun. */
const MAX_MARKS = 64;

/** A whole frame with its place in time. */
export interface InputFrame {
  /** A view, valid during the call. */
  readonly bytes: Buffer;
  readonly header: AudioFrameHeader;
  /** Unwrapped 90 kHz ticks; null when no PTS belongs to this frame. */
  readonly pts: number | null;
  /** Samples that were lost before it, as far as the missing bytes tell; 0 where a PTS tells better. */
  readonly lostSamples: number;
}

export interface AudioInputListener {
  onFrame(frame: InputFrame): void;
  /** The stream is of another codec than was said. */
  onCodec(codec: AudioCodec): void;
}

interface PtsMark {
  /** Position in the elementary stream from which the next frame to begin carries the PTS. */
  readonly position: number;
  readonly pts: Pts90k;
}

/** The packets of one PID as frames of one codec, with the PTS that belong to them (ISO/IEC 13818-1, 2.4.3.7). */
export class AudioInput {
  readonly #codec: AudioCodec;
  readonly #listener: AudioInputListener;
  readonly #faults: FaultCounters;
  readonly #unwrapper: TimestampUnwrapper;
  readonly #pes: PesReader;
  readonly #splitter: FrameSplitter;
  readonly #units: Eac3Units | null;
  #marks: PtsMark[] = [];
  /** Looks for another codec until the first frame has come, and when none has come for long. */
  #probe: CodecProbe | null = new CodecProbe();
  /** Bytes since the last frame; null when they were looked into and are nothing. */
  #bytesInDoubt: number | null = 0;
  /** PES_scrambling_control of the PES in work. */
  #scrambled = false;
  /** Packets were lost since the last frame. */
  #lost = false;
  /** Packets and bytes of the elementary stream so far: what a lost packet is reckoned as. */
  #seen = { packets: 0, bytes: 0 };
  /** The last frame, and the bytes from its end to the next one (other substreams), for reckoning what was lost. */
  #last: { position: number; length: number; between: number; samples: number } | null = null;

  /** The unwrapper is the track's: time goes on when the codec changes. */
  constructor(
    codec: AudioCodec,
    parts: {
      readonly listener: AudioInputListener;
      readonly faults: FaultCounters;
      readonly unwrapper: TimestampUnwrapper;
    },
  ) {
    const parse = PARSERS[codec];
    if (parse === undefined) throw new TypeError(`no frame syntax for ${codec}`);
    this.#codec = codec;
    this.#listener = parts.listener;
    this.#faults = parts.faults;
    this.#unwrapper = parts.unwrapper;
    this.#pes = new PesReader({
      onStart: (header) => this.#onPes(header),
      onData: (bytes, from, to) => this.#onData(bytes, from, to),
      onBadHeader: () => this.#faults.add('pes-header'),
    });
    this.#units = codec === 'eac3' ? new Eac3Units((unit) => this.#onUnit(unit)) : null;
    this.#splitter = new FrameSplitter(
      parse,
      (frame) => this.#onFrame(frame),
      (bytes) => this.#faults.add('junk-bytes', bytes),
    );
  }

  pushPacket(bytes: Uint8Array, offset: number, lost: number): void {
    if (lost > 0) {
      this.#pes.lose();
      const { packets, bytes: seen } = this.#seen;
      this.#lose(packets === 0 ? 0 : Math.round((lost * seen) / packets));
    }
    this.#seen.packets++;
    this.#pes.pushPacket(bytes, offset);
  }

  /** The stream was interrupted: half frames are dropped; the next PTS says where time goes on. */
  discontinuity(): void {
    this.#pes.reset();
    this.#splitter.loseBytes(0);
    this.#units?.reset();
    this.#marks = [];
    this.#last = null;
  }

  /** The stream ends: the last frame comes out. */
  finish(): void {
    this.#splitter.finish();
    this.#units?.finish();
  }

  /** A frame in work is lost, and with it the PTS that may have been its: it is not that of the next one. */
  #lose(bytes: number): void {
    this.#lost = true;
    this.#splitter.loseBytes(bytes);
    this.#units?.reset();
    this.#marks = [];
  }

  #onPes(header: PesHeader): void {
    this.#scrambled = header.scrambled;
    if (header.scrambled) this.#faults.add('scrambled');
    else if (header.pts !== null) this.#marks.push({ position: this.#splitter.writePosition, pts: header.pts });
    if (this.#marks.length > MAX_MARKS) this.#marks.shift();
  }

  #onData(bytes: Uint8Array, from: number, to: number): void {
    this.#seen.bytes += to - from;
    if (this.#scrambled) {
      this.#lose(to - from);
      return;
    }
    this.#splitter.push(bytes, from, to);
    if (this.#probe === null) {
      if (this.#bytesInDoubt === null) return;
      this.#bytesInDoubt += to - from;
      if (this.#bytesInDoubt < DOUBT_BYTES) return;
      this.#probe = new CodecProbe();
    }
    const codec = this.#probe.push(bytes, from, to);
    if (codec === null && !this.#probe.exhausted) return;
    this.#probe = null;
    this.#bytesInDoubt = null;
    if (codec !== null && codec !== this.#codec) this.#listener.onCodec(codec);
  }

  #onFrame(frame: SplitFrame): void {
    this.#bytesInDoubt = 0;
    this.#probe = null;
    if (this.#units === null) this.#onUnit(frame);
    else this.#units.push(frame.bytes, frame.header as Ac3Header, frame.position);
  }

  #onUnit(frame: SplitFrame): void {
    const { bytes, header, position } = frame;
    const pts = this.#takePts(position);
    const lostSamples = pts === null && this.#lost ? this.#reckonLoss(position) : 0;
    const last = this.#last;
    const between = last === null ? 0 : this.#lost ? last.between : position - last.position - last.length;
    this.#last = { position, length: bytes.length, between, samples: header.samples };
    this.#lost = false;
    this.#listener.onFrame({ bytes, header, pts, lostSamples });
  }

  /** The PTS belongs to the first frame that begins in the PES. */
  #takePts(position: number): number | null {
    let pts: Pts90k | null = null;
    while (this.#marks.length > 0 && (this.#marks[0] as PtsMark).position <= position) {
      pts = (this.#marks.shift() as PtsMark).pts;
    }
    return pts === null ? null : this.#unwrapper.unwrap(pts);
  }

  /** As many frames as fit into the bytes that are missing before `position`. */
  #reckonLoss(position: number): number {
    if (this.#last === null) return 0;
    const { length, between, samples } = this.#last;
    const stride = length + between;
    const frames = Math.round((position - this.#last.position) / stride) - 1;
    return frames > 0 && frames <= MAX_RECKONED_FRAMES ? frames * samples : 0;
  }
}
