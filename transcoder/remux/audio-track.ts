import type { FaultCounters } from '#shared/mpegts/faults.ts';
import type { PacketOutput } from '#shared/mpegts/packet-output.ts';
import type { PesHeader } from '#shared/mpegts/pes-header.ts';
import type { AudioCodec } from '#shared/mpegts/stream-type.ts';
import { TimestampUnwrapper } from '#shared/mpegts/timestamp.ts';
import type { Pid, Pts90k } from '#shared/mpegts/types.ts';
import { parseAc3Header } from '../codec/ac3.ts';
import { parseAdtsHeader } from '../codec/adts.ts';
import type { AudioHeaderParser } from '../codec/audio-frame.ts';
import { FrameSplitter, type SplitFrame } from '../codec/frame-splitter.ts';
import { parseLoasHeader } from '../codec/loas.ts';
import { parseMpegAudioHeader } from '../codec/mpeg-audio.ts';
import type { AacEncoderName } from '../ffmpeg/aac-encoder.ts';
import { AudioDecoder, type DecoderName } from '../ffmpeg/audio-decoder.ts';
import { AacPacketizer } from './aac-packetizer.ts';
import { AacStage } from './aac-stage.ts';
import { PesReader } from './pes-reader.ts';

interface CodecParts {
  readonly parse: AudioHeaderParser;
  readonly decoder: DecoderName;
}

const CODECS: Readonly<Partial<Record<AudioCodec, CodecParts>>> = {
  'mpeg-audio': { parse: parseMpegAudioHeader, decoder: 'mp2float' },
  ac3: { parse: parseAc3Header, decoder: 'ac3' },
  eac3: { parse: parseAc3Header, decoder: 'eac3' },
  'aac-latm': { parse: parseLoasHeader, decoder: 'aac_latm' },
  'aac-adts': { parse: parseAdtsHeader, decoder: 'aac' },
};

/** Codecs that an AudioTrack turns into AAC. */
export function canTranscode(codec: AudioCodec): boolean {
  return CODECS[codec] !== undefined;
}

/** The first audio stream_id (ISO/IEC 13818-1, table 2-22). */
const STREAM_ID_AUDIO = 0xc0;
/** More lost bytes than this are not reckoned as frames: the next PTS tells better. */
const MAX_RECKONED_FRAMES = 16;

export interface AudioTrackOptions {
  readonly pid: Pid;
  readonly codec: AudioCodec;
  readonly encoder: AacEncoderName;
  readonly bitrate: number;
  readonly output: PacketOutput;
  readonly faults: FaultCounters;
  /** Called with each access unit's PTS as it is written. */
  readonly onAccessUnit: (pts: Pts90k) => void;
}

interface PtsMark {
  /** Position in the elementary stream from which the next frame to begin carries the PTS. */
  readonly position: number;
  readonly pts: Pts90k;
}

/** One audio PID: packets of the source's codec in, packets of AAC on the same PID out. */
export class AudioTrack {
  readonly pid: Pid;
  readonly #faults: FaultCounters;
  readonly #pes: PesReader;
  readonly #splitter: FrameSplitter;
  readonly #decoder: AudioDecoder;
  readonly #stage: AacStage;
  readonly #packetizer: AacPacketizer;
  readonly #unwrapper = new TimestampUnwrapper();
  /** PTS of PES whose first frame has not come yet; in one of 4 bytes of data at least, so the splitter bounds it. */
  #marks: PtsMark[] = [];
  #framesDecoded = 0;
  /** Where the frame after the last one should begin, and what frames look like, for reckoning what was lost. */
  #expected: { position: number; length: number; samples: number; sampleRate: number } | null = null;

  constructor(options: AudioTrackOptions) {
    const parts = CODECS[options.codec];
    if (parts === undefined) throw new TypeError(`no decoder for ${options.codec}`);
    this.pid = options.pid;
    this.#faults = options.faults;
    this.#pes = new PesReader({
      onStart: (header) => this.#onPes(header),
      onData: (bytes, from, to) => this.#splitter.push(bytes, from, to),
      onBadHeader: () => this.#faults.add('pes-header'),
    });
    this.#splitter = new FrameSplitter(
      parts.parse,
      (frame) => this.#onFrame(frame),
      (bytes) => this.#faults.add('junk-bytes', bytes),
    );
    this.#decoder = new AudioDecoder(parts.decoder);
    this.#packetizer = new AacPacketizer(options.pid, STREAM_ID_AUDIO);
    this.#stage = new AacStage(options, options.faults, (unit, pts, rateIndex, configuration) => {
      this.#packetizer.writeAccessUnit(options.output, unit, pts, rateIndex, configuration);
      options.onAccessUnit(pts);
    });
  }

  get framesDecoded(): number {
    return this.#framesDecoded;
  }

  get framesEncoded(): number {
    return this.#stage.framesEncoded;
  }

  /** Counter for a PCR packet on this PID, which carries no payload. */
  get lastContinuity(): number {
    return this.#packetizer.lastContinuity;
  }

  /** `lost`: packets of this PID that are missing before this one, modulo 16. */
  pushPacket(bytes: Uint8Array, offset: number, lost: number): void {
    if (lost > 0) {
      this.#pes.lose(lost * 184);
      this.#splitter.loseBytes(lost * 184);
    }
    this.#pes.pushPacket(bytes, offset);
  }

  /** The stream was interrupted: half frames are dropped; the next PTS says where time goes on. */
  discontinuity(): void {
    this.#pes.reset();
    this.#splitter.loseBytes(0);
    this.#marks = [];
    this.#expected = null;
    this.#decoder.flush();
  }

  /** The stream ends: the last frame and what the encoder holds come out. */
  finish(): void {
    this.#splitter.finish();
    this.#stage.finish();
  }

  close(): void {
    this.#stage.close();
    this.#decoder.close();
  }

  #onPes(header: PesHeader): void {
    if (header.pts !== null) this.#marks.push({ position: this.#splitter.writePosition, pts: header.pts });
    if (this.#marks.length > 64) this.#marks.shift();
  }

  /** The PTS belongs to the first frame that begins in the PES (2.4.3.7). */
  #takePts(position: number): number | null {
    let pts: Pts90k | null = null;
    while (this.#marks.length > 0 && (this.#marks[0] as PtsMark).position <= position) {
      pts = (this.#marks.shift() as PtsMark).pts;
    }
    return pts === null ? null : this.#unwrapper.unwrap(pts);
  }

  #onFrame(frame: SplitFrame): void {
    const pts = this.#takePts(frame.position);
    if (pts === null) this.#bridgeLoss(frame);
    const { header } = frame;
    this.#expected = { position: frame.position + header.length, ...header };
    let firstPts = pts;
    const decoded = this.#decoder.decode(frame.bytes, (pcm) => {
      this.#stage.push(pcm, firstPts);
      firstPts = null;
    });
    if (decoded) this.#framesDecoded++;
    else {
      this.#faults.add('decode');
      if (header.samples > 0) this.#stage.pushSilence(header.samples, header.sampleRate);
    }
  }

  /** A frame without PTS after a loss: as many frames of silence as fit into the bytes that are missing. */
  #bridgeLoss(frame: SplitFrame): void {
    const expected = this.#expected;
    if (expected === null || expected.samples === 0) return;
    const frames = Math.round((frame.position - expected.position) / expected.length);
    if (frames > 0 && frames <= MAX_RECKONED_FRAMES) {
      this.#stage.pushSilence(frames * expected.samples, expected.sampleRate);
    }
  }
}
