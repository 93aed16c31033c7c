import type { FFEncoderCodec } from 'node-av/constants';
import {
  AV_CHANNEL_ORDER_NATIVE,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  AVERROR_EAGAIN,
  type AVSampleFormat,
} from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet, Rational } from 'node-av/lib';
import { XgError } from '#shared/errors.ts';
import { throwOnFailure } from './fail.ts';

export type SilenceCodec = 'mp2' | 'ac3' | 'eac3';

const ENCODERS: Readonly<Record<SilenceCodec, { name: string; format: AVSampleFormat; bitrate: number }>> = {
  mp2: { name: 'mp2', format: AV_SAMPLE_FMT_S16, bitrate: 64_000 },
  ac3: { name: 'ac3', format: AV_SAMPLE_FMT_FLTP, bitrate: 96_000 },
  eac3: { name: 'eac3', format: AV_SAMPLE_FMT_FLTP, bitrate: 96_000 },
};
const SAMPLE_RATE = 48_000;
const STEREO = { nbChannels: 2, order: AV_CHANNEL_ORDER_NATIVE, mask: 0x3n };
/** By then the encoder has forgotten its beginning. */
const FRAMES = 6;

/** One frame of silence in stereo at 48 kHz. @throws XgError `FFMPEG_NO_ENCODER`, `FFMPEG`. */
export function encodeSilence(codec: SilenceCodec): { readonly frame: Buffer; readonly samples: number } {
  const { name, format, bitrate } = ENCODERS[codec];
  const encoder = Codec.findEncoderByName(name as FFEncoderCodec);
  if (encoder === null) throw new XgError('FFMPEG_NO_ENCODER', `this build of FFmpeg has no encoder ${name}`);
  const context = new CodecContext();
  const frame = new Frame();
  const packet = new Packet();
  try {
    context.allocContext3(encoder);
    context.sampleRate = SAMPLE_RATE;
    context.channelLayout = STEREO;
    context.sampleFormat = format;
    context.bitRate = BigInt(bitrate);
    context.timeBase = new Rational(1, SAMPLE_RATE);
    throwOnFailure(context.open2Sync(encoder, null), `opening encoder ${name}`);
    packet.alloc();
    frame.alloc();
    frame.format = format;
    frame.nbSamples = context.frameSize;
    frame.sampleRate = SAMPLE_RATE;
    frame.channelLayout = STEREO;
    throwOnFailure(frame.getBuffer(0), 'allocating silence');
    for (const plane of frame.data ?? []) plane.fill(0);
    let latest: Buffer | null = null;
    for (let index = 0; index < FRAMES; index++) {
      frame.pts = BigInt(index * context.frameSize);
      throwOnFailure(context.sendFrameSync(frame), 'encoding silence');
      const received = context.receivePacketSync(packet);
      if (received === AVERROR_EAGAIN) continue;
      throwOnFailure(received, 'encoding silence');
      if (packet.data !== null) latest = Buffer.from(packet.data); // copy: the packet's memory is used again
      packet.unref();
    }
    if (latest !== null) return { frame: latest, samples: context.frameSize };
    throw new XgError('FFMPEG', `${name} made nothing of ${FRAMES} frames of silence`);
  } finally {
    packet.free();
    frame.free();
    context.freeContext();
  }
}
