/** `make bench`: the figures of design and issue, beside ffmpeg on the same work in the same run. PARTS chooses. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BenchPart, Figure } from './part.ts';
import { delayPart } from './parts/delay.ts';
import { enginePart } from './parts/engine.ts';
import { guidePart } from './parts/guide.ts';
import { hourPart } from './parts/hour.ts';
import { httpPart } from './parts/http.ts';
import { lineupPart } from './parts/lineup.ts';
import { startPart } from './parts/start.ts';
import { streamsPart } from './parts/streams.ts';
import { syncPart } from './parts/sync.ts';
import { markdownPage, textTable } from './report/table.ts';

const RESULTS = join(import.meta.dirname, 'results');

const PARTS: ReadonlyMap<string, BenchPart> = new Map([
  ['delay', delayPart],
  ['streams', streamsPart],
  ['engine', enginePart],
  ['http', httpPart],
  ['start', startPart],
  ['lineup', lineupPart],
  ['guide', guidePart],
  ['sync', syncPart],
  ['hour', hourPart],
]);

interface StoredPart {
  readonly figures: readonly Figure[];
  readonly plots: readonly string[];
  readonly data: unknown;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function chosenParts(): [string, BenchPart][] {
  const names = (process.env['PARTS'] ?? '').split(',').filter((name) => name !== '');
  for (const name of names) {
    if (!PARTS.has(name)) throw new Error(`PARTS names "${name}"; there are: ${[...PARTS.keys()].join(', ')}`);
  }
  return [...PARTS].filter(([name]) => names.length === 0 || names.includes(name));
}

/** The page shows all parts that were ever measured, each as it was last. */
async function writePage(): Promise<void> {
  const parts = new Map<string, StoredPart>();
  for (const name of PARTS.keys()) {
    const file = join(RESULTS, `${name}.json`);
    if (existsSync(file)) parts.set(name, JSON.parse(await readFile(file, 'utf8')) as StoredPart);
  }
  await writeFile(join(RESULTS, 'README.md'), markdownPage(parts));
}

async function main(): Promise<void> {
  const seconds = Number(process.env['XG2G_BENCH_SECONDS'] ?? 30);
  if (!(seconds > 0)) throw new Error('XG2G_BENCH_SECONDS is no number of seconds');
  await mkdir(RESULTS, { recursive: true });
  for (const [name, part] of chosenParts()) {
    const { data, figures, plots = {} } = await part({ seconds, say });
    say(`\n${name}\n${textTable(figures)}\n`);
    const stored: StoredPart = { figures, plots: Object.keys(plots), data };
    await writeFile(join(RESULTS, `${name}.json`), `${JSON.stringify(stored, null, 1)}\n`);
    for (const [file, svg] of Object.entries(plots)) await writeFile(join(RESULTS, file), svg);
  }
  await writePage();
  say(`written to ${RESULTS}`);
}

await main();
