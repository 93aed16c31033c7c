import type { DemoService } from '../lineup/services.ts';

/** `rec`: a recording. `live`: the television in the living room. `stream`: a reader on the network. */
export type UseKind = 'rec' | 'live' | 'stream';

export interface TunerUse {
  readonly kind: UseKind;
  readonly service: DemoService;
}

interface Demodulator {
  readonly transponder: string;
  readonly uses: Set<TunerUse>;
}

/**
 * The box's demodulators. Services of one transponder share one; another transponder needs another. Nobody takes one from
 * anybody: who wants one that is not there has to end a use first.
 */
export class Tuners {
  readonly #slots: (Demodulator | null)[];

  constructor(count: number) {
    this.#slots = Array.from({ length: count }, () => null);
  }

  get count(): number {
    return this.#slots.length;
  }

  get inUse(): number {
    return this.#slots.filter((slot) => slot !== null).length;
  }

  /** Of each tuner, in the box's order, what uses it. */
  get uses(): readonly (readonly TunerUse[])[] {
    return this.#slots.map((slot) => (slot === null ? [] : [...slot.uses]));
  }

  /** Whether a tuner is free for it, or would be without the use `ignoring` stands for. */
  canTune(service: DemoService, ignoring: DemoService | null = null): boolean {
    return this.#slots.some(
      (slot) =>
        slot === null ||
        slot.transponder === service.transponder.key ||
        (ignoring !== null && slot.uses.size === 1 && [...slot.uses][0]?.service === ignoring),
    );
  }

  /** The way to give it back; null when all tuners are busy with other transponders. */
  tune(use: TunerUse): (() => void) | null {
    const shared = this.#slots.findIndex((slot) => slot?.transponder === use.service.transponder.key);
    const index = shared >= 0 ? shared : this.#slots.indexOf(null);
    if (index < 0) return null;
    const slot: Demodulator = this.#slots[index] ?? { transponder: use.service.transponder.key, uses: new Set() };
    this.#slots[index] = slot;
    slot.uses.add(use);
    return () => {
      slot.uses.delete(use);
      if (slot.uses.size === 0 && this.#slots[index] === slot) this.#slots[index] = null;
    };
  }
}
