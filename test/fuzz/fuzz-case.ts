import type { Corpus } from './corpus.ts';
import { caseSeed, Random } from './random.ts';
import type { FuzzInput, FuzzTarget } from './target.ts';

export interface FuzzCase {
  readonly target: FuzzTarget;
  readonly input: FuzzInput;
}

export type Targets = readonly [FuzzTarget, ...FuzzTarget[]];

/** Loads what a module exports as `TARGETS`: parent and child of a run name the same one. */
export async function loadTargets(module: string): Promise<Targets> {
  const { TARGETS } = (await import(module)) as { readonly TARGETS: Targets };
  return TARGETS;
}

/** Case `index` of a run: the same for the same seed, corpus and code. */
export function makeCase(runSeed: number, index: number, corpus: Corpus, targets: Targets): FuzzCase {
  const random = new Random(caseSeed(runSeed, index));
  const wheel = targets.flatMap((target) => Array.from({ length: target.weight }, () => target));
  const target = random.pick(wheel) ?? targets[0];
  return { target, input: target.make(random, corpus) };
}
