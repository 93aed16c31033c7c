/** `make captures`: every capture beside the project through the engine, as a table. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkCapture } from '#test/transcoder/support/capture-check.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'shared', 'data', 'ts');
const RESULTS = join(import.meta.dirname, 'results');

function summary(tracks: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const track of tracks) counts.set(track, (counts.get(track) ?? 0) + 1);
  return [...counts].map(([track, count]) => (count > 1 ? `${count}×${track}` : track)).join(' ') || '–';
}

async function main(): Promise<void> {
  if (!existsSync(FOLDER)) throw new Error('the captures are not beside the project (../shared/data/ts)');
  silenceFfmpegLog();
  const rows = [
    '| capture | sound in | sound out | decoder errors in | out | video packets | new TR 101 290 faults | counted |',
  ];
  rows.push('|---|---|---|---|---|---|---|---|');
  for (const file of readdirSync(FOLDER).toSorted()) {
    const check = await checkCapture(join(FOLDER, file));
    const { stats, hopeless } = check.remuxed;
    const counted = Object.entries(stats.errors).map(([kind, count]) => `${kind} ${count}`);
    const why = hopeless === null ? '' : hopeless.code;
    const row = [
      file.replace(/^.*__/, ''),
      summary(check.tracksIn),
      summary(check.tracksOut),
      check.errorsIn === null ? '–' : check.errorsIn.length,
      check.errorsOut === null ? why || '–' : check.errorsOut.length,
      check.videoPackets === 0 ? '–' : `${check.videoPackets} ${check.videoIntact ? 'same' : 'DIFFERENT'}`,
      check.newFaults.join(', ') || '–',
      counted.join(', ') || '–',
    ];
    rows.push(`| ${row.join(' | ')} |`);
    process.stdout.write(`${rows.at(-1)}\n`);
  }
  await mkdir(RESULTS, { recursive: true });
  await writeFile(join(RESULTS, 'captures.md'), `${rows.join('\n')}\n`);
}

await main();
