import type { FaultCounters } from '#shared/mpegts/faults.ts';
import { type Pts90k, wrapPts } from '#shared/mpegts/types.ts';
import { adtsChannelConfiguration, adtsRateIndex } from '../codec/adts.ts';
import { AAC_FRAME, AacEncoder, type AacEncoderName } from '../ffmpeg/aac-encoder.ts';
import type { ChannelRole, PcmFrame } from '../ffmpeg/pcm.ts';
import { type MixMatrix, mix, stereoMatrix } from './downmix.ts';
import { PcmFifo } from './pcm-fifo.ts';
import { Timeline } from './timeline.ts';

export interface AacStageOptions {
  readonly encoder: AacEncoderName;
  /** Bits per second of two channels. */
  readonly bitrate: number;
}

export type AccessUnitSink = (unit: Buffer, pts: Pts90k, rateIndex: number, channelConfiguration: number) => void;

/** 2 s of silence and a decoded frame at 48 kHz: the most that is ever written between two drains. */
const FIFO_SAMPLES = 16_384;
const RAMP_SECONDS = 0.002;
const OUTPUT_CHANNELS = 2;

/** Encoder, FIFO and time line of one sample rate. */
interface Run {
  readonly encoder: AacEncoder;
  readonly fifo: PcmFifo;
  readonly timeline: Timeline;
  readonly sampleRate: number;
  readonly rateIndex: number;
  /** Number of the next sample that goes into the FIFO. */
  written: number;
  /** Access units that came out. */
  units: number;
}

/**
 * PCM with source PTS in, AAC access units with PTS out. Gaps become silence, overlaps are cut, a jump starts a new time
 * line at a frame border, a change of sample rate drains the encoder and opens another: the listener hears no seam and
 * loses no millisecond.
 */
export class AacStage {
  readonly #options: AacStageOptions;
  readonly #faults: FaultCounters;
  readonly #onUnit: AccessUnitSink;
  #run: Run | null = null;
  #rolesKey = '';
  #matrix: MixMatrix = [];
  #framesEncoded = 0;

  constructor(options: AacStageOptions, faults: FaultCounters, onUnit: AccessUnitSink) {
    this.#options = options;
    this.#faults = faults;
    this.#onUnit = onUnit;
  }

  get framesEncoded(): number {
    return this.#framesEncoded;
  }

