import { AV_CHANNEL_ORDER_NATIVE, AV_SAMPLE_FMT_FLTP } from 'node-av/constants';
import { SoftwareResampleContext } from 'node-av/lib';
import { throwOnFailure } from './fail.ts';

const MASKS: Readonly<Record<number, bigint>> = { 1: 0x4n, 2: 0x3n, 6: 0x3fn };

/** libswresample, used synchronously: planar float in and out, the channels left as they are. */
export class Resampler {
  readonly fromRate: number;
  readonly toRate: number;
  readonly #context = new SoftwareResampleContext();

  constructor(fromRate: number, toRate: number, channels: number) {
    this.fromRate = fromRate;
    this.toRate = toRate;
    const layout = { nbChannels: channels, order: AV_CHANNEL_ORDER_NATIVE, mask: MASKS[channels] ?? 0n };
    const format = AV_SAMPLE_FMT_FLTP;
    throwOnFailure(
      this.#context.allocSetOpts2(layout, format, toRate, layout, format, fromRate),
      'setting the resampler up',
    );
    throwOnFailure(this.#context.init(), 'opening the resampler');
  }

  /** By how many seconds the next sample that comes out lies before the next one that goes in. */
  get delaySeconds(): number {
    return Number(this.#context.getDelay(BigInt(this.toRate * this.fromRate))) / (this.toRate * this.fromRate);
  }

  /** The most samples that `convert` may give for so many. */
  roomFor(samples: number): number {
    return Math.ceil(((samples + 64) * this.toRate) / this.fromRate) + 32;
  }

  /** Takes `samples` of each plane from its start, writes to `target` at `offset`, at most `room`. Returns how many. */
  convert(
    planes: readonly Float32Array[],
    samples: number,
    target: readonly Float32Array[],
    offset: number,
    room: number,
  ): number {
    const input = planes.map((plane) => bytesOf(plane, 0, samples));
    return this.#run(input, samples, target, offset, room);
  }

  /** Takes out what is still inside. */
  drain(target: readonly Float32Array[], offset: number, room: number): number {
    return this.#run(null, 0, target, offset, room);
  }

  close(): void {
    this.#context.free();
  }

  #run(input: Buffer[] | null, samples: number, target: readonly Float32Array[], offset: number, room: number): number {
    const output = target.map((plane) => bytesOf(plane, offset, offset + room));
    const written = this.#context.convertSync(output, room, input, samples);
    throwOnFailure(written, 'resampling');
    return written;
  }
}

function bytesOf(plane: Float32Array, from: number, to: number): Buffer {
  return Buffer.from(plane.buffer, plane.byteOffset + from * 4, (to - from) * 4);
}
