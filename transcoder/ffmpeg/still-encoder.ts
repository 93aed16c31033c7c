import type { FFEncoderCodec } from 'node-av/constants';
import {
  AV_CODEC_FLAG_CLOSED_GOP,
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_YUV420P,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  FF_QP2LAMBDA,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import { XgError } from '#shared/errors.ts';
import { throwOnFailure } from './fail.ts';

export type StillCodec = 'h264' | 'mpeg2';

export interface StillOptions {
  readonly codec: StillCodec;
  readonly width: number;
  readonly height: number;
  readonly frameRate: { readonly num: number; readonly den: number };
  readonly sampleAspect: { readonly num: number; readonly den: number };
  /** Pictures to make: one closed GOP. */
  readonly pictures: number;
}

/** YUV 4:2:0 with a stride per plane. */
export interface StillMemory {
  readonly planes: readonly Uint8Array[];
  readonly strides: readonly number[];
}

const ENCODERS: Readonly<Record<StillCodec, string>> = { h264: 'libx264', mpeg2: 'mpeg2video' };

/** Letters stay sharp, and a GOP takes some 50 KiB. */
const H264_QP = 28;
const MPEG2_QUANTISER = 8;

/**
 * Encodes one picture, held for a GOP: the first access unit is a random access point, the rest say that nothing has
 * changed. None is reordered. Works on FFmpeg's side of the thread pool: running streams are not held up.
 *
 * @throws XgError `FFMPEG_NO_ENCODER`, `FFMPEG`.
 */
export async function encodeStill(options: StillOptions, paint: (memory: StillMemory) => void): Promise<Buffer[]> {
  const context = openContext(options);
  const frame = new Frame();
  const packet = new Packet();
  const units: Buffer[] = [];
  try {
    packet.alloc();
    frame.alloc();
    frame.format = AV_PIX_FMT_YUV420P;
    frame.width = options.width;
    frame.height = options.height;
    throwOnFailure(frame.getBuffer(0), 'allocating the picture');
    paint({ planes: frame.data ?? [], strides: frame.linesize });
    for (let index = 0; index < options.pictures; index++) {
      frame.pts = BigInt(index);
      throwOnFailure(await context.sendFrame(frame), 'encoding a picture');
      await receive(context, packet, units);
    }
    throwOnFailure(await context.sendFrame(null), 'encoding a picture');
    await receive(context, packet, units);
  } finally {
    packet.free();
    frame.free();
    context.freeContext();
  }
  if (units.length === options.pictures) return units;
  throw new XgError('FFMPEG', `${options.pictures} pictures went into the encoder, ${units.length} came out`);
}

async function receive(context: CodecContext, packet: Packet, units: Buffer[]): Promise<void> {
  for (;;) {
    const received = await context.receivePacket(packet);
    if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return;
    throwOnFailure(received, 'encoding a picture');
    if (packet.data !== null) units.push(Buffer.from(packet.data)); // copy: the packet's memory is used again
    packet.unref();
  }
}

function openContext(options: StillOptions): CodecContext {
  const name = ENCODERS[options.codec];
  const codec = Codec.findEncoderByName(name as FFEncoderCodec);
  if (codec === null) throw new XgError('FFMPEG_NO_ENCODER', `this build of FFmpeg has no encoder ${name}`);
  const { num, den } = options.frameRate;
  const context = new CodecContext();
  context.allocContext3(codec);
  context.threadCount = 1;
  context.width = options.width;
  context.height = options.height;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(den, num);
  context.framerate = new Rational(num, den);
  context.sampleAspectRatio = new Rational(options.sampleAspect.num, options.sampleAspect.den);
  context.gopSize = options.pictures;
  context.maxBFrames = 0;
  context.setFlags(AV_CODEC_FLAG_CLOSED_GOP);
  if (options.codec === 'mpeg2') {
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    context.globalQuality = MPEG2_QUANTISER * FF_QP2LAMBDA;
    throwOnFailure(context.setOption('sc_threshold', 1_000_000_000), 'setting sc_threshold');
  } else {
    const x264 = `keyint=${options.pictures}:min-keyint=${options.pictures}:scenecut=0:open-gop=0:aud=1:rc-lookahead=0`;
    for (const [key, value] of [
      ['preset', 'superfast'],
      ['qp', String(H264_QP)],
      ['x264-params', `${x264}:sync-lookahead=0:mbtree=0:weightp=0`],
    ] as const) {
      throwOnFailure(context.setOption(key, value), `setting ${key} of ${name}`);
    }
  }
  throwOnFailure(context.open2Sync(codec, null), `opening encoder ${name}`);
  return context;
}
