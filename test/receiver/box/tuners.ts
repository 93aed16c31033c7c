import type { DemoService } from '../lineup/services.ts';

/** `rec`: a recording. `live`: the television in the living room. `stream`: a reader on the network. */
export type UseKind = 'rec' | 'live' | 'stream';

export interface TunerUse {
  readonly kind: UseKind;
  readonly service: DemoService;
  /** Something more important takes the tuner: it is already gone. */
  readonly onLost: () => void;
}

interface Demodulator {
  readonly transponder: string;
  readonly uses: Set<TunerUse>;
}

/** Who has to give way to whom, in the order in which they are asked. Readers on the network take from nobody. */
const GIVES_WAY: Readonly<Record<UseKind, readonly UseKind[]>> = {
  rec: ['stream', 'live'],
  live: ['stream'],
  stream: [],
};

/** The box's demodulators. Services of one transponder share one; another transponder needs another. */
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

  /** The way to give it back; null when all tuners are busy with what is as important. */
  tune(use: TunerUse): (() => void) | null {
    const index = this.#find(use);
    if (index === null) return null;
    const slot: Demodulator = this.#slots[index] ?? { transponder: use.service.transponder.key, uses: new Set() };
    this.#slots[index] = slot;
    slot.uses.add(use);
    return () => {
      slot.uses.delete(use);
      if (slot.uses.size === 0 && this.#slots[index] === slot) this.#slots[index] = null;
    };
  }

  /** A tuner on this transponder, a free one, or one that is taken from others. */
  #find(use: TunerUse): number | null {
    const shared = this.#slots.findIndex((slot) => slot?.transponder === use.service.transponder.key);
    if (shared >= 0) return shared;
    const free = this.#slots.indexOf(null);
    if (free >= 0) return free;
    const weaker = new Set<UseKind>();
    for (const kind of GIVES_WAY[use.kind]) {
      weaker.add(kind);
      const index = this.#slots.findIndex((slot) => [...(slot?.uses ?? [])].every((other) => weaker.has(other.kind)));
      if (index < 0) continue;
      const lost = [...(this.#slots[index]?.uses ?? [])];
      this.#slots[index] = null;
      for (const other of lost) other.onLost();
      return index;
    }
    return null;
  }
}
