import type { Reception } from '../receiver/model.ts';

/** A receiver, as far as its signal is concerned. */
export interface ReceptionSource {
  reception(options: { signal?: AbortSignal }): Promise<Reception>;
}

/** Asked no more often. */
const FRESH_MS = 3_000;
/** How long somebody waits for it; the answer is kept for the next one. */
const WAIT_MS = 1_200;

/**
 * How well the television's service is received, by receiver: the one frontend of which a box tells. Asked while somebody
 * wants to know, and no more often than every few seconds.
 */
export class ReceptionWatch {
  readonly #sources: ReadonlyMap<string, ReceptionSource>;
  readonly #now: () => number;
  readonly #last = new Map<string, { readonly atMs: number; readonly reception: Promise<Reception | null> }>();

  constructor(sources: ReadonlyMap<string, ReceptionSource>, now: () => number = () => performance.now()) {
    this.#sources = sources;
    this.#now = now;
  }

  /** Null where the box does not tell, does not answer, or takes too long. Never rejects. */
  async of(box: string): Promise<Reception | null> {
    const source = this.#sources.get(box);
    if (source === undefined) return null;
    let last = this.#last.get(box);
    if (last === undefined || this.#now() - last.atMs > FRESH_MS) {
      const signal = AbortSignal.timeout(WAIT_MS);
      last = { atMs: this.#now(), reception: source.reception({ signal }).catch(() => null) };
      this.#last.set(box, last);
    }
    return last.reception;
  }
}
