import type { FFEncoderCodec } from 'node-av/constants';
import {
  AV_CHANNEL_ORDER_NATIVE,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_OPT_TYPE_INT,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  AVERROR_EAGAIN,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import { XgError } from '#shared/errors.ts';
import { throwOnFailure } from './fail.ts';

export const FFMPEG_AAC_ENCODERS = ['libfdk_aac', 'aac'] as const;
export type FfmpegAacEncoderName = (typeof FFMPEG_AAC_ENCODERS)[number];

/** Channel masks by count, in AAC's own configurations 1…6 (ISO/IEC 14496-3, table 1.19) with side channels behind. */
const MASKS: Readonly<Record<number, bigint>> = {
  1: 0x4n,
  2: 0x3n,
  3: 0x7n,
  4: 0x107n,
  5: 0x37n,
  6: 0x3fn,
};

/** Samples by which the first access unit lies before the first input sample, by encoder (measured, and tested). */
const PRIMING: Readonly<Record<FfmpegAacEncoderName, number>> = { libfdk_aac: 2048, aac: 1024 };

export const AAC_FRAME = 1024;

/**
 * libfdk_aac's second search for better quantisers ("afterburner") costs more than all the rest of the encoder. From so
 * many bits per second and channel on it is left out: its noise stays 11 dB and more below the masking threshold, see
 * docs/decisions/0016-encoder-effort.md.
 */
const AMPLE_BITRATE = 96_000;

export interface AacEncoderOptions {
  readonly name: FfmpegAacEncoderName;
  readonly sampleRate: number;
  /** 1…6. */
  readonly channels: number;
  /** Bits per second over all channels. */
  readonly bitrate: number;
}

/** The first AAC-LC encoder this build of FFmpeg has. @throws XgError `FFMPEG_NO_ENCODER` when it has none. */
export function bestAacEncoder(): FfmpegAacEncoderName {
  for (const name of FFMPEG_AAC_ENCODERS) if (Codec.findEncoderByName(name as FFEncoderCodec) !== null) return name;
  throw new XgError(
    'FFMPEG_NO_ENCODER',
    `this build of FFmpeg has none of the encoders ${FFMPEG_AAC_ENCODERS.join(', ')}`,
  );
}

/** One FFmpeg AAC-LC encoder, used synchronously: 1024 samples in, raw access units (no ADTS) out. */
export class FfmpegAacEncoder {
  readonly options: AacEncoderOptions;
  /** Access unit k holds the input samples from `k · 1024 − priming` on. */
  readonly priming: number;
  readonly #context: CodecContext;
  readonly #packet: Packet;
  readonly #frame: Frame;
  #views: SampleViews | null = null;
  #samplesIn = 0;
  #open = true;

  constructor(options: AacEncoderOptions) {
    const codec = Codec.findEncoderByName(options.name as FFEncoderCodec);
    const mask = MASKS[options.channels];
    if (codec === null) throw new XgError('FFMPEG_NO_ENCODER', `this build of FFmpeg has no encoder ${options.name}`);
    if (mask === undefined) throw new XgError('FFMPEG', `AAC of ${options.channels} channels is not supported`);
    this.options = options;
    this.priming = PRIMING[options.name];
    const format = options.name === 'libfdk_aac' ? AV_SAMPLE_FMT_S16 : AV_SAMPLE_FMT_FLTP;
    const layout = { nbChannels: options.channels, order: AV_CHANNEL_ORDER_NATIVE, mask };
    this.#context = new CodecContext();
    this.#context.allocContext3(codec);
    this.#context.threadCount = 1;
    this.#context.sampleRate = options.sampleRate;
    this.#context.channelLayout = layout;
    this.#context.sampleFormat = format;
    this.#context.bitRate = BigInt(options.bitrate);
    this.#context.timeBase = new Rational(1, options.sampleRate);
    // Raw access units: without this flag libfdk_aac puts an ADTS header before each of them.
    this.#context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
    if (isAmple(options)) {
      // Not as a dictionary to open2: node-av frees what FFmpeg has put in its place a second time.
      throwOnFailure(this.#context.setOption('afterburner', 0, AV_OPT_TYPE_INT), 'setting afterburner');
    }
    throwOnFailure(this.#context.open2Sync(codec, null), `opening encoder ${options.name}`);
    this.#packet = new Packet();
    this.#packet.alloc();
    this.#frame = new Frame();
    this.#frame.alloc();
    this.#frame.format = format;
    this.#frame.nbSamples = AAC_FRAME;
    this.#frame.sampleRate = options.sampleRate;
    this.#frame.channelLayout = layout;
    throwOnFailure(this.#frame.getBuffer(0), 'allocating the encoder frame');
  }

  /**
   * Encodes 1024 samples read from each plane at `offset`. `onAccessUnit` gets each access unit that comes out, as a
   * view valid during the call.
   */
  encode(planes: readonly Float32Array[], offset: number, onAccessUnit: (bytes: Buffer) => void): void {
    // Views of the frame's memory cost as much as decoding: they are made anew only where that memory has changed.
    if (this.#views === null || !this.#frame.isWritable) {
      throwOnFailure(this.#frame.makeWritable(), 'making the encoder frame writable');
      this.#views = sampleViews(this.#frame, this.options);
    }
    const views = this.#views;
    if (views.kind === 's16') fillInterleavedS16(views.samples, planes, offset);
    else for (const [i, view] of views.planes.entries()) fillFloat(view, planes[i] as Float32Array, offset);
    this.#frame.pts = BigInt(this.#samplesIn);
    this.#samplesIn += AAC_FRAME;
    throwOnFailure(this.#context.sendFrameSync(this.#frame), `${this.options.name}: encoding`);
    for (;;) {
      const received = this.#context.receivePacketSync(this.#packet);
      if (received === AVERROR_EAGAIN) return;
      throwOnFailure(received, `${this.options.name}: encoding`);
      const data = this.#packet.data;
      try {
        if (data !== null) onAccessUnit(data);
      } finally {
        this.#packet.unref();
      }
    }
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#frame.free();
    this.#packet.free();
    this.#context.freeContext();
  }
}

/** The memory of an encoder's frame, as its sample format has it. */
type SampleViews =
  | { readonly kind: 's16'; readonly samples: Int16Array }
  | { readonly kind: 'fltp'; readonly planes: readonly Float32Array[] };

function sampleViews(frame: Frame, { name, channels }: AacEncoderOptions): SampleViews {
  const buffers = frame.data ?? [];
  const [first] = buffers;
  if (first === undefined || (name !== 'libfdk_aac' && buffers.length < channels)) {
    throw new XgError('FFMPEG', `${name}: the encoder frame has ${buffers.length} planes of memory`);
  }
  if (name === 'libfdk_aac') {
    return { kind: 's16', samples: new Int16Array(first.buffer, first.byteOffset, AAC_FRAME * channels) };
  }
  const planes = buffers.map(({ buffer, byteOffset }) => new Float32Array(buffer, byteOffset, AAC_FRAME));
  return { kind: 'fltp', planes };
}

function fillInterleavedS16(samples: Int16Array, planes: readonly Float32Array[], offset: number): void {
  const channels = planes.length;
  for (let channel = 0; channel < channels; channel++) {
    const plane = planes[channel] as Float32Array;
    let to = channel;
    for (let i = offset; i < offset + AAC_FRAME; i++) {
      const value = Math.round((plane[i] as number) * 32_767);
      samples[to] = Math.max(-32_768, Math.min(32_767, value));
      to += channels;
    }
  }
}

function fillFloat(target: Float32Array, plane: Float32Array, offset: number): void {
  target.set(plane.subarray(offset, offset + AAC_FRAME));
}

function isAmple({ name, bitrate, channels }: AacEncoderOptions): boolean {
  return name === 'libfdk_aac' && bitrate >= AMPLE_BITRATE * channels;
}
