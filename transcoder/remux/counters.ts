/** Faults by kind. A name is added by its first occurrence; there are as many as the code has words for. */
export type FaultKind =
  | 'sync'
  | 'transport-error'
  | 'adaptation-field'
  | 'continuity'
  | 'duplicate'
  | 'scrambled'
  | 'pat-section'
  | 'pmt-section'
  | 'pes-header'
  | 'junk-bytes'
  | 'decode'
  | 'gap'
  | 'overlap'
  | 'jump'
  | 'format-change'
  | 'late-audio';

/** Counts; nothing here writes a log line. */
export class Counters {
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
