/** Ticks of 90 kHz per second. */
export const TICKS = 90_000;

/** Beyond this, a difference between where a frame should lie and where its PTS puts it is a gap or an overlap. */
const TOLERANCE_TICKS = 0.005 * TICKS;
/** Beyond this it is a jump: the time line starts anew. Also the most silence that is ever made up. */
const JUMP_TICKS = 2 * TICKS;
/** The share of a small difference that is taken over per frame: jitter of the source is smoothed, drift is followed. */
const FOLLOW = 1 / 8;

export type Placement =
  | { readonly kind: 'continue' }
  | { readonly kind: 'gap'; readonly samples: number }
  | { readonly kind: 'overlap'; readonly samples: number }
  | { readonly kind: 'jump' };

interface Anchor {
  readonly sample: number;
  readonly pts: number;
}

/**
 * Maps sample numbers to PTS. The PTS of the output are read off the source's, never counted up by ourselves, so a
 * source whose audio clock drifts against its PCR keeps exactly the sync it had. Sample numbers count what went into the
 * encoder, PTS are unwrapped 90 kHz ticks. Keeps the anchors that access units still in the encoder need: a handful.
 */
export class Timeline {
  readonly #rate: number;
  #anchors: Anchor[] = [];

  constructor(sampleRate: number) {
    this.#rate = sampleRate;
  }

  get started(): boolean {
    return this.#anchors.length > 0;
  }

  /** Says where a frame with `pts` lies when the next sample to be written is `sample`. `tolerance` in ticks. */
  place(sample: number, pts: number, tolerance = TOLERANCE_TICKS): Placement {
    if (!this.started) return { kind: 'jump' };
    const error = pts - this.ptsOf(sample);
    if (Math.abs(error) > JUMP_TICKS) return { kind: 'jump' };
    const samples = Math.round((Math.abs(error) * this.#rate) / TICKS);
    if (error > tolerance) return { kind: 'gap', samples };
    if (error < -tolerance) return { kind: 'overlap', samples };
    if (Math.abs(error) >= 1) this.#push(sample, pts - error * (1 - FOLLOW));
    return { kind: 'continue' };
  }

  /** From `sample` on, time runs from `pts`. */
  anchor(sample: number, pts: number): void {
    this.#push(sample, pts);
  }

  /** PTS of a sample, in fractions of a tick; samples before the first anchor are reckoned back from it. */
  ptsOf(sample: number): number {
    let anchor = this.#anchors[0] ?? { sample: 0, pts: 0 };
    for (const candidate of this.#anchors) if (candidate.sample <= sample) anchor = candidate;
    return anchor.pts + ((sample - anchor.sample) * TICKS) / this.#rate;
  }

  /** Drops the anchors that no sample from `sample` on needs. */
  forgetBefore(sample: number): void {
    while (this.#anchors.length > 1 && (this.#anchors[1] as Anchor).sample <= sample) this.#anchors.shift();
  }

  #push(sample: number, pts: number): void {
    const last = this.#anchors.at(-1);
    if (last !== undefined && last.sample === sample) this.#anchors.pop();
    this.#anchors.push({ sample, pts });
  }
}
