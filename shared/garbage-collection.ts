import { setFlagsFromString } from 'node:v8';

/**
 * Lets buffers count towards the heap's limit, which grows with what is in use. Left to itself V8 collects all garbage
 * whenever 64 MB of buffers have come and gone: with forty streams twice a second, which took half of the daemon's CPU
 * time. Costs a tenth more memory then. To be called first of all.
 */
export function countBuffersAsHeap(): void {
  setFlagsFromString('--external-memory-accounted-in-global-limit');
}

let frugal = 0;

/**
 * While work runs that makes much garbage and keeps little, V8 lets the heap grow by little before it collects; by
 * itself it would let it grow to several times what is in use and give that back only hours later.
 */
export async function withSmallHeap<Value>(work: () => Promise<Value>): Promise<Value> {
  if (frugal++ === 0) setFlagsFromString('--optimize-for-size');
  try {
    return await work();
  } finally {
    if (--frugal === 0) setFlagsFromString('--no-optimize-for-size');
  }
}
