import { type FuzzTarget, mustHold } from '../target.ts';

/** A target with faults in it, one in ten cases each: what the fuzzer has to find. */
export const TARGETS: readonly [FuzzTarget] = [
  {
    name: 'planted',
    weight: 1,
    make: (random) => ({ options: { fault: random.below(10) }, bytes: random.bytes(8) }),
    run({ options }) {
      mustHold(options['fault'] !== 0, () => 'what must hold does not');
      if (options['fault'] === 1) process.kill(process.pid, 'SIGSEGV');
      if (options['fault'] === 2) for (;;); // hangs
      return { bytesOut: 0 };
    },
  },
];
