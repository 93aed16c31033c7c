/** What mutations start from, as 188-byte packets: built programmes always, demo media and real captures where they are. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import { testProgramme } from '#test/helpers/test-programme.ts';
import { syntheticProgramme } from '#test/transcoder/support/synthetic-programme.ts';
import type { Random } from './random.ts';

export interface CorpusFile {
  readonly name: string;
  /** Whole packets of 188 bytes. */
  readonly packets: Buffer;
}

export type Corpus = readonly [CorpusFile, ...CorpusFile[]];

const CAPTURES = new URL('../../../shared/data/ts/', import.meta.url);
const DEMO = new URL('../../.cache/demo/', import.meta.url);
/** Of the demo media the beginning will do. */
const DEMO_BYTES = 1024 * 1024;

function packetsOf(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  const sync = new PacketSync({ onPackets: (run, from, to) => parts.push(Buffer.from(run.subarray(from, to))) });
  sync.push(bytes);
  sync.finish();
  return Buffer.concat(parts);
}

function filesBelow(folder: URL, maxBytes: number): CorpusFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .map((name) => ({
      name,
      packets: packetsOf(readFileSync(fileURLToPath(new URL(name, folder))).subarray(0, maxBytes)),
    }))
    .filter(({ packets }) => packets.length >= 188 * 10);
}

export function loadCorpus(): Corpus {
  return [
    { name: 'synthetic programme', packets: syntheticProgramme(80) },
    { name: 'synthetic programme before the wrap', packets: syntheticProgramme(80, { startTicks: 2 ** 33 - 90_000 }) },
    { name: 'test programme', packets: testProgramme({ durationMs: 1_000 }) },
    ...filesBelow(DEMO, DEMO_BYTES),
    ...filesBelow(CAPTURES, Number.POSITIVE_INFINITY),
  ];
}

/** A piece of one file: a few packets to `maxBytes`, more often from the start, where the tables are. */
export function pickPackets(random: Random, corpus: Corpus, maxBytes: number): Buffer {
  const { packets } = random.pick(corpus);
  const count = packets.length / 188;
  const length = Math.min(count, random.between(10, Math.floor(maxBytes / 188)));
  const from = random.chance(0.5) ? 0 : random.below(count - length + 1);
  return Buffer.from(packets.subarray(from * 188, (from + length) * 188));
}
