import { powerToLufs } from './decibels.ts';

/**
 * Dynamic range compression for listening at night. Levels are loudness relative to dialogue (the target, −23 LUFS):
 *
 * | input, LU        | gain                                                          |
 * |------------------|---------------------------------------------------------------|
 * | above +8         | 4:1 over a threshold of +5: +15 LU come out as +7.5           |
 * | +2 … +8          | soft knee into it                                             |
 * | −2 … +2          | 0 dB: dialogue stays where it is, so no make-up gain is due   |
 * | −8 … −2          | soft knee                                                     |
 * | −21 … −8         | 2:1 upward under a threshold of −5: −17 LU come out as −11    |
 * | −25 … −21        | +8 dB, the most there is                                      |
 * | −40 … −25        | fades to 0 dB, so that noise is not raised                    |
 * | below −40        | 0 dB                                                          |
 */
const LOUD_THRESHOLD = 5;
const LOUD_SLOPE = 1 - 1 / 4;
const QUIET_THRESHOLD = -5;
const QUIET_SLOPE = 1 - 1 / 2;
const KNEE = 6;
const MAX_BOOST_DB = 8;
const FADE_TOP = -25;
const FADE_BOTTOM = -40;

/** The level is a mean over about 10 ms, one period of a deep voice. */
const LEVEL_SECONDS = 0.01;
/** Down: before the ear has taken the loudness in. */
const ATTACK_SECONDS = 0.015;
/** Back up after something loud: longer than the pauses between words. */
const RELEASE_SECONDS = 0.5;
/** Up for something quiet: slower still, so that rooms do not breathe between sentences. */
const BOOST_SECONDS = 1.2;
/** Down again because it became too quiet to boost. */
const FADE_SECONDS = 3;

/** Static curve: gain in dB at a level in LU relative to dialogue. */
export function nightGainDb(level: number): number {
  if (level >= 0) return -LOUD_SLOPE * excess(level - LOUD_THRESHOLD);
  if (level <= FADE_BOTTOM) return 0;
  const boost = Math.min(MAX_BOOST_DB, QUIET_SLOPE * excess(QUIET_THRESHOLD - level));
  if (level >= FADE_TOP) return boost;
  return (boost * (level - FADE_BOTTOM)) / (FADE_TOP - FADE_BOTTOM);
}

/** max(0, x) with its corner rounded by a parabola as wide as the knee. */
function excess(x: number): number {
  if (x <= -KNEE / 2) return 0;
  if (x >= KNEE / 2) return x;
  return (x + KNEE / 2) ** 2 / (2 * KNEE);
}

/** The curve in time: one gain for all channels, from their common loudness. */
export class NightCompressor {
  readonly #target: number;
  readonly #levelShare: number;
  readonly #attackShare: number;
  readonly #releaseShare: number;
  readonly #boostShare: number;
  readonly #fadeShare: number;
  /** Smoothed power and gain in dB; in an array, where writing a number makes no object. */
  readonly #state = new Float64Array(2);

  /** `stepSeconds`: time between updates. */
  constructor(targetLufs: number, stepSeconds: number) {
    this.#target = targetLufs;
    this.#levelShare = shareOf(stepSeconds, LEVEL_SECONDS);
    this.#attackShare = shareOf(stepSeconds, ATTACK_SECONDS);
    this.#releaseShare = shareOf(stepSeconds, RELEASE_SECONDS);
    this.#boostShare = shareOf(stepSeconds, BOOST_SECONDS);
    this.#fadeShare = shareOf(stepSeconds, FADE_SECONDS);
  }

  get gainDb(): number {
    return this.#state[1] as number;
  }

  /** Takes the mean power of one step, as the compressor hears it. Sets the next gain. */
  update(power: number): void {
    const state = this.#state;
    const smoothed = (state[0] as number) + (power - (state[0] as number)) * this.#levelShare;
    const gainDb = state[1] as number;
    const level = powerToLufs(Math.max(smoothed, Number.MIN_VALUE)) - this.#target;
    const wanted = nightGainDb(level);
    state[0] = smoothed;
    state[1] = gainDb + (wanted - gainDb) * this.#share(gainDb, wanted, level);
  }

  /** Goes on where `other` is. */
  copyFrom(other: NightCompressor): void {
    this.#state.set(other.#state);
  }

  #share(gainDb: number, wanted: number, level: number): number {
    if (wanted < gainDb) return level < FADE_TOP ? this.#fadeShare : this.#attackShare;
    return gainDb < 0 ? this.#releaseShare : this.#boostShare;
  }
}

/** Share of the way to go in one step, for a time constant. */
function shareOf(stepSeconds: number, seconds: number): number {
  return 1 - Math.exp(-stepSeconds / seconds);
}
