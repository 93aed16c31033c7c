import { adtsChannelConfiguration, adtsRateIndex } from '#shared/codec/adts.ts';
import type { AacEncoderChoice } from '#shared/ipc/control.ts';
import { type Pts90k, wrapPts } from '#shared/mpegts/types.ts';
import { AAC_FRAME } from '../ffmpeg/aac-encoder.ts';
import type { PcmFrame } from '../ffmpeg/pcm.ts';
import { type AacEncoder, openAacEncoder } from './aac-encoder.ts';
import { STEREO_ORDER, SURROUND_ORDER } from './downmix.ts';
import { Edges } from './edges.ts';
import type { PcmConverter, PcmFormat } from './pcm-converter.ts';
import { PcmFifo } from './pcm-fifo.ts';
import { type Placement, Timeline } from './timeline.ts';

export interface AccessUnit {
  /** Raw AAC-LC: a view, valid during the call. */
  readonly bytes: Buffer;
  readonly pts: Pts90k;
  readonly rateIndex: number;
  readonly channelConfiguration: number;
  /** False where it fills a gap: it was due before the source told of it, and says nothing of the source's margin. */
  readonly punctual: boolean;
}

export type AccessUnitSink = (unit: AccessUnit) => void;

/** Works on samples in place, with a fixed delay. */
export interface SampleProcessor {
  readonly delaySamples: number;
  process(planes: readonly Float32Array[], offset: number, samples: number): void;
  close?(): void;
}

export interface AacRunOptions {
  readonly encoder: AacEncoderChoice;
  readonly format: PcmFormat;
  /** Bits per second over all channels. */
  readonly bitrate: number;
  readonly processor: SampleProcessor | null;
  /** Unwrapped 90 kHz ticks of the first sample to be written, of that behind `leadSamples` where it continues. */
  readonly startPts: number;
  /** True when access units of another run lie before `startPts`: none may overlap them. */
  readonly continues: boolean;
  readonly onUnit: AccessUnitSink;
}

/** The longest decoded frame (HE-AAC 2048 samples) from 32 to 48 kHz, and a frame that waits. */
const FIFO_SAMPLES = 8192;
const MAX_WRITE = FIFO_SAMPLES - AAC_FRAME;
const RAMP_SECONDS = 0.002;
/** The most frames that an encoder keeps back beside its priming: one for `aac`, none for the others. */
const MAX_ENCODER_FRAMES = 2;

/**
 * Encoder, FIFO and time line of one output format. Samples are counted as they are written; what a processor delays is
 * reckoned back when access units get their PTS.
 */
export class AacRun {
  readonly format: PcmFormat;
  /** Samples to be written before the one at `startPts`, so that an access unit begins with that. */
  readonly leadSamples: number;
  readonly #encoder: AacEncoder;
  readonly #fifo: PcmFifo;
  readonly #timeline: Timeline;
  readonly #edges: Edges;
  readonly #processor: SampleProcessor | null;
  /** The last samples that were written, as they came: what a run that goes on may begin with. */
  readonly #unprocessed: readonly Float32Array[];
  readonly #onUnit: AccessUnitSink;
  readonly #rateIndex: number;
  readonly #configuration: number;
  /** By how many samples an access unit's first sample lies before the ones that went in with it. */
  readonly #latency: number;
  /** Units that begin before this sample are not wanted. */
  readonly #begin: number;
  #written = 0;
  #units = 0;
  /** Up to this sample the last gap was filled. */
  #filledTo = 0;
  /** Units from this sample on are not wanted. */
  #end = Number.POSITIVE_INFINITY;

