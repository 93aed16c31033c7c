import type { ChannelRole, PcmFrame } from '../ffmpeg/pcm.ts';
import { Resampler } from '../ffmpeg/resampler.ts';
import { type MixMatrix, mix, mixMatrix, type OutputChannels } from './downmix.ts';
import type { PcmFifo } from './pcm-fifo.ts';
import type { DualMonoChoice } from './track-plan.ts';

export interface PcmFormat {
  readonly sampleRate: number;
  readonly channels: OutputChannels;
}

/** One source format to one output format: mixing, and resampling where the rates differ. */
export class PcmConverter {
  readonly #key: string;
  readonly #matrix: MixMatrix;
  readonly #resampler: Resampler | null;
  #mixed: Float32Array[] = [];

  constructor(pcm: PcmFrame, dualMono: DualMonoChoice, format: PcmFormat) {
    this.#key = keyOf(pcm.sampleRate, pcm.roles, dualMono);
    this.#matrix = mixMatrix(pcm.roles, format.channels, dualMono);
    this.#resampler =
      pcm.sampleRate === format.sampleRate ? null : new Resampler(pcm.sampleRate, format.sampleRate, format.channels);
  }

  /** True when frames like this one are what it was made for. */
  suits(pcm: PcmFrame, dualMono: DualMonoChoice): boolean {
    return this.#key === keyOf(pcm.sampleRate, pcm.roles, dualMono);
  }

  /** By how many seconds the next sample to come out lies before the next one to go in. */
  get delaySeconds(): number {
    return this.#resampler?.delaySeconds ?? 0;
  }

  /** The most samples that a frame of so many turns into. */
  roomFor(samples: number): number {
    return this.#resampler?.roomFor(samples) ?? samples;
  }

  /** Writes `samples` of the frame from `from` on to the FIFO at `offset`, uncommitted. Returns how many they became. */
  write(pcm: PcmFrame, from: number, samples: number, fifo: PcmFifo, offset: number): number {
    if (this.#resampler === null) {
      mix(this.#matrix, pcm.planes, from, samples, fifo.planes, offset);
      return samples;
    }
    if ((this.#mixed[0]?.length ?? 0) < samples) {
      this.#mixed = fifo.planes.map(() => new Float32Array(samples));
    }
    mix(this.#matrix, pcm.planes, from, samples, this.#mixed, 0);
    return this.#resampler.convert(this.#mixed, samples, fifo.planes, offset, this.roomFor(samples));
  }

  /** Writes what the resampler still holds. */
  drain(fifo: PcmFifo, offset: number): number {
    return this.#resampler?.drain(fifo.planes, offset, this.roomFor(0)) ?? 0;
  }

  close(): void {
    this.#resampler?.close();
  }
}

function keyOf(sampleRate: number, roles: readonly ChannelRole[], dualMono: DualMonoChoice): string {
  return `${sampleRate}/${roles.join()}/${dualMono}`;
}