  /** `pts`: unwrapped 90 kHz ticks of the frame's first sample; null when the frame follows the one before. */
  push(pcm: PcmFrame, pts: number | null): void {
    const run = this.#runFor(pcm, pts);
    if (run === null) return; // the first frames without a PTS have no place in time
    const skip = pts === null ? 0 : this.#place(run, pts);
    if (skip >= pcm.samples) return;
    this.#setRoles(pcm.roles);
    const samples = pcm.samples - skip;
    const offset = run.fifo.reserve(samples);
    mix(this.#matrix, pcm.planes, skip, samples, run.fifo.planes, offset);
    run.fifo.applyFadeIn(offset, samples);
    run.written += samples;
    this.#drain(run);
  }

  /** `samples` at `sampleRate` could not be decoded: silence in their place keeps what follows in sync. */
  pushSilence(samples: number, sampleRate: number): void {
    const run = this.#run;
    if (run === null || run.sampleRate !== sampleRate) return;
    this.#writeSilence(run, samples);
  }

  /** The stream ends: what the encoder still holds comes out. */
  finish(): void {
    if (this.#run !== null) this.#finish(this.#run);
    this.#run = null;
  }

  close(): void {
    this.#run?.encoder.close();
    this.#run = null;
  }

  #runFor(pcm: PcmFrame, pts: number | null): Run | null {
    if (this.#run?.sampleRate === pcm.sampleRate) return this.#run;
    const rateIndex = adtsRateIndex(pcm.sampleRate);
    if (rateIndex === null) return null;
    const previous = this.#run;
    if (previous === null && pts === null) return null;
    const start = pts ?? (previous as Run).timeline.ptsOf((previous as Run).written);
    if (previous !== null) {
      this.#faults.add('format-change');
      this.#finish(previous);
    }
    const run: Run = {
      encoder: new AacEncoder({
        name: this.#options.encoder,
        sampleRate: pcm.sampleRate,
        channels: OUTPUT_CHANNELS,
        bitrate: this.#options.bitrate,
      }),
      fifo: new PcmFifo(OUTPUT_CHANNELS, FIFO_SAMPLES),
      timeline: new Timeline(pcm.sampleRate),
      sampleRate: pcm.sampleRate,
      rateIndex,
      written: 0,
      units: 0,
    };
    run.timeline.anchor(0, start);
    this.#run = run;
    return run;
  }

  /** Brings the time line to `pts`; returns how many samples of the frame are too many. */
  #place(run: Run, pts: number): number {
    const placement = run.timeline.place(run.written, pts);
    switch (placement.kind) {
      case 'continue':
        return 0;
      case 'gap':
        this.#faults.add('gap');
        this.#writeSilence(run, placement.samples);
        return 0;
      case 'overlap':
        this.#faults.add('overlap');
        return placement.samples;
      case 'jump': {
        this.#faults.add('jump');
        const rest = run.written % AAC_FRAME;
        if (rest > 0) this.#writeSilence(run, AAC_FRAME - rest);
        run.timeline.anchor(run.written, pts);
        return 0;
      }
    }
  }

  #writeSilence(run: Run, samples: number): void {
    let left = samples;
    while (left > 0) {
      const part = Math.min(left, FIFO_SAMPLES / 2);
      run.fifo.writeSilence(part, Math.round(run.sampleRate * RAMP_SECONDS));
      run.written += part;
      left -= part;
      this.#drain(run);
    }
  }

  #drain(run: Run): void {
    while (run.fifo.length >= AAC_FRAME) {
      run.encoder.encode(run.fifo.planes, run.fifo.readOffset, (unit) =>
        this.#emit(run, unit, Number.POSITIVE_INFINITY),
      );
      run.fifo.skip(AAC_FRAME);
    }
  }

  /** Access units whose samples all lie before the source's first, or after `end`, stay here. */
  #emit(run: Run, unit: Buffer, end: number): void {
    const first = run.units * AAC_FRAME - run.encoder.priming;
    run.units++;
    if (first + AAC_FRAME < 0 || first >= end) return;
    this.#framesEncoded++;
    const pts = wrapPts(Math.round(run.timeline.ptsOf(first)));
    this.#onUnit(unit, pts, run.rateIndex, adtsChannelConfiguration(OUTPUT_CHANNELS) ?? 2);
    run.timeline.forgetBefore(first);
  }

  /** Pushes out what the encoder still holds, then closes it. */
  #finish(run: Run): void {
    const end = run.written;
    const rest = end % AAC_FRAME;
    let silent = run.encoder.priming + (rest > 0 ? AAC_FRAME - rest : 0);
    while (silent > 0) {
      const part = Math.min(silent, AAC_FRAME);
      run.fifo.writeSilence(part, Math.round(run.sampleRate * RAMP_SECONDS));
      silent -= part;
      while (run.fifo.length >= AAC_FRAME) {
        run.encoder.encode(run.fifo.planes, run.fifo.readOffset, (unit) => this.#emit(run, unit, end));
        run.fifo.skip(AAC_FRAME);
      }
    }
    run.encoder.close();
  }

  #setRoles(roles: readonly ChannelRole[]): void {
    const key = roles.join();
    if (key === this.#rolesKey) return;
    if (this.#rolesKey !== '') this.#faults.add('format-change');
    this.#rolesKey = key;
    this.#matrix =
      roles.length === 2 && key === 'FL,FR'
        ? [
            [1, 0],
            [0, 1],
          ]
        : stereoMatrix(roles);
  }
}
