/**
 * The table of faults: `node test/bench/faults.ts [NAME…]`. Each fault of the simulated receiver once: what the viewer
 * sees, in how many seconds, and the line of the log. Writes results/faults.md when all of them ran.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FAULT_CASES, type FaultCase } from '../e2e/support/fault-cases.ts';
import { type FaultOutcome, runFault } from '../e2e/support/fault-runner.ts';
import { startGateway } from '../e2e/support/gateway.ts';

const RESULTS = join(import.meta.dirname, 'results');
const HEAD = [
  '| when | fault of the receiver | the viewer sees | seconds | gaps not announced | the log says |',
  '|---|---|---|---|---|---|',
];

/** The fields of a log line that matter. */
function logText(line: string): string {
  const { time, pid, name, level, channel, service, profile, client, ...rest } = JSON.parse(line) as Record<
    string,
    unknown
  >;
  const { msg, ...fields } = rest;
  const parts = Object.entries(fields).map(([key, value]) => `${key}=${String(value)}`);
  return `${String(level)}: ${String(msg)} ${parts.join(' ')}`
    .replaceAll('|', '\\|')
    .replace(/127\.0\.0\.1:\d+/g, 'receiver:8001');
}

function row(one: FaultCase, { seen, detail, seconds, silentBreaks, log }: FaultOutcome): string {
  const what =
    {
      picture: 'the picture',
      'goes-on': `the stream goes on; ${detail}`,
      ends: 'the stream ends',
    }[seen] ?? `${seen}, ${detail}`;
  const cells = [
    one.when === 'zap' ? 'zap' : 'watching',
    one.name,
    what.replaceAll('|', '\\|').replace(/127\.0\.0\.1:\d+/g, 'receiver:8001'),
    seconds.toFixed(1),
    one.when === 'zap' ? '' : `${silentBreaks}`,
    logText(log),
  ];
  return `| ${cells.join(' | ')} |`;
}

async function main(): Promise<void> {
  const names = process.argv.slice(2);
  const cases = FAULT_CASES.filter(({ name }) => names.length === 0 || names.some((part) => name.includes(part)));
  const teardowns: (() => unknown)[] = [];
  const owner = { teardown: (fn: () => unknown) => teardowns.push(fn) };
  const gateway = await startGateway(owner, { env: { XG2G_STREAM_LINGER: '0s' }, receiver: { wakePort: 0 } });
  const rows: string[] = [];
  try {
    for (const one of cases) {
      const outcome = await runFault(gateway, one).catch((error: unknown) => {
        process.stderr.write(`${one.name}: ${String(error)}\n${gateway.log.slice(-6).join('\n')}\n`);
        return null;
      });
      if (outcome === null) continue;
      rows.push(row(one, outcome));
      process.stdout.write(`${rows.at(-1)}\n`);
    }
  } finally {
    for (const teardown of teardowns.toReversed()) await teardown();
  }
  if (names.length > 0) return;
  await mkdir(RESULTS, { recursive: true });
  await writeFile(join(RESULTS, 'faults.md'), `${[...HEAD, ...rows].join('\n')}\n`);
}

await main();
