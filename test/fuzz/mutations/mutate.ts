import { type Corpus, pickPackets } from '../corpus.ts';
import type { Random } from '../random.ts';
import { cutOut, flipBits, insertJunk, type Mutation, overwriteRun, truncate } from './bytes.ts';
import {
  dropPackets,
  duplicatePackets,
  jumpPcr,
  loseOften,
  playTwice,
  setDiscontinuityIndicators,
  spoilHeaders,
  swapPackets,
  swapPids,
} from './packets.ts';
import { editPesHeaders, moveStamps, spoilAudio } from './pes.ts';
import { editSections, insertTables } from './tables.ts';

/** Those that keep whole packets whole. Twice in the list: twice as often. */
const OF_PACKETS: readonly [Mutation, ...Mutation[]] = [
  dropPackets,
  loseOften,
  duplicatePackets,
  swapPackets,
  swapPids,
  spoilHeaders,
  jumpPcr,
  setDiscontinuityIndicators,
  playTwice,
  editSections,
  editSections,
  insertTables,
  editPesHeaders,
  editPesHeaders,
  moveStamps,
  moveStamps,
  spoilAudio,
  spoilAudio,
  spoilAudio,
  flipBits,
  overwriteRun,
];

const OF_BYTES: readonly [Mutation, ...Mutation[]] = [insertJunk, cutOut, truncate, flipBits, overwriteRun];

/** No mutation makes more of it than this. */
const MAX_BYTES = 1_500_000;

/** A stream that something is wrong with: pieces of one or several captures, mutated, perhaps in another packet size. */
export function mutatedStream(random: Random, corpus: Corpus, maxBytes: number): Buffer {
  const pieces = Array.from({ length: random.pick([1, 1, 1, 2, 2, 3]) }, () => pickPackets(random, corpus, maxBytes));
  let bytes: Buffer = Buffer.concat(pieces);
  for (let left = random.below(6); left > 0 && bytes.length >= 188; left--) {
    bytes = Buffer.from(random.pick(OF_PACKETS)(bytes, random));
    if (bytes.length > MAX_BYTES) bytes = bytes.subarray(0, MAX_BYTES - (MAX_BYTES % 188));
  }
  if (random.chance(0.15)) bytes = resize(bytes, random.pick([192, 204]), random);
  if (!random.chance(0.3)) return bytes;
  for (let left = random.size(3); left > 0 && bytes.length > 0; left--) {
    bytes = Buffer.from(random.pick(OF_BYTES)(bytes, random));
  }
  return bytes;
}

/** A time stamp before each packet (192) or parity behind it (204). */
function resize(packets: Buffer, size: 192 | 204, random: Random): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < packets.length; at += 188) {
    const packet = packets.subarray(at, at + 188);
    parts.push(...(size === 192 ? [random.bytes(4), packet] : [packet, random.bytes(16)]));
  }
  return Buffer.concat(parts);
}
