/**
 * xg2g's own encoder for AAC-LC, of the least delay that AAC-LC allows: an access unit leaves as soon as the 2048
 * samples of its window are in. See docs/decisions/0018-own-aac-encoder.md.
 */
import { bandTables } from './band-tables.ts';
import { BitWriter } from './bit-writer.ts';
import { Element, type ElementOptions, type ElementTools } from './element.ts';
import { writeEnd } from './element-writer.ts';
import { FilterBank } from './filter-bank.ts';
import { maskingOf } from './masking.ts';
import { RateControl } from './rate-control.ts';
import { Sections } from './sections.ts';

export interface LcEncoderOptions {
  readonly sampleRate: number;
  /** 1…6, in AAC's configurations; planes are FL FR FC LFE SL SR as far as there are (mono FC, four channels FL FR FC BC). */
  readonly channels: number;
  /** Bits per second over all channels. */
  readonly bitrate: number;
}

/** Access unit k holds the samples from k · 1024 − LC_PRIMING on. */
export const LC_PRIMING = 1024;

type Part = Pick<ElementOptions, 'kind' | 'planes'>;

/** Elements by channel_configuration, with the planes they take (table 1.19). */
const PARTS: readonly (readonly Part[])[] = [
  [],
  [{ kind: 'single', planes: [0] }],
  [{ kind: 'pair', planes: [0, 1] }],
  [
    { kind: 'single', planes: [2] },
    { kind: 'pair', planes: [0, 1] },
  ],
  [
    { kind: 'single', planes: [2] },
    { kind: 'pair', planes: [0, 1] },
    { kind: 'single', planes: [3] },
  ],
  [
    { kind: 'single', planes: [2] },
    { kind: 'pair', planes: [0, 1] },
    { kind: 'pair', planes: [3, 4] },
  ],
  [
    { kind: 'single', planes: [2] },
    { kind: 'pair', planes: [0, 1] },
    { kind: 'pair', planes: [4, 5] },
    { kind: 'lfe', planes: [3] },
  ],
];

/** Hertz that are coded by bits per second and channel: from so many on. */
const BANDWIDTHS: readonly (readonly [number, number])[] = [
  [96_000, 20_000],
  [80_000, 18_500],
  [64_000, 17_000],
  [48_000, 15_000],
  [32_000, 12_000],
  [24_000, 9_000],
  [0, 7_000],
];
const LFE_BANDWIDTH = 240;
const TNS_FROM = 800;
/** Thresholds are moved down to −30 dB where bits are plenty, up to +60 dB where they are not. */
const LEAST_SHIFT = -10;
const MOST_SHIFT = 20;
const SEARCH_STEPS = 9;
/** Coarser by that nothing is left of any sound; a unit that is too long then is so at any step. */
const SILENCED = 255;
/** What is written beside lines and sections, for a guess: scale factors and heads. */
const SIDE_BITS = 170;

export class LcEncoder {
  readonly priming = LC_PRIMING;
  readonly #elements: readonly Element[];
  readonly #rate: RateControl;
  readonly #writer: BitWriter;
  readonly #sideBits: number;

  /** @throws RangeError for a rate or a number of channels that is not encoded. */
  constructor({ sampleRate, channels, bitrate }: LcEncoderOptions) {
    const tables = bandTables(sampleRate);
    const parts = PARTS[channels];
    if (tables === null) throw new RangeError(`AAC at ${sampleRate} Hz is not supported`);
    if (parts === undefined || parts.length === 0) throw new RangeError(`AAC of ${channels} channels is not supported`);
    const bandsUpTo = (offsets: readonly number[], hertz: number): number => {
      const lines = offsets.at(-1) as number;
      const bands = offsets.findIndex((offset) => offset * sampleRate >= hertz * 2 * lines);
      return bands < 0 ? offsets.length - 1 : bands;
    };
    const full = parts.filter(({ kind }) => kind !== 'lfe').flatMap(({ planes }) => planes).length;
    const bandwidth = BANDWIDTHS.find(([from]) => bitrate / full >= from)?.[1] as number;
    const tools: ElementTools = {
      tables,
      masking: maskingOf(tables, sampleRate),
      filterBank: new FilterBank(),
      sections: new Sections(),
      tnsFirst: bandsUpTo(tables.long, TNS_FROM),
    };
    const tags = { single: 0, pair: 0, lfe: 0 };
    this.#elements = parts.map((part) => {
      const hertz = part.kind === 'lfe' ? LFE_BANDWIDTH : bandwidth;
      const longBands = bandsUpTo(tables.long, hertz);
      const shortBands = bandsUpTo(tables.short, hertz);
      return new Element({ ...part, tag: tags[part.kind]++, longBands, shortBands }, tools);
    });
    this.#rate = new RateControl({ sampleRate, channels: full, bitrate });
    this.#sideBits = SIDE_BITS * full;
    this.#writer = new BitWriter(this.#rate.most); // eight times what is needed: an attempt may be too long
  }

  /** Encodes 1024 samples read from each plane at `offset`. `onAccessUnit` gets the unit, a view valid during the call. */
  encode(planes: readonly Float32Array[], offset: number, onAccessUnit: (bytes: Buffer) => void): void {
    let short = false;
    let urgent = false;
    for (const element of this.#elements) {
      element.analyse(planes, offset);
      if (element.isShort) short = true;
      if (element.isUrgent) urgent = true;
    }
    const factor = this.#rate.factor(short);
    const target = this.#rate.target(
      factor * this.#estimate(0) + this.#sideBits,
      short ? 'short' : urgent ? 'late attack' : 'long',
    );
    const shift = this.#shiftFor((target - this.#sideBits) / factor);
    const lineBits = this.#write(shift);
    const writer = this.#writer;
    this.#rate.spent(writer.bits, lineBits, this.#estimate(shift), short);
    onAccessUnit(writer.bytes.subarray(0, writer.bits >> 3));
  }

  /** Nothing to give back; FFmpeg's encoders have. */
  close(): void {}

  #estimate(shift: number): number {
    let bits = 0;
    for (const element of this.#elements) bits += element.estimate(shift);
    return bits;
  }

  /** The shift of all thresholds (log₂) at which the estimate is `bits`. */
  #shiftFor(bits: number): number {
    let low = LEAST_SHIFT;
    let high = MOST_SHIFT;
    if (this.#estimate(low) <= bits) return low;
    for (let step = 0; step < SEARCH_STEPS; step++) {
      const middle = (low + high) / 2;
      if (this.#estimate(middle) > bits) low = middle;
      else high = middle;
    }
    return high;
  }

  /** Writes the unit, coarser as long as it is too long. Returns the bits of lines and sections. */
  #write(shift: number): number {
    const writer = this.#writer;
    const { limit } = this.#rate;
    for (let coarser = 0; ; ) {
      let lineBits = 0;
      writer.reset();
      for (const element of this.#elements) {
        lineBits += element.quantise(shift, coarser);
        element.write(writer);
      }
      writeEnd(writer);
      if (writer.bits <= limit || coarser > SILENCED) return lineBits;
      coarser += 1 + Math.ceil((8 * (writer.bits - limit)) / limit);
    }
  }
}
