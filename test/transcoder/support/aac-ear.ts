import { AAC_SAMPLE_RATES, ADTS_HEADER, writeAdtsHeader } from '#shared/codec/adts.ts';
import type { Pts90k } from '#shared/mpegts/types.ts';
import { AudioDecoder } from '#transcoder/ffmpeg/audio-decoder.ts';
import type { AccessUnitSink } from '#transcoder/remux/aac-run.ts';
import { shiftOf, signal } from './signal.ts';

export interface HeardUnit {
  readonly pts: Pts90k;
  readonly sampleRate: number;
  readonly channelConfiguration: number;
  /** Decoded; as many as the unit has, at the rate that its header says. */
  readonly planes: readonly Float32Array[];
}

/** Takes access units as a player does: behind ADTS headers, decoded one by one by FFmpeg, each at its PTS. */
export class AacEar {
  readonly units: HeardUnit[] = [];
  #decoder = new AudioDecoder('aac');
  #format = '';

  readonly sink: AccessUnitSink = ({ bytes: unit, pts, rateIndex, channelConfiguration }) => {
    const format = `${rateIndex}/${channelConfiguration}`;
    if (this.#format !== '' && format !== this.#format) {
      this.#decoder.close();
      this.#decoder = new AudioDecoder('aac');
    }
    this.#format = format;
    const adts = Buffer.alloc(ADTS_HEADER + unit.length);
    writeAdtsHeader(adts, 0, rateIndex, channelConfiguration, unit.length);
    unit.copy(adts, ADTS_HEADER);
    let planes: Float32Array[] = [];
    const decoded = this.#decoder.decode(adts, null, (pcm) => {
      planes = pcm.planes.map((plane) => plane.slice());
    });
    if (!decoded || planes[0]?.length !== 1024) throw new Error(`unit ${this.units.length} gave ${planes[0]?.length}`);
    this.units.push({ pts, sampleRate: AAC_SAMPLE_RATES[rateIndex] ?? 0, channelConfiguration, planes });
  };

  close(): void {
    this.#decoder.close();
  }

  /** Where units do not begin where the one before ends: ticks of the gap (overlaps are negative), by unit. */
  seams(): { readonly unit: number; readonly ticks: number }[] {
    const found: { unit: number; ticks: number }[] = [];
    for (const [index, { pts }] of this.units.entries()) {
      const before = this.units[index - 1];
      if (before === undefined) continue;
      const ticks = pts - before.pts - (1024 * 90_000) / before.sampleRate;
      if (Math.abs(ticks) > 1.5) found.push({ unit: index, ticks });
    }
    return found;
  }

  /** The samples of `channel` from the first unit at or after `ticks` on, with the PTS of the first. */
  from(ticks: number, samples: number, channel = 0): { readonly pts: number; readonly plane: Float32Array } {
    const first = this.units.findIndex(({ pts }) => pts >= ticks);
    const parts = this.units.slice(first, first + Math.ceil(samples / 1024)).map(({ planes }) => planes[channel]);
    const plane = new Float32Array(parts.length * 1024);
    for (const [index, part] of parts.entries()) if (part !== undefined) plane.set(part, index * 1024);
    return { pts: this.units[first]?.pts ?? 0, plane: plane.subarray(0, samples) };
  }

  /** All of `channel` as one line, each unit where its PTS puts it; the first sample lies at the first unit's PTS. */
  line(channel = 0): Float32Array {
    const [first] = this.units;
    const last = this.units.at(-1);
    if (first === undefined || last === undefined) return new Float32Array(0);
    const at = (unit: HeardUnit) => Math.round(((unit.pts - first.pts) * first.sampleRate) / 90_000);
    const line = new Float32Array(at(last) + 1024);
    for (const unit of this.units) line.set(unit.planes[channel] ?? [], at(unit));
    return line;
  }

  /**
   * By how many ticks the test signal comes late from `ticks` on, when its second 0 belongs at `startTicks`, and how
   * alike it is.
   */
  lateness(
    ticks: number,
    startTicks: number,
    options: { samples?: number; channel?: number; sound?: (seconds: number) => number } = {},
  ): { readonly ticks: number; readonly correlation: number } {
    const { samples = 3072, channel = 0, sound = (seconds) => signal(seconds, channel) } = options;
    const { pts, plane } = this.from(ticks, samples, channel);
    const sampleRate = this.units[0]?.sampleRate ?? 0;
    const shift = shiftOf(plane, (pts - startTicks) / 90_000, sampleRate, sound);
    return { ticks: (shift.samples * 90_000) / sampleRate, correlation: shift.correlation };
  }
}
