import { XgError } from '#shared/errors.ts';
import type { Channel } from '../lineup/channel.ts';
import type { Ring } from '../streams/ring.ts';

/** What a tuner of ours is used for. */
export interface SlotClaim {
  readonly channel: Channel;
  /** Of the client. */
  readonly address: string;
  /** `control`: it was tuned over the control connection, and is that client's alone. */
  readonly by: 'stream' | 'control';
}

/** A claim that was granted. */
export interface SlotUse extends SlotClaim {
  readonly tuner: number;
  /** What flows; null while it is being tuned. */
  ring: Ring | null;
  /** Where its bytes go, for people; null for nowhere. */
  target: string | null;
  readonly rate: RateMeter;
  release(): void;
}

/** No more clients than this have a number; the arbiter has refused them long before. */
const MAX_SLOTS = 64;

/**
 * The tuners that clients see. They are numbers and no more: whether a channel can be received is for the arbiter to say,
 * and channels of one transponder need one real tuner for any number of these. So `/auto/` always finds one, if need be
 * behind those that are shown; one that is asked for by its number may be somebody else's.
 */
export class TunerSlots {
  readonly #count: () => number;
  readonly #uses = new Map<number, Set<SlotUse>>();
  /** By tuner: the address of the client that has locked it. */
  readonly #locks = new Map<number, string>();

  constructor(count: () => number) {
    this.#count = count;
  }

  /** Tuners that there are to see: those that are shown, and those beyond that are in use. */
  get size(): number {
    return Math.max(this.#count(), ...[...this.#uses.keys()].map((tuner) => tuner + 1));
  }

  /** Of the first one who has it; null for a tuner that is free. */
  use(tuner: number): SlotUse | null {
    return [...(this.#uses.get(tuner) ?? [])][0] ?? null;
  }

  uses(): SlotUse[] {
    return [...this.#uses.values()].flatMap((uses) => [...uses]);
  }

  lock(tuner: number, address: string | null): void {
    if (address === null) this.#locks.delete(tuner);
    else this.#locks.set(tuner, address);
  }

  /**
   * A tuner of this number, or any (null). The same client may open the same channel again, as players do.
   *
   * @throws XgError `HDHR_TUNER_UNKNOWN`, `HDHR_TUNER_IN_USE`.
   */
  take(wanted: number | null, claim: SlotClaim): SlotUse {
    const tuner = wanted === null ? this.#any(claim) : this.#one(wanted, claim);
    const uses = this.#uses.get(tuner) ?? new Set<SlotUse>();
    this.#uses.set(tuner, uses);
    const use: SlotUse = {
      ...claim,
      tuner,
      ring: null,
      target: null,
      rate: new RateMeter(),
      release: () => {
        uses.delete(use);
        if (uses.size === 0 && this.#uses.get(tuner) === uses) this.#uses.delete(tuner);
      },
    };
    uses.add(use);
    return use;
  }

  #any(claim: SlotClaim): number {
    const same = this.uses().find((use) => isSame(use, claim));
    if (same !== undefined) return same.tuner;
    for (let tuner = 0; tuner < MAX_SLOTS; tuner++) {
      if (!this.#uses.has(tuner) && !this.#isLockedFor(tuner, claim)) return tuner;
    }
    throw new XgError('HDHR_TUNERS_IN_USE', `All ${MAX_SLOTS} tuners of this device are in use`);
  }

  #one(tuner: number, claim: SlotClaim): number {
    if (tuner >= this.#count()) {
      throw new XgError('HDHR_TUNER_UNKNOWN', `There is no tuner${tuner}; there are ${this.#count()}, from tuner0 on`);
    }
    const use = this.use(tuner);
    if (this.#isLockedFor(tuner, claim) || (use !== null && !isSame(use, claim))) {
      const who = use?.address ?? this.#locks.get(tuner) ?? '';
      throw new XgError('HDHR_TUNER_IN_USE', `tuner${tuner} is in use by ${who}`, { data: { address: who } });
    }
    return tuner;
  }

  #isLockedFor(tuner: number, claim: SlotClaim): boolean {
    const owner = this.#locks.get(tuner);
    return owner !== undefined && !(claim.by === 'control' && owner === claim.address);
  }
}

function isSame(use: SlotClaim, claim: SlotClaim): boolean {
  return (
    use.by === 'stream' && claim.by === 'stream' && use.address === claim.address && use.channel.id === claim.channel.id
  );
}

/** Measured over at least so long. */
const WINDOW_MS = 1_000;

/** Bytes per second of a stream, over the time since it was last asked, or since the beginning. */
export class RateMeter {
  #atMs: number;
  #bytes: number | null = null;
  #rate = 0;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#atMs = now();
  }

  /** `bytes`: so many have come until now, from whatever beginning. */
  bytesPerSecond(bytes: number): number {
    const nowMs = this.#now();
    const elapsedMs = nowMs - this.#atMs;
    if (this.#bytes === null || elapsedMs >= WINDOW_MS || this.#rate === 0) {
      if (elapsedMs > 0 && this.#bytes !== null) this.#rate = Math.max(0, ((bytes - this.#bytes) / elapsedMs) * 1000);
      if (this.#bytes === null || elapsedMs >= WINDOW_MS) {
        this.#bytes = bytes;
        this.#atMs = nowMs;
      }
    }
    return Math.round(this.#rate);
  }
}
