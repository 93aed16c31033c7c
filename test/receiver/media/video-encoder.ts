import type { FFEncoderCodec } from 'node-av/constants';
import {
  AV_CODEC_FLAG_CLOSED_GOP,
  AV_CODEC_FLAG_INTERLACED_DCT,
  AV_CODEC_FLAG_INTERLACED_ME,
  AV_FRAME_FLAG_INTERLACED,
  AV_FRAME_FLAG_TOP_FIELD_FIRST,
  AV_PIX_FMT_YUV420P,
  AVERROR_EAGAIN,
  AVERROR_EOF,
} from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from 'node-av/lib';
import type { VideoId } from '../lineup/services.ts';
import { Painter } from './painter.ts';
import { type AccessUnit, FRAME_RATE, LOOP_FRAMES } from './timing.ts';

interface VideoRecipe {
  readonly encoder: string;
  readonly width: number;
  readonly height: number;
  readonly interlaced: boolean;
  readonly bitrate: number;
  readonly bFrames: number;
  readonly sampleAspect: readonly [number, number];
  readonly label: string;
  readonly options: Readonly<Record<string, string>>;
}

/** Bit rates are upper limits kept over half a second; pictures of one colour need less. */
const RECIPES: Readonly<Record<VideoId, VideoRecipe>> = {
  'h264-576p': {
    encoder: 'libx264',
    width: 1024,
    height: 576,
    interlaced: false,
    bitrate: 2_500_000,
    bFrames: 2,
    sampleAspect: [1, 1],
    label: 'H.264 576P25',
    options: {
      preset: 'superfast',
      'x264-params': 'keyint=25:min-keyint=25:scenecut=0:open-gop=0:aud=1:rc-lookahead=5:nal-hrd=none',
    },
  },
  'h264-1080i': {
    encoder: 'libx264',
    width: 1920,
    height: 1080,
    interlaced: true,
    bitrate: 5_000_000,
    bFrames: 0,
    sampleAspect: [1, 1],
    label: 'H.264 1080I25',
    options: {
      preset: 'ultrafast',
      'x264-params': 'keyint=25:min-keyint=25:scenecut=0:open-gop=0:aud=1:rc-lookahead=0:tff=1',
    },
  },
  'mpeg2-576i': {
    encoder: 'mpeg2video',
    width: 720,
    height: 576,
    interlaced: true,
    bitrate: 3_500_000,
    bFrames: 2,
    sampleAspect: [64, 45],
    label: 'MPEG-2 576I25',
    options: { sc_threshold: '1000000000' },
  },
  'hevc-540p': {
    encoder: 'libx265',
    width: 960,
    height: 540,
    interlaced: false,
    bitrate: 2_000_000,
    bFrames: 2,
    sampleAspect: [1, 1],
    label: 'HEVC 540P25',
    options: {
      preset: 'ultrafast',
      'x265-params':
        'keyint=25:min-keyint=25:scenecut=0:open-gop=0:aud=1:repeat-headers=1:rc-lookahead=5:log-level=none:info=0',
    },
  },
};

const TICKS_PER_FRAME = 90_000 / FRAME_RATE;

/** Encodes the whole loop. `onFrame` hears the number of pictures done. @throws Error when FFmpeg refuses. */
export function encodeVideo(id: VideoId, onFrame: (done: number) => void): AccessUnit[] {
  const recipe = RECIPES[id];
  const context = openEncoder(recipe);
  const frame = new Frame();
  const packet = new Packet();
  const units: AccessUnit[] = [];
  try {
    packet.alloc();
    frame.alloc();
    frame.format = AV_PIX_FMT_YUV420P;
    frame.width = recipe.width;
    frame.height = recipe.height;
    check(frame.getBuffer(0), 'allocating the picture');
    if (recipe.interlaced) frame.setFlags(AV_FRAME_FLAG_INTERLACED, AV_FRAME_FLAG_TOP_FIELD_FIRST);
    const painter = new Painter(recipe);
    for (let index = 0; index < LOOP_FRAMES; index++) {
      check(frame.makeWritable(), 'making the picture writable');
      painter.paint({ data: frame.data ?? [], linesize: frame.linesize }, index);
      frame.pts = BigInt(index);
      check(context.sendFrameSync(frame), 'encoding');
      receive(context, packet, units);
      onFrame(index + 1);
    }
    check(context.sendFrameSync(null), 'finishing');
    receive(context, packet, units);
  } finally {
    packet.free();
    frame.free();
    context.freeContext();
  }
  if (units.length !== LOOP_FRAMES)
    throw new Error(`${id}: ${units.length} pictures came out, expected ${LOOP_FRAMES}`);
  return units;
}

function openEncoder(recipe: VideoRecipe): CodecContext {
  const codec = Codec.findEncoderByName(recipe.encoder as FFEncoderCodec);
  if (codec === null) throw new Error(`this build of FFmpeg has no encoder ${recipe.encoder}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = recipe.width;
  context.height = recipe.height;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, FRAME_RATE);
  context.framerate = new Rational(FRAME_RATE, 1);
  context.sampleAspectRatio = new Rational(recipe.sampleAspect[0], recipe.sampleAspect[1]);
  context.gopSize = FRAME_RATE;
  context.maxBFrames = recipe.bFrames;
  context.bitRate = BigInt(recipe.bitrate);
  context.rcMaxRate = BigInt(recipe.bitrate);
  context.rcBufferSize = recipe.bitrate / 2;
  context.setFlags(AV_CODEC_FLAG_CLOSED_GOP);
  if (recipe.interlaced) context.setFlags(AV_CODEC_FLAG_INTERLACED_DCT, AV_CODEC_FLAG_INTERLACED_ME);
  for (const [name, value] of Object.entries(recipe.options)) {
    const target = name === 'sc_threshold' ? context.setOption(name, Number(value)) : context.setOption(name, value);
    check(target, `setting ${name} of ${recipe.encoder}`);
  }
  check(context.open2Sync(codec, null), `opening encoder ${recipe.encoder}`);
  return context;
}

function receive(context: CodecContext, packet: Packet, units: AccessUnit[]): void {
  for (;;) {
    const received = context.receivePacketSync(packet);
    if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return;
    check(received, 'encoding');
    const data = packet.data;
    if (data === null) throw new Error('the encoder gave a picture without bytes');
    units.push({
      bytes: Buffer.from(data), // copy: the packet's memory is used again
      pts: Number(packet.pts) * TICKS_PER_FRAME,
      dts: Number(packet.dts) * TICKS_PER_FRAME,
      key: packet.isKeyframe,
    });
    packet.unref();
  }
}

function check(code: number, what: string): void {
  if (code < 0) throw new Error(`${what} failed: ${new FFmpegError(code).message}`);
}
