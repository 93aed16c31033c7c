import type { Corpus } from './corpus.ts';
import type { Random } from './random.ts';

/** What a case feeds in; together with the target's name it is the whole case. */
export interface FuzzInput {
  /** JSON: it goes into the crasher's file. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly bytes: Buffer;
}

/** What a case brought forth, for the run's summary. */
export interface FuzzOutcome {
  readonly bytesOut: number;
}

/** Something that takes bytes from outside, and what must hold whatever they are. */
export interface FuzzTarget {
  readonly name: string;
  /** How often its turn comes, beside the others'. */
  readonly weight: number;
  make(random: Random, corpus: Corpus): FuzzInput;
  /** @throws FuzzViolation when something does not hold; any other throw is one, too. */
  run(input: FuzzInput): FuzzOutcome;
}

/** Something that must hold did not. */
export class FuzzViolation extends Error {
  override readonly name = 'FuzzViolation';
}

export function mustHold(condition: boolean, what: () => string): asserts condition {
  if (!condition) throw new FuzzViolation(what());
}
