import type { FFDecoderCodec } from 'node-av/constants';
import { AV_SAMPLE_FMT_FLTP, AVERROR_EAGAIN, AVERROR_EOF } from 'node-av/constants';
import { Codec, CodecContext, Frame, Packet } from 'node-av/lib';
import { XgError } from '#shared/errors.ts';
import { throwOnFailure } from './fail.ts';
import { type ChannelRole, type PcmFrame, rolesOfMask } from './pcm.ts';

export type DecoderName = 'mp1float' | 'mp2float' | 'mp3float' | 'ac3' | 'eac3' | 'aac' | 'aac_latm';

/**
 * One FFmpeg audio decoder, used synchronously. Owns its native handles; `close` frees them and may be called twice.
 * The options go to the context itself: a dictionary handed to avcodec_open2 is freed twice by the binding.
 */
export class AudioDecoder {
  readonly name: DecoderName;
  readonly #context: CodecContext;
  readonly #packet: Packet;
  readonly #frame: Frame;
  #layoutKey = '';
  #roles: readonly ChannelRole[] = [];
  #open = true;

  /** @throws XgError `FFMPEG_NO_DECODER` when this build has no such decoder, `FFMPEG` when it does not open. */
  constructor(name: DecoderName) {
    const codec = Codec.findDecoderByName(name as FFDecoderCodec);
    if (codec === null) throw new XgError('FFMPEG_NO_DECODER', `this build of FFmpeg has no decoder ${name}`);
    this.name = name;
    this.#context = new CodecContext();
    this.#context.allocContext3(codec);
    this.#context.threadCount = 1;
    throwOnFailure(this.#context.open2Sync(codec, null), `opening decoder ${name}`);
    this.#packet = new Packet();
    this.#packet.alloc();
    this.#frame = new Frame();
    this.#frame.alloc();
  }

  /**
   * Decodes one whole sync frame. `onPcm` gets what comes out, during the call. False when the decoder refused the
   * frame; it goes on with the next.
   *
   * `sampleRate`: that of the frame's header, null where only the decoder can tell (SBR). FFmpeg's MPEG audio decoder
   * gives the first frame after a change the rate of the one before.
   */
  decode(bytes: Buffer, sampleRate: number | null, onPcm: (pcm: PcmFrame) => void): boolean {
    this.#packet.data = bytes; // copied by the binding
    const sent = this.#context.sendPacketSync(this.#packet);
    this.#packet.unref();
    let received = this.#context.receiveFrameSync(this.#frame);
    while (received >= 0) {
      try {
        onPcm(this.#pcm(sampleRate));
      } finally {
        this.#frame.unref();
      }
      received = this.#context.receiveFrameSync(this.#frame);
    }
    return sent >= 0 && (received === AVERROR_EAGAIN || received === AVERROR_EOF);
  }

  /** Forgets what was decoded so far: for a jump in the stream. */
  flush(): void {
    this.#context.flushBuffers();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#frame.free();
    this.#packet.free();
    this.#context.freeContext();
  }

  #pcm(sampleRate: number | null): PcmFrame {
    const frame = this.#frame;
    if (frame.format !== AV_SAMPLE_FMT_FLTP) {
      throw new XgError('FFMPEG', `decoder ${this.name} gave sample format ${frame.format}, expected planar float`);
    }
    const samples = frame.nbSamples;
    const layout = frame.channelLayout;
    const key = `${layout.mask}/${layout.nbChannels}`;
    if (key !== this.#layoutKey) {
      this.#layoutKey = key;
      this.#roles = rolesOfMask(layout.mask, layout.nbChannels);
    }
    const planes: Float32Array[] = [];
    for (const plane of frame.data ?? []) planes.push(new Float32Array(plane.buffer, plane.byteOffset, samples));
    return { planes, samples, sampleRate: sampleRate ?? frame.sampleRate, roles: this.#roles };
  }
}
