import type { VideoFormat } from '#shared/codec/picture.ts';
import type { VideoCodec } from '#shared/mpegts/stream-type.ts';
import type { AccessUnit } from './access-unit.ts';
import { createPictureSplitter, type PictureSplitter } from './picture-splitter.ts';

export interface PesData {
  readonly bytes: Buffer;
  /** On the programme's line; null where the PES has none. */
  readonly pts: number | null;
  readonly dts: number | null;
}

/** A frame, where nothing says how long it lasts: 25 a second. */
const DEFAULT_TICKS = 3600;
/** What the distance of two pictures may be to be believed: 7 to 120 a second. */
const MIN_TICKS = 700;
const MAX_TICKS = 12_600;

/**
 * Pictures out of the PES of a video stream. In broadcasts a PES holds one frame as a rule; where it holds more they are
 * taken apart, and where pictures do not begin with a PES the last one is held until its rest has come.
 */
export class VideoUnits {
  readonly #track: number;
  readonly #splitter: PictureSplitter;
  readonly #onUnit: (unit: AccessUnit) => void;
  #isAligned = true;
  #held: AccessUnit | null = null;
  #lastDts: number | null = null;
  #measuredTicks: number | null = null;

  constructor(track: number, codec: VideoCodec, onUnit: (unit: AccessUnit) => void) {
    this.#track = track;
    this.#splitter = createPictureSplitter(codec);
    this.#onUnit = onUnit;
  }

  get format(): VideoFormat | null {
    return this.#splitter.format;
  }

  push(pes: PesData): void {
    const pictures = this.#splitter.split(pes.bytes);
    const head = pictures[0]?.start ?? pes.bytes.length;
    if (head > 0) this.#continue(pes.bytes.subarray(0, head));
    this.#release();
    for (const [index, { start, end, type, isEntry }] of pictures.entries()) {
      const isFirst = index === 0;
      const dts = this.#stamp(isFirst ? (pes.dts ?? pes.pts) : null);
      this.#held = {
        track: this.#track,
        picture: type,
        isEntry,
        pts: isFirst ? pes.pts : null,
        dts,
        ticks: this.#ticks,
        bytes: pes.bytes.subarray(start, end),
      };
      if (this.#isAligned || index < pictures.length - 1) this.#release();
    }
  }

  /** What is held has no end. */
  reset(): void {
    this.#held = null;
    this.#lastDts = null;
  }

  #continue(rest: Buffer): void {
    if (this.#held === null) {
      this.#isAligned = false; // this one is lost; from now on the last picture waits for its rest
      return;
    }
    this.#held = { ...this.#held, bytes: Buffer.concat([this.#held.bytes, rest]) };
  }

  #release(): void {
    if (this.#held !== null) this.#onUnit(this.#held);
    this.#held = null;
  }

  #stamp(given: number | null): number {
    const last = this.#lastDts;
    const dts = given ?? (last === null ? 0 : last + this.#ticks);
    if (last !== null && given !== null) {
      const step = given - last;
      if (step >= MIN_TICKS && step <= MAX_TICKS) this.#measuredTicks = step;
    }
    this.#lastDts = dts;
    return dts;
  }

  get #ticks(): number {
    return Math.round(this.#measuredTicks ?? this.#splitter.format?.frameTicks ?? DEFAULT_TICKS);
  }
}
