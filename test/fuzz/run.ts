/** `make fuzz`: see HELP. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { readCrasher } from './crasher.ts';
import { loadTargets } from './fuzz-case.ts';
import { runCase } from './run-case.ts';
import { FuzzRunner } from './runner.ts';

const HELP = `Feeds broken streams, frames, messages and settings to what reads them.

Usage: make fuzz                     XG2G_FUZZ_SECONDS=600 (120)   how long
                                     XG2G_FUZZ_SEED=7 (the time)   the same seed gives the same cases
                                     XG2G_FUZZ_CASES=1000 (any)    how many at the most
       node test/fuzz/run.ts --replay FILE    one crasher again
`;

const TARGETS = join(import.meta.dirname, 'targets.ts');
const CRASHERS = join(import.meta.dirname, '..', '..', '.cache', 'fuzz');
/** Anonymous memory may differ by so much between two quarters of a run: the allocator's, not ours. */
const MAX_GROWTH_MB = 24;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

function numberFrom(variable: string, fallback: number): number {
  const text = process.env[variable];
  if (text === undefined || text === '') return fallback;
  if (!/^\d+$/.test(text)) throw new Error(`${variable} is "${text}", expected a whole number`);
  return Number(text);
}

async function replay(file: string): Promise<void> {
  silenceFfmpegLog();
  const { target: name, input, failure } = readCrasher(file);
  const target = (await loadTargets(TARGETS)).find((one) => one.name === name);
  if (target === undefined) throw new Error(`${file} is for "${name}", which is no fuzz target`);
  say(`${name}, ${input.bytes.length} bytes, ${JSON.stringify(input.options)}\nthen: ${failure}`);
  const { bytesOut, cpuSeconds } = runCase({ target, input });
  say(`now: passes (${bytesOut} bytes out, ${cpuSeconds.toFixed(2)} s)`);
}

async function fuzz(): Promise<void> {
  const seed = numberFrom('XG2G_FUZZ_SEED', Date.now() % 0x1_0000_0000);
  const seconds = numberFrom('XG2G_FUZZ_SECONDS', 120);
  const cases = process.env['XG2G_FUZZ_CASES'] === undefined ? null : numberFrom('XG2G_FUZZ_CASES', 0);
  say(`fuzzing for ${seconds} s; seed ${seed}`);
  const runner = new FuzzRunner({ targets: TARGETS, seed, seconds, cases, crasherFolder: CRASHERS, say });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => runner.stop());
  const summary = await runner.run();
  const { memoryMb, growthMb, failures } = summary;
  say('');
  say(`cases                 ${summary.cases}`);
  say(`bytes in, out         ${(summary.bytesIn / 1e6).toFixed(1)} MB, ${(summary.bytesOut / 1e6).toFixed(1)} MB`);
  say(`most out by in        ${summary.highestRatio.toFixed(1)}`);
  say(`longest case          ${summary.longestCaseSeconds.toFixed(2)} s of CPU`);
  say(`most CPU per input    ${summary.mostSecondsPerMegabyte.toFixed(2)} s/MB`);
  say(`anonymous memory      ${memoryMb.at(-1)?.toFixed(1)} MB at the end, growth ${growthMb.toFixed(1)} MB`);
  say(`failures              ${failures.length}`);
  for (const { index, target, failure, file } of failures) {
    say(`  case ${index} (${target}): ${failure.split('\n')[0]}`);
    say(`    again: node_modules/.bin/node test/fuzz/run.ts --replay ${file}`);
  }
  if (growthMb > MAX_GROWTH_MB) say(`memory grew by more than ${MAX_GROWTH_MB} MB`);
  if (failures.length > 0 || growthMb > MAX_GROWTH_MB || summary.cases === 0) process.exitCode = 1;
}

const { values } = parseArgs({ options: { replay: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help === true) say(HELP);
else if (values.replay === undefined) await fuzz();
else await replay(values.replay);
