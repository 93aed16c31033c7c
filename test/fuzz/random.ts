/** Random numbers that a seed makes repeatable: xorshift over 32 bits, seeded through a mixer so that near seeds differ. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = mix(seed) || 1;
  }

  /** 0 … 2^32-1. */
  word(): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return mix(this.#state);
  }

  /** 0 … limit-1; 0 when there is nothing to choose from. */
  below(limit: number): number {
    return limit <= 1 ? 0 : Math.floor((this.word() / 0x1_0000_0000) * limit);
  }

  /** from … to, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(share: number): boolean {
    return this.word() / 0x1_0000_0000 < share;
  }

  pick<T>(choices: readonly [T, ...T[]]): T;
  pick<T>(choices: readonly T[]): T | undefined;
  pick<T>(choices: readonly T[]): T | undefined {
    return choices[this.below(choices.length)];
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at++) bytes[at] = this.word() & 0xff;
    return bytes;
  }

  /** Small mostly, large now and then: 1 … limit. */
  size(limit: number): number {
    return 1 + (this.below(1 << this.below(Math.ceil(Math.log2(Math.max(2, limit))) + 1)) % limit);
  }
}

/** The seed of one case of a run. */
export function caseSeed(runSeed: number, index: number): number {
  return mix((mix(runSeed) ^ index) >>> 0);
}

/** Finalizer of MurmurHash3: every bit of the input moves every bit of the output. */
function mix(value: number): number {
  let hash = value >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
