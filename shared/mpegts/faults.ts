/** What can be wrong with a stream, by kind. Counted, reported in `stats` and in the metrics, never logged one by one. */
export type FaultKind =
  | 'transport-error'
  | 'adaptation-field'
  | 'continuity'
  | 'duplicate'
  | 'scrambled'
  | 'pat-section'
  | 'pmt-section'
  | 'sync'
  | 'skipped-bytes'
  | 'pes-header'
  | 'junk-bytes'
  | 'decode'
  | 'gap'
  | 'overlap'
  | 'jump'
  | 'format-change'
  | 'late-audio'
  | 'pcr-jump'
  | 'no-pts'
  | 'substream';

export class FaultCounters {
  readonly #counts = new Map<FaultKind, number>();

  add(kind: FaultKind, amount = 1): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + amount);
  }

  get(kind: FaultKind): number {
    return this.#counts.get(kind) ?? 0;
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
