import { adtsRateIndex } from '#shared/codec/adts.ts';
import type { AacEncoderChoice } from '#shared/ipc/control.ts';
import type { FaultCounters } from '#shared/mpegts/faults.ts';
import type { PcmFrame } from '../ffmpeg/pcm.ts';
import { AacRun, type AccessUnitSink, type SampleProcessor } from './aac-run.ts';
import { PcmConverter, type PcmFormat } from './pcm-converter.ts';
import type { DualMonoChoice } from './track-plan.ts';

export interface AacStageOptions {
  readonly encoder: AacEncoderChoice;
  /** Bits per second of two channels. */
  readonly bitrate: number;
  readonly channels: 'stereo' | 'source';
  /** Makes what works on the samples of an output format; null for nothing. */
  readonly createProcessor: ((format: PcmFormat) => SampleProcessor) | null;
}

/** A source may show its true rate only after its first frames (HE-AAC); later the output's rate stays. */
const SETTLING_SECONDS = 0.5;
/** 5.1 against stereo: the centre and surrounds need less than their number says (EBU Tech 3324: 320 against 128). */
const SURROUND_BITRATE = 2.25;
/** How exactly an overlap is cut: stamps are whole ticks. */
const EXACT_TICKS = 2;
/** No encoder goes below, though AAC has 7350 Hz. */
const LOWEST_RATE = 8000;
/** The most that AAC-LC may take: 6144 bits per channel and frame of 1024 (ISO/IEC 14496-3, 4.5.3.1). */
const MAX_BITS_PER_SAMPLE = 6;

/**
 * PCM with source PTS in, AAC access units with PTS out. Gaps become silence, overlaps are cut, a jump starts a new time
 * line at a frame border.
 *
 * The output keeps its format: a source that changes its rate or channels is resampled and mixed to it, so that no
 * decoder has to start anew. Two exceptions, each at most once: the rate may rise within the first half second, and
 * where channels are to be the source's, stereo becomes 5.1 when 5.1 comes.
 */
export class AacStage {
  readonly #options: AacStageOptions;
  readonly #faults: FaultCounters;
  readonly #onUnit: AccessUnitSink;
  #run: AacRun | null = null;
  #converter: PcmConverter | null = null;
  #framesEncoded = 0;
  /** Where the next frame lies when the last one was all overlap: the cut goes on there, to the sample. */
  #afterCut: number | null = null;

