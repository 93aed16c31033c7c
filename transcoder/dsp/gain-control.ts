import { powerToLufs } from './decibels.ts';
import { gatedMeanPower } from './gated-histogram.ts';

export const MIN_GAIN_DB = -20;
export const MAX_GAIN_DB = 12;

const HOP_SECONDS = 0.1;
/** What is quieter is no programme but a pause: nothing is learnt from it and the gain stands still. */
const PAUSE_LUFS = -55;
/** The programme's loudness is that of the last 30 s without the pauses, gated like integrated loudness. */
const MEMORY_HOPS = 300;
/** When the last 12 s lie as far below as the relative gate, this is another programme: what came before is forgotten. */
const QUIET_HOPS = 120;
const QUIET_LU = 10;
/** What becomes loud is believed sooner: the output's last 10 s and 3 s are not left above the target by more than this. */
const RECENT_HOPS = 100;
const RECENT_HEADROOM_LU = 2;
const SHORT_TERM_HEADROOM_LU = 5;

const RISE_DB_PER_SECOND = 0.5;
/** From here on below the target it may rise faster: by so much more per dB. */
const FAR_DB = 6;
const FAR_RISE = 0.25;
const FALL_DB_PER_SECOND = 3;
const START_DB_PER_SECOND = 10;
/** Time constants of the way to the wanted gain, as long as no limit is met. */
const RISE_SECONDS = 3;
const FALL_SECONDS = 1.5;
const START_FOLLOW_SECONDS = 0.3;
/** The start passes into the steady state with this time constant, counted in seconds of programme. */
const START_SECONDS = 2.5;

/**
 * The slow gain that brings a live programme to its target. Quick in the first seconds, when any guess is better than
 * none; then it rises by 0.5 dB/s (more when far below) and falls by 3 dB/s at most. It stands still in pauses.
 */
export class GainControl {
  readonly #target: number;
  readonly #powers = new Float64Array(MEMORY_HOPS);
  readonly #latest = new Float64Array(QUIET_HOPS);
  #next = 0;
  #count = 0;
  #programmeHops = 0;
  #gainDb = 0;

  constructor(targetLufs: number) {
    this.#target = targetLufs;
  }

  get gainDb(): number {
    return this.#gainDb;
  }

  /** Once every 100 ms: mean powers of the input's last 400 ms and 3 s (null: not yet full). Sets the next gain. */
  update(momentaryPower: number, shortTermPower: number | null): void {
    if (!(powerToLufs(momentaryPower) > PAUSE_LUFS)) return;
    this.#learn(momentaryPower);
    const programme = gatedMeanPower(this.#powers, this.#count);
    if (programme === null) return;
    if (this.#isQuietSince(programme)) this.#forgetOlder();
    this.#gainDb += HOP_SECONDS * this.#slope(this.#wanted(powerToLufs(programme), shortTermPower) - this.#gainDb);
  }

  /** Goes on where `other` is: the same programme in another format. */
  copyFrom(other: GainControl): void {
    this.#powers.set(other.#powers);
    this.#next = other.#next;
    this.#count = other.#count;
    this.#programmeHops = other.#programmeHops;
    this.#gainDb = other.#gainDb;
  }

  #wanted(programmeLufs: number, shortTermPower: number | null): number {
    let wanted = this.#target - programmeLufs;
    if (this.#count >= RECENT_HOPS) {
      wanted = Math.min(wanted, this.#target + RECENT_HEADROOM_LU - powerToLufs(this.#meanOfLast(RECENT_HOPS)));
    }
    if (shortTermPower !== null && shortTermPower > 0) {
      wanted = Math.min(wanted, this.#target + SHORT_TERM_HEADROOM_LU - powerToLufs(shortTermPower));
    }
    return Math.min(MAX_GAIN_DB, Math.max(MIN_GAIN_DB, wanted));
  }

  /** dB per second towards a gain that is `error` dB away. */
  #slope(error: number): number {
    const start = Math.exp((-this.#programmeHops * HOP_SECONDS) / START_SECONDS);
    if (error < 0) {
      const follow = between(1 / FALL_SECONDS, 1 / START_FOLLOW_SECONDS, start);
      return Math.max(error * follow, -between(FALL_DB_PER_SECOND, START_DB_PER_SECOND, start));
    }
    const limit = RISE_DB_PER_SECOND + FAR_RISE * Math.max(0, error - FAR_DB);
    const follow = between(1 / RISE_SECONDS, 1 / START_FOLLOW_SECONDS, start);
    return Math.min(error * follow, between(limit, START_DB_PER_SECOND, start));
  }

  #meanOfLast(hops: number): number {
    let sum = 0;
    for (let i = 1; i <= hops; i++) sum += this.#powers[(this.#next - i + MEMORY_HOPS) % MEMORY_HOPS] as number;
    return sum / hops;
  }

  #learn(power: number): void {
    this.#powers[this.#next] = power;
    this.#next = (this.#next + 1) % MEMORY_HOPS;
    if (this.#count < MEMORY_HOPS) this.#count++;
    this.#programmeHops++;
  }

  #isQuietSince(programmePower: number): boolean {
    if (this.#count <= QUIET_HOPS) return false;
    return powerToLufs(this.#meanOfLast(QUIET_HOPS)) < powerToLufs(programmePower) - QUIET_LU;
  }

  #forgetOlder(): void {
    for (let i = 0; i < QUIET_HOPS; i++) {
      const at = (this.#next - QUIET_HOPS + i + MEMORY_HOPS) % MEMORY_HOPS;
      this.#latest[i] = this.#powers[at] as number;
    }
    this.#powers.set(this.#latest);
    this.#next = QUIET_HOPS;
    this.#count = QUIET_HOPS;
  }
}

/** From `a` to `b` by a share of 0…1. */
function between(a: number, b: number, share: number): number {
  return a + share * (b - a);
}
