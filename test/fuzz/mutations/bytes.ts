import type { Random } from '../random.ts';

/** Changes bytes in place or gives others. What it is given it may write. */
export type Mutation = (bytes: Buffer, random: Random) => Buffer;

export const flipBits: Mutation = (bytes, random) => {
  for (let left = random.size(200); left > 0 && bytes.length > 0; left--) {
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random.below(8));
  }
  return bytes;
};

export const overwriteRun: Mutation = (bytes, random) => {
  const from = random.below(bytes.length);
  const length = Math.min(bytes.length - from, random.size(4_000));
  const run = bytes.subarray(from, from + length);
  switch (random.below(3)) {
    case 0:
      run.fill(random.pick([0x00, 0xff, 0x47, 0x0b, random.below(256)]));
      break;
    case 1:
      run.set(random.bytes(length));
      break;
    default: {
      const source = random.below(bytes.length - length + 1);
      bytes.copyWithin(from, source, source + length);
    }
  }
  return bytes;
};

export const insertJunk: Mutation = (bytes, random) => {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), random.bytes(random.size(1_000)), bytes.subarray(at)]);
};

export const cutOut: Mutation = (bytes, random) => {
  const from = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + random.size(1_000))]);
};

export const truncate: Mutation = (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1));
