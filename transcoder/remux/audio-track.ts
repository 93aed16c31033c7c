import type { FaultCounters } from '#shared/mpegts/faults.ts';
import type { PacketOutput } from '#shared/mpegts/packet-output.ts';
import type { PacketReplacer } from '#shared/mpegts/program-remuxer.ts';
import type { AudioCodec } from '#shared/mpegts/stream-type.ts';
import { TimestampUnwrapper } from '#shared/mpegts/timestamp.ts';
import type { Pid, Pts90k } from '#shared/mpegts/types.ts';
import { AudioDecoder, type DecoderName } from '../ffmpeg/audio-decoder.ts';
import { AacPacketizer } from './aac-packetizer.ts';
import type { AccessUnitSink } from './aac-run.ts';
import { AacStage, type AacStageOptions } from './aac-stage.ts';
import { AudioInput, type InputFrame } from './audio-input.ts';
import { LatmRewrapper } from './latm-rewrapper.ts';
import type { DualMonoChoice } from './track-plan.ts';

const DECODERS: Readonly<Partial<Record<AudioCodec, DecoderName>>> = {
  'mpeg-audio': 'mp3float', // of layers I, II and III alike
  ac3: 'ac3',
  eac3: 'eac3',
  'aac-latm': 'aac_latm',
  'aac-adts': 'aac',
};

/** The first audio stream_id (ISO/IEC 13818-1, table 2-22). */
const STREAM_ID_AUDIO = 0xc0;

export interface AudioTrackOptions {
  /** Where the AAC goes. */
  readonly pid: Pid;
  readonly stage: AacStageOptions;
  readonly output: PacketOutput;
  readonly faults: FaultCounters;
  /** continuity_counter of the first packet. */
  readonly firstContinuity: number;
  /** Called with the PTS of each access unit that left as soon as it could. */
  readonly onAccessUnit: (pts: Pts90k) => void;
  /** The source is of another codec than the tables say. */
  readonly onCodec: (codec: AudioCodec) => void;
}

/** One audio track: packets of the source's codec in, packets of AAC out. The codec may change, the output goes on. */
export class AudioTrack implements PacketReplacer {
  readonly pid: Pid;
  readonly #options: AudioTrackOptions;
  readonly #stage: AacStage;
  readonly #packetizer: AacPacketizer;
  readonly #onUnit: AccessUnitSink;
  readonly #unwrapper = new TimestampUnwrapper();
  #codec: AudioCodec | null = null;
  #dualMono: DualMonoChoice = null;
  #input: AudioInput | null = null;
  #decoder: AudioDecoder | null = null;
  /** While access units can be taken as they are. */
  #rewrapper: LatmRewrapper | null = null;
  #framesDecoded = 0;
  #framesRewrapped = 0;

  constructor(options: AudioTrackOptions) {
    this.pid = options.pid;
    this.#options = options;
    this.#packetizer = new AacPacketizer(options.pid, STREAM_ID_AUDIO, options.firstContinuity);
    this.#onUnit = (unit) => {
      this.#packetizer.writeAccessUnit(options.output, unit);
      if (unit.punctual) options.onAccessUnit(unit.pts);
    };
    this.#stage = new AacStage(options.stage, options.faults, this.#onUnit);
  }

  get framesDecoded(): number {
    return this.#framesDecoded;
  }

  get framesEncoded(): number {
    return this.#stage.framesEncoded + this.#framesRewrapped;
  }

  get lastContinuity(): number {
    return this.#packetizer.lastContinuity;
  }

  /** What comes from now on is of this codec. The same one again is no interruption. */
  setSource(codec: AudioCodec, dualMono: DualMonoChoice): void {
    this.#dualMono = dualMono;
    if (codec === this.#codec) return;
    this.#input?.finish();
    this.#decoder?.close();
    this.#decoder = null;
    this.#codec = codec;
    const { faults, stage, onCodec } = this.#options;
    this.#rewrapper = codec === 'aac-latm' && stage.createProcessor === null ? new LatmRewrapper(this.#onUnit) : null;
    this.#input = new AudioInput(codec, {
      listener: { onFrame: (frame) => this.#onFrame(frame), onCodec },
      faults,
      unwrapper: this.#unwrapper,
    });
  }

  pushPacket(bytes: Uint8Array, offset: number, lost: number): void {
    this.#input?.pushPacket(bytes, offset, lost);
  }

  /** The stream was interrupted: half frames are dropped; the next PTS says where time goes on. */
  discontinuity(): void {
    this.#input?.discontinuity();
    this.#rewrapper?.reset();
    this.#decoder?.flush();
  }

  /** The stream ends: the last frame and what the encoder holds come out. */
  finish(): void {
    this.#input?.finish();
    this.#stage.finish();
  }

  close(): void {
    this.#stage.close();
    this.#decoder?.close();
    this.#decoder = null;
    this.#input = null;
  }

  #onFrame(frame: InputFrame): void {
    if (this.#rewrapper === null) {
      this.#decode(frame, frame.pts);
      return;
    }
    const { nextPts } = this.#rewrapper;
    switch (this.#rewrapper.push(frame.bytes, frame.pts)) {
      case 'done':
        this.#framesRewrapped++;
        return;
      case 'broken':
        this.#options.faults.add('decode');
        return;
      case 'unsupported':
        this.#rewrapper = null;
        this.#decode(frame, frame.pts ?? nextPts);
        return;
    }
  }

  #decode({ bytes, header, lostSamples }: InputFrame, pts: number | null): void {
    if (lostSamples > 0) this.#stage.pushSilence(lostSamples, header.sampleRate);
    const dualMono = header.dualMono ? this.#dualMono : null;
    let firstPts = pts;
    const sampleRate = isAac(this.#codec) ? null : header.sampleRate;
    const decoded = this.#decoderOf().decode(bytes, sampleRate, (pcm) => {
      this.#stage.push(pcm, firstPts, dualMono);
      firstPts = null;
    });
    if (decoded) this.#framesDecoded++;
    else {
      this.#options.faults.add('decode');
      this.#stage.pushSilence(header.samples, header.sampleRate);
    }
  }

  #decoderOf(): AudioDecoder {
    this.#decoder ??= new AudioDecoder(decoderName(this.#codec));
    return this.#decoder;
  }
}

/** Its headers tell the core's rate, which SBR may double. */
function isAac(codec: AudioCodec | null): boolean {
  return codec === 'aac-latm' || codec === 'aac-adts';
}

function decoderName(codec: AudioCodec | null): DecoderName {
  const name = codec === null ? undefined : DECODERS[codec];
  if (name === undefined) throw new TypeError(`no decoder for ${codec}`);
  return name;
}