  constructor(options: AacStageOptions, faults: FaultCounters, onUnit: AccessUnitSink) {
    this.#options = options;
    this.#faults = faults;
    this.#onUnit = (unit) => {
      this.#framesEncoded++;
      onUnit(unit);
    };
  }

  get framesEncoded(): number {
    return this.#framesEncoded;
  }

  /** `pts`: unwrapped 90 kHz ticks of the frame's first sample; null when the frame follows the one before. */
  push(pcm: PcmFrame, pts: number | null, dualMono: DualMonoChoice): void {
    const run = this.#runFor(pcm, pts);
    if (run === null) return;
    const converter = this.#converterFor(run, pcm, dualMono);
    const at = pts ?? this.#afterCut;
    const skip = at === null ? 0 : this.#place(run, converter, at, pcm.sampleRate);
    if (skip < pcm.samples) run.writePcm(converter, pcm, skip);
    this.#afterCut = at === null || skip < pcm.samples ? null : at + (pcm.samples * 90_000) / pcm.sampleRate;
  }

  /** `samples` at `sampleRate` are missing: silence in their place keeps what follows in sync. */
  pushSilence(samples: number, sampleRate: number): void {
    const run = this.#run;
    if (run === null || samples === 0 || sampleRate === 0) return;
    run.writeSilence(Math.round((samples * run.format.sampleRate) / sampleRate));
  }

  /** The stream ends: what the encoder still holds comes out. */
  finish(): void {
    if (this.#run !== null) this.#drainConverter(this.#run);
    this.#run?.finish();
    this.#run = null;
  }

  close(): void {
    this.#converter?.close();
    this.#converter = null;
    this.#run?.close();
    this.#run = null;
  }

  /** Null for frames before the first PTS: they have no place in time. */
  #runFor(pcm: PcmFrame, pts: number | null): AacRun | null {
    const run = this.#run;
    const wanted = this.#options.channels === 'source' && pcm.roles.length > 2 ? 6 : 2;
    if (run === null) {
      if (pts === null || adtsRateIndex(pcm.sampleRate) === null) {
        this.#faults.add('no-pts');
        return null;
      }
      return this.#start({ sampleRate: Math.max(pcm.sampleRate, LOWEST_RATE), channels: wanted }, pts, false);
    }
    const settling = run.written < run.format.sampleRate * SETTLING_SECONDS;
    const faster = settling && pcm.sampleRate > run.format.sampleRate && adtsRateIndex(pcm.sampleRate) !== null;
    if (!faster && wanted <= run.format.channels) return run;
    this.#faults.add('format-change');
    return this.#grow(run, {
      sampleRate: faster ? pcm.sampleRate : run.format.sampleRate,
      channels: wanted === 6 ? 6 : run.format.channels,
    });
  }

  /** Goes on in another format, from the border of an access unit. */
  #grow(run: AacRun, format: PcmFormat): AacRun {
    this.#drainConverter(run);
    const { pts, samplesFrom } = run.endAtUnit();
    run.finish();
    const next = this.#start(format, pts, true);
    const pcm = samplesFrom(Math.round((next.leadSamples * run.format.sampleRate) / format.sampleRate));
    const converter = new PcmConverter(pcm, null, format);
    next.writePcm(converter, pcm, 0);
    next.drainConverter(converter);
    converter.close();
    return next;
  }

  #start(format: PcmFormat, startPts: number, continues: boolean): AacRun {
    const { encoder, bitrate, createProcessor } = this.#options;
    const wantedBitrate = format.channels === 6 ? bitrate * SURROUND_BITRATE : bitrate;
    this.#run = new AacRun({
      encoder,
      format,
      bitrate: Math.round(Math.min(wantedBitrate, format.sampleRate * format.channels * MAX_BITS_PER_SAMPLE)),
      processor: createProcessor?.(format) ?? null,
      startPts,
      continues,
      onUnit: this.#onUnit,
    });
    return this.#run;
  }

  #converterFor(run: AacRun, pcm: PcmFrame, dualMono: DualMonoChoice): PcmConverter {
    if (this.#converter?.suits(pcm, dualMono) === true) return this.#converter;
    if (this.#converter !== null) {
      this.#faults.add('format-change');
      this.#drainConverter(run);
    }
    this.#converter = new PcmConverter(pcm, dualMono, run.format);
    return this.#converter;
  }

  #drainConverter(run: AacRun): void {
    if (this.#converter === null) return;
    run.drainConverter(this.#converter);
    this.#converter.close();
    this.#converter = null;
  }

  /** Brings the time line to `pts`; returns how many samples of the frame are too many. */
  #place(run: AacRun, converter: PcmConverter, pts: number, sourceRate: number): number {
    const nextOut = pts - converter.delaySeconds * 90_000;
    const placement = this.#afterCut === null ? run.place(nextOut) : run.place(nextOut, EXACT_TICKS);
    switch (placement.kind) {
      case 'continue':
        return 0;
      case 'gap':
        this.#faults.add('gap');
        run.writeSilence(placement.samples);
        return 0;
      case 'overlap':
        if (this.#afterCut === null) this.#faults.add('overlap');
        return Math.round((placement.samples * sourceRate) / run.format.sampleRate);
      case 'jump':
        this.#faults.add('jump');
        run.padToUnit();
        run.anchor(nextOut);
        return 0;
    }
  }
}