  constructor(options: AacRunOptions) {
    const { sampleRate, channels } = options.format;
    this.format = options.format;
    this.#encoder = openAacEncoder({ choice: options.encoder, sampleRate, channels, bitrate: options.bitrate });
    this.#fifo = new PcmFifo(channels, FIFO_SAMPLES);
    this.#timeline = new Timeline(sampleRate);
    this.#edges = new Edges(channels, Math.round(sampleRate * RAMP_SECONDS));
    this.#processor = options.processor;
    const kept = options.processor === null ? AAC_FRAME : 2 * AAC_FRAME;
    this.#unprocessed = Array.from({ length: channels }, () => new Float32Array(kept));
    this.#onUnit = options.onUnit;
    this.#rateIndex = adtsRateIndex(sampleRate) ?? 0;
    this.#configuration = adtsChannelConfiguration(channels) ?? 0;
    // The unit right before the first is wanted too: a decoder needs it to rebuild the first.
    this.#begin = options.continues ? 0 : -AAC_FRAME;
    this.#latency = this.#encoder.priming + (options.processor?.delaySamples ?? 0);
    this.leadSamples = options.continues ? (AAC_FRAME - (this.#latency % AAC_FRAME)) % AAC_FRAME : 0;
    this.#timeline.anchor(this.leadSamples, options.startPts);
  }

  /** Samples written so far. */
  get written(): number {
    return this.#written;
  }

  /** Where a frame with `pts` lies against what was written. */
  place(pts: number, tolerance?: number): Placement {
    return this.#timeline.place(this.#written, pts, tolerance);
  }

  /** From the next sample on, time runs from `pts`. */
  anchor(pts: number): void {
    this.#timeline.anchor(this.#written, pts);
  }

  /** In parts where the frame grows beyond the FIFO. */
  writePcm(converter: PcmConverter, pcm: PcmFrame, skip: number): void {
    let part = pcm.samples - skip;
    while (converter.roomFor(part) > MAX_WRITE) part = Math.ceil(part / 2);
    for (let from = skip; from < pcm.samples; from += part) {
      const samples = Math.min(part, pcm.samples - from);
      const offset = this.#fifo.reserve(converter.roomFor(samples));
      this.#commit(offset, converter.write(pcm, from, samples, this.#fifo, offset));
    }
  }

  /** Writes what a converter that is given up still holds. */
  drainConverter(converter: PcmConverter): void {
    const offset = this.#fifo.reserve(converter.roomFor(0));
    this.#commit(offset, converter.drain(this.#fifo, offset));
  }

  writeSilence(samples: number): void {
    this.#filledTo = this.#written + samples;
    for (let left = samples; left > 0; ) {
      const part = Math.min(left, FIFO_SAMPLES / 2);
      const offset = this.#fifo.reserve(part);
      this.#edges.fillSilence(this.#fifo.planes, offset, part);
      this.#encode(offset, part);
      left -= part;
    }
  }

  /**
   * Ends at the border of an access unit. A run in another format that goes on from there is given the samples from
   * `lead` before that border on, as they were before any processing. To be finished then.
   */
  endAtUnit(): { readonly pts: number; readonly samplesFrom: (lead: number) => PcmFrame } {
    const rest = (this.#written + this.#latency) % AAC_FRAME;
    this.#end = this.#written - rest;
    const { sampleRate, channels } = this.format;
    const samplesFrom = (lead: number): PcmFrame => {
      const samples = rest + lead; // what lies before the first sample is silence
      const planes = this.#unprocessed.map((plane) => plane.slice(plane.length - samples)); // copy
      return { planes, samples, sampleRate, roles: channels === 2 ? STEREO_ORDER : SURROUND_ORDER };
    };
    return { pts: this.#timeline.ptsOf(this.#end), samplesFrom };
  }

  /** Silence up to the border of an access unit: a new time line can begin there. */
  padToUnit(): void {
    const rest = (this.#written + this.#latency) % AAC_FRAME;
    if (rest > 0) this.writeSilence(AAC_FRAME - rest);
  }

  /** Pushes out what the encoder still holds, then closes it. */
  finish(): void {
    this.#end = Math.min(this.#end, this.#written);
    this.padToUnit();
    const frames = Math.ceil(this.#latency / AAC_FRAME) + MAX_ENCODER_FRAMES;
    for (let frame = 0; frame < frames && this.#nextUnit < this.#end; frame++) this.writeSilence(AAC_FRAME);
    this.close();
  }

  close(): void {
    this.#encoder.close();
    this.#processor?.close?.();
  }

  #commit(offset: number, samples: number): void {
    this.#edges.smooth(this.#fifo.planes, offset, samples);
    this.#encode(offset, samples);
  }

  #remember(offset: number, samples: number): void {
    for (const [channel, plane] of this.#unprocessed.entries()) {
      const fresh = Math.min(samples, plane.length);
      const source = this.#fifo.planes[channel] as Float32Array;
      plane.copyWithin(0, fresh);
      plane.set(source.subarray(offset + samples - fresh, offset + samples), plane.length - fresh);
    }
  }

  #encode(offset: number, samples: number): void {
    this.#remember(offset, samples);
    this.#fifo.commit(samples);
    this.#written += samples;
    while (this.#fifo.length >= AAC_FRAME) {
      this.#processor?.process(this.#fifo.planes, this.#fifo.readOffset, AAC_FRAME);
      this.#encoder.encode(this.#fifo.planes, this.#fifo.readOffset, (unit) => this.#emit(unit));
      this.#fifo.skip(AAC_FRAME);
    }
  }

  /** The first sample of the next access unit to come out. */
  get #nextUnit(): number {
    return this.#units * AAC_FRAME - this.#latency;
  }

  #emit(bytes: Buffer): void {
    const first = this.#nextUnit;
    this.#units++;
    if (first < this.#begin || first >= this.#end) return;
    this.#onUnit({
      bytes,
      pts: wrapPts(Math.round(this.#timeline.ptsOf(first))),
      rateIndex: this.#rateIndex,
      channelConfiguration: this.#configuration,
      punctual: first >= this.#filledTo,
    });
    this.#timeline.forgetBefore(first);
  }
}
