/** A case that failed, as a file: a line of JSON, then the bytes. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { FuzzInput } from './target.ts';

export interface Crasher {
  readonly target: string;
  readonly input: FuzzInput;
  /** Where it came from and what it did. */
  readonly seed: number;
  readonly index: number;
  readonly failure: string;
}

export function writeCrasher(path: string, { target, input, seed, index, failure }: Crasher): void {
  const head = JSON.stringify({ target, seed, index, failure, options: input.options });
  writeFileSync(path, Buffer.concat([Buffer.from(`${head}\n`), input.bytes]));
}

/** @throws Error when it is no such file. */
export function readCrasher(path: string): Crasher {
  const bytes = readFileSync(path);
  const end = bytes.indexOf(0x0a);
  if (end < 0) throw new Error(`${path} is no crasher: it has no first line`);
  const head = JSON.parse(bytes.subarray(0, end).toString('utf8')) as Omit<Crasher, 'input'> &
    Pick<FuzzInput, 'options'>;
  const { options, ...rest } = head;
  return { ...rest, input: { options, bytes: bytes.subarray(end + 1) } };
}
