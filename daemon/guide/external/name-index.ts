import { type ComparableName, comparableName, letterPairs, nameScore } from './channel-names.ts';

export interface NameCandidate {
  readonly xmltvId: string;
  readonly name: string;
  /** 0 to 1. */
  readonly score: number;
}

/** Finds similar names among tens of thousands by the pairs of letters in them, without comparing with each. */
export class NameIndex {
  readonly #entries: { readonly xmltvId: string; readonly name: string; readonly comparable: ComparableName }[] = [];
  /** Entry and how often the pair is in it, in turn. */
  readonly #byPair = new Map<string, number[]>();

  add(xmltvId: string, name: string): void {
    const comparable = comparableName(name);
    const entry = this.#entries.push({ xmltvId, name, comparable }) - 1;
    for (const [pair, count] of letterPairs(comparable.key)) {
      const list = this.#byPair.get(pair);
      if (list === undefined) this.#byPair.set(pair, [entry, count]);
      else list.push(entry, count);
    }
  }

  /** The best name of each id, best first. */
  find(name: string, { least, most }: { least: number; most: number }): NameCandidate[] {
    const wanted = comparableName(name);
    const common = new Map<number, number>();
    for (const [pair, count] of letterPairs(wanted.key)) {
      const list = this.#byPair.get(pair) ?? [];
      for (let at = 0; at < list.length; at += 2) {
        const entry = list[at] ?? 0;
        common.set(entry, (common.get(entry) ?? 0) + Math.min(count, list[at + 1] ?? 0));
      }
    }
    const best = new Map<string, NameCandidate>();
    for (const [at, pairs] of common) {
      const entry = this.#entries[at];
      if (entry === undefined) continue;
      const score = nameScore(wanted, entry.comparable, pairs);
      if (score < least || score <= (best.get(entry.xmltvId)?.score ?? 0)) continue;
      best.set(entry.xmltvId, { xmltvId: entry.xmltvId, name: entry.name, score });
    }
    return [...best.values()].sort((left, right) => right.score - left.score).slice(0, most);
  }
}
