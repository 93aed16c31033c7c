import type { FuzzCase } from './fuzz-case.ts';
import { type FuzzOutcome, mustHold } from './target.ts';

/** CPU seconds that a case may take: a floor, for what machines do now and then, and so much per megabyte of input. */
const FLOOR_SECONDS = 3;
const SECONDS_PER_MEGABYTE = 30;

export interface CaseResult extends FuzzOutcome {
  readonly cpuSeconds: number;
}

/** Runs a case and judges its time. @throws whatever its target throws. */
export function runCase({ target, input }: FuzzCase): CaseResult {
  const before = process.cpuUsage();
  const outcome = target.run(input);
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  const megabytes = input.bytes.length / 1e6;
  const allowed = FLOOR_SECONDS + megabytes * SECONDS_PER_MEGABYTE;
  mustHold(cpuSeconds <= allowed, () => `${cpuSeconds.toFixed(1)} s of CPU for ${megabytes.toFixed(2)} MB`);
  return { ...outcome, cpuSeconds };
}
