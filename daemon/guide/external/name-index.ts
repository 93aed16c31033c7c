import { type ComparableName, comparableName, letterPairs, nameScore, SAME } from './channel-names.ts';

export interface NameCandidate {
  readonly xmltvId: string;
  readonly name: string;
  /** 0 to 1. */
  readonly score: number;
}

/** Finds similar names among tens of thousands by the pairs of letters in them, without comparing with each. */
export class NameIndex {
  readonly #entries: { readonly xmltvId: string; readonly name: string; readonly comparable: ComparableName }[] = [];
  /** Entry and how often the pair is in it, in turn; by numbers and shift first, which have to be the same. */
  readonly #byPair = new Map<string, number[]>();

  readonly #byKey = new Map<string, NameCandidate[]>();

  add(xmltvId: string, name: string): void {
    const comparable = comparableName(name);
    const entry = this.#entries.push({ xmltvId, name, comparable }) - 1;
    const same = `${kindOf(comparable)} ${comparable.key}`;
    this.#byKey.set(same, [...(this.#byKey.get(same) ?? []), { xmltvId, name, score: SAME }]);
    for (const [pair, count] of letterPairs(comparable.key)) {
      const key = `${kindOf(comparable)} ${pair}`;
      const list = this.#byPair.get(key);
      if (list === undefined) this.#byPair.set(key, [entry, count]);
      else list.push(entry, count);
    }
  }

  /** The best name of each id, best first. */
  find(name: string, { least, most }: { least: number; most: number }): NameCandidate[] {
    const wanted = comparableName(name);
    const same = this.#byKey.get(`${kindOf(wanted)} ${wanted.key}`);
    if (same !== undefined && wanted.key !== '') {
      return [...new Map(same.map((one) => [one.xmltvId, one])).values()].slice(0, most);
    }
    const common = new Map<number, number>();
    for (const [pair, count] of letterPairs(wanted.key)) {
      const list = this.#byPair.get(`${kindOf(wanted)} ${pair}`) ?? [];
      for (let at = 0; at < list.length; at += 2) {
        const entry = list[at] ?? 0;
        common.set(entry, (common.get(entry) ?? 0) + Math.min(count, list[at + 1] ?? 0));
      }
    }
    const best = new Map<string, NameCandidate>();
    for (const [at, pairs] of common) {
      const entry = this.#entries[at];
      if (entry === undefined || pairs * 4 < wanted.key.length) continue; // a quarter in common is nothing
      const score = nameScore(wanted, entry.comparable, pairs);
      if (score < least || score <= (best.get(entry.xmltvId)?.score ?? 0)) continue;
      best.set(entry.xmltvId, { xmltvId: entry.xmltvId, name: entry.name, score });
    }
    return [...best.values()].sort((left, right) => right.score - left.score).slice(0, most);
  }
}

function kindOf({ digits, shiftHours }: ComparableName): string {
  return `${digits}+${shiftHours}`;
}
