import type { AVSampleFormat, FFEncoderCodec } from 'node-av/constants';
import {
  AV_CHANNEL_ORDER_NATIVE,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  AVERROR_EAGAIN,
  AVERROR_EOF,
} from 'node-av/constants';
import { Codec, CodecContext, FFmpegError, Frame, Packet, Rational } from 'node-av/lib';
import type { AudioId } from '../lineup/services.ts';
import { wrapInLoas } from './loas-writer.ts';
import { sampleAt } from './sound.ts';
import { type AccessUnit, LOOP_SECONDS, SAMPLE_RATE } from './timing.ts';

interface AudioRecipe {
  readonly encoder: string;
  readonly format: AVSampleFormat;
  readonly channels: number;
  readonly mask: bigint;
  readonly bitrate: number;
  readonly frame: number;
  readonly pitchHz: number;
  /**
   * Samples by which what a decoder gives for a frame lies before what was put in for it. The sound is put in earlier
   * by as much, so that a frame's PTS is that of the sound heard from it.
   */
  readonly delay: number;
  readonly loas?: true;
}

const STEREO = { channels: 2, mask: 0x3n };
/** AC-3's own 5.1: with side channels. */
const SURROUND = { channels: 6, mask: 0x60fn };
const MP2 = {
  encoder: 'mp2',
  format: AV_SAMPLE_FMT_S16,
  ...STEREO,
  bitrate: 192_000,
  frame: 1152,
  delay: 481,
} as const;
const AC3 = { encoder: 'ac3', format: AV_SAMPLE_FMT_FLTP, frame: 1536, delay: 256, pitchHz: 1000 } as const;

const RECIPES: Readonly<Record<AudioId, AudioRecipe>> = {
  'mp2-1000': { ...MP2, pitchHz: 1000 },
  'mp2-1500': { ...MP2, pitchHz: 1500 },
  'ac3-51-1000': { ...AC3, ...SURROUND, bitrate: 448_000 },
  'ac3-20-1000': { ...AC3, ...STEREO, bitrate: 256_000 },
  'eac3-20-1000': { ...AC3, encoder: 'eac3', ...STEREO, bitrate: 192_000 },
  'latm-1000': {
    encoder: 'aac',
    format: AV_SAMPLE_FMT_FLTP,
    ...STEREO,
    bitrate: 160_000,
    frame: 1024,
    delay: 1024,
    pitchHz: 1000,
    loas: true,
  },
};

/** Encoders are fed this much of the loop's end before its start, so that they are in the state of a running stream. */
const PREROLL_FRAMES = 48;
/** … and this much after its end, so that what they hold back comes out. */
const POSTROLL_FRAMES = 4;

/** Frames of the whole loop, one access unit each. @throws Error when FFmpeg refuses. */
export function encodeAudio(id: AudioId): AccessUnit[] {
  const recipe = RECIPES[id];
  const context = openEncoder(recipe);
  const frame = new Frame();
  const packet = new Packet();
  const packets: Buffer[] = [];
  const count = (LOOP_SECONDS * SAMPLE_RATE) / recipe.frame;
  try {
    packet.alloc();
    frame.alloc();
    frame.format = recipe.format;
    frame.nbSamples = recipe.frame;
    frame.sampleRate = SAMPLE_RATE;
    frame.channelLayout = { nbChannels: recipe.channels, order: AV_CHANNEL_ORDER_NATIVE, mask: recipe.mask };
    check(frame.getBuffer(0), 'allocating the sound');
    for (let index = -PREROLL_FRAMES; index < count + POSTROLL_FRAMES; index++) {
      check(frame.makeWritable(), 'making the sound writable');
      fill(recipe, frame.data ?? [], index * recipe.frame + recipe.delay);
      frame.pts = BigInt((index + PREROLL_FRAMES) * recipe.frame);
      check(context.sendFrameSync(frame), 'encoding');
      receive(context, packet, packets);
    }
    check(context.sendFrameSync(null), 'finishing');
    receive(context, packet, packets);
  } finally {
    packet.free();
    frame.free();
    context.freeContext();
  }
  return packets.slice(PREROLL_FRAMES, PREROLL_FRAMES + count).map((bytes, index) => {
    const pts = (index * recipe.frame * 90_000) / SAMPLE_RATE;
    return { bytes: recipe.loas === true ? wrapInLoas(bytes) : bytes, pts, dts: pts, key: true };
  });
}

function openEncoder(recipe: AudioRecipe): CodecContext {
  const codec = Codec.findEncoderByName(recipe.encoder as FFEncoderCodec);
  if (codec === null) throw new Error(`this build of FFmpeg has no encoder ${recipe.encoder}`);
  const context = new CodecContext();
  context.allocContext3(codec);
  context.sampleRate = SAMPLE_RATE;
  context.channelLayout = { nbChannels: recipe.channels, order: AV_CHANNEL_ORDER_NATIVE, mask: recipe.mask };
  context.sampleFormat = recipe.format;
  context.bitRate = BigInt(recipe.bitrate);
  context.timeBase = new Rational(1, SAMPLE_RATE);
  if (recipe.loas === true) context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER); // raw access units, no ADTS
  check(context.open2Sync(codec, null), `opening encoder ${recipe.encoder}`);
  return context;
}

function fill(recipe: AudioRecipe, planes: readonly Buffer[], firstSample: number): void {
  const { channels, frame } = recipe;
  const sound = Float32Array.from({ length: frame }, (_, index) => sampleAt(firstSample + index, recipe.pitchHz));
  if (recipe.format === AV_SAMPLE_FMT_S16) {
    const plane = planes[0] as Buffer;
    const target = new Int16Array(plane.buffer, plane.byteOffset, frame * channels);
    for (let index = 0; index < frame * channels; index++) {
      target[index] = Math.round((sound[Math.floor(index / channels)] as number) * 32_767);
    }
    return;
  }
  for (let channel = 0; channel < channels; channel++) {
    const plane = planes[channel] as Buffer;
    const target = new Float32Array(plane.buffer, plane.byteOffset, frame);
    const isLfe = channels === 6 && channel === 3;
    if (isLfe) target.fill(0);
    else target.set(sound);
  }
}

function receive(context: CodecContext, packet: Packet, packets: Buffer[]): void {
  for (;;) {
    const received = context.receivePacketSync(packet);
    if (received === AVERROR_EAGAIN || received === AVERROR_EOF) return;
    check(received, 'encoding');
    if (packet.data !== null) packets.push(Buffer.from(packet.data)); // copy: the packet's memory is used again
    packet.unref();
  }
}

function check(code: number, what: string): void {
  if (code < 0) throw new Error(`${what} failed: ${new FFmpegError(code).message}`);
}
