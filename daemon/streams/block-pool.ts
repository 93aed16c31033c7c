/**
 * The memory of the rings: blocks of one size that go round. Fresh memory for a stream means a page fault per 4 KiB, and
 * the garbage collector finds out late that the old is free.
 */
export const BLOCK_BYTES = 128 * 1024;
/** Blocks kept for the next one who needs one. */
const MAX_FREE = 128;
/** What is kept at the most. */
export const MAX_FREE_BYTES = MAX_FREE * BLOCK_BYTES;

const free: Buffer[] = [];

/** Other sizes than `BLOCK_BYTES` are made anew each time. */
export function takeBlock(bytes: number): Buffer {
  return (bytes === BLOCK_BYTES ? free.pop() : undefined) ?? Buffer.allocUnsafeSlow(bytes);
}

/** The block is written again from now on: nobody may look at it any more. */
export function giveBlock(block: Buffer): void {
  if (block.length === BLOCK_BYTES && free.length < MAX_FREE) free.push(block);
}
