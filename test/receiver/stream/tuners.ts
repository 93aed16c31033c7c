/** The box's demodulators. Services of one transponder share one; another transponder needs another. */
export class Tuners {
  readonly #count: number;
  readonly #users = new Map<string, number>();

  constructor(count: number) {
    this.#count = count;
  }

  get inUse(): number {
    return this.#users.size;
  }

  /** Transponder keys of the tuners in use, and how many use each. */
  get users(): ReadonlyMap<string, number> {
    return this.#users;
  }

  get count(): number {
    return this.#count;
  }

  canTune(transponder: string): boolean {
    return this.#users.has(transponder) || this.#users.size < this.#count;
  }

  /** The way to give it back; null when all tuners are busy with other transponders. */
  tune(transponder: string): (() => void) | null {
    if (!this.canTune(transponder)) return null;
    this.#users.set(transponder, (this.#users.get(transponder) ?? 0) + 1);
    let released = false;
    return () => {
      if (released) return;
      released = true;
      const left = (this.#users.get(transponder) ?? 1) - 1;
      if (left === 0) this.#users.delete(transponder);
      else this.#users.set(transponder, left);
    };
  }
}
