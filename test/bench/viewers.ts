/**
 * Many viewers of one channel: `node test/bench/viewers.ts`. 200 × 8 Mbit/s on loopback, first alone, then with 20 slow
 * ones beside 180 good ones; what the daemon takes of memory and CPU, and what the viewers see. Writes
 * results/viewers.json. XG2G_BENCH_SECONDS (20), XG2G_BENCH_VIEWERS (200), XG2G_BENCH_PROFILE (pass).
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Gateway, startGateway } from '../e2e/support/gateway.ts';
import { cpuSeconds, type Memory, memory, percentile } from './processes.ts';
import type { CrowdOrder, ViewerReport } from './viewer-client.ts';

const RESULTS = join(import.meta.dirname, 'results');
const SECONDS = Number(process.env['XG2G_BENCH_SECONDS'] ?? 20);
const VIEWERS = Number(process.env['XG2G_BENCH_VIEWERS'] ?? 200);
const PROFILE = process.env['XG2G_BENCH_PROFILE'] ?? 'pass';
/** The 1080i channel of the simulated receiver has 5.75 Mbit/s. */
const MBITS = 8;
const SPEED = MBITS / 5.75;
const SLOW_SHARE = 0.3;

interface Round {
  readonly good: number;
  readonly slow: number;
  readonly seconds: number;
  readonly before: Memory;
  readonly during: readonly Memory[];
  readonly after: Memory;
  /** Seconds of a core per second. */
  readonly daemonCpu: number;
  readonly clientCpu: number;
  readonly goodMbits: { readonly min: number; readonly median: number };
  readonly continuityErrors: number;
  readonly goodMarks: number;
  readonly slowMarks: number;
  readonly goodMaxGapMs: { readonly median: number; readonly max: number };
  readonly ended: number;
  readonly skips: number;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function measure(gateway: Gateway, order: CrowdOrder): Promise<Round> {
  const before = memory(gateway.daemonPid);
  const skipsBefore = (await gateway.metric('xg2g_stream_skips_total')) ?? 0;
  const child = fork(join(import.meta.dirname, 'viewer-client.ts'), { execPath: process.execPath });
  child.send(order);
  const answer = once(child, 'message') as Promise<[{ reports: ViewerReport[]; cpuSeconds: number }]>;
  await delay(3_000); // joining and bursts
  const cpuBefore = cpuSeconds(gateway.daemonPid);
  const startedAt = performance.now();
  const during: Memory[] = [];
  while (performance.now() - startedAt < (order.seconds - 5) * 1000) {
    during.push(memory(gateway.daemonPid));
    await delay(1_000);
  }
  const daemonCpu = ((cpuSeconds(gateway.daemonPid) - cpuBefore) * 1000) / (performance.now() - startedAt);
  const [{ reports, cpuSeconds: clientSeconds }] = await answer;
  await once(child, 'exit');
  await delay(2_000);
  const good = reports.filter(({ kind }) => kind === 'good');
  const mbits = good.map(({ bytes }) => (bytes * 8) / order.seconds / 1e6);
  const sum = (list: readonly ViewerReport[], read: (one: ViewerReport) => number): number =>
    list.reduce((total, one) => total + read(one), 0);
  return {
    good: order.good,
    slow: order.slow,
    seconds: order.seconds,
    before,
    during,
    after: memory(gateway.daemonPid),
    daemonCpu,
    clientCpu: clientSeconds / order.seconds,
    goodMbits: { min: Math.min(...mbits), median: percentile(mbits, 0.5) },
    continuityErrors: sum(reports, (one) => one.continuityErrors),
    goodMarks: sum(good, (one) => one.marks),
    slowMarks: sum(reports, (one) => one.marks) - sum(good, (one) => one.marks),
    goodMaxGapMs: {
      median: percentile(
        good.map(({ maxGapMs }) => maxGapMs),
        0.5,
      ),
      max: Math.max(...good.map(({ maxGapMs }) => maxGapMs)),
    },
    ended: reports.filter(({ ended }) => ended).length,
    skips: ((await gateway.metric('xg2g_stream_skips_total')) ?? 0) - skipsBefore,
  };
}

function tell(name: string, round: Round): void {
  const mb = ({ anonymousMb, residentMb }: Memory): string => `${anonymousMb.toFixed(1)} / ${residentMb.toFixed(1)}`;
  const anonymous = round.during.map((one) => one.anonymousMb);
  say(`${name}: ${round.good} good and ${round.slow} slow viewers of ${MBITS} Mbit/s for ${round.seconds} s`);
  say(`  memory MB (anonymous / resident)  before ${mb(round.before)}, after ${mb(round.after)}`);
  say(`  anonymous MB meanwhile            ${anonymous.map((value) => value.toFixed(0)).join(' ')}`);
  say(
    `  CPU of a core                     daemon ${round.daemonCpu.toFixed(2)}, the viewers ${round.clientCpu.toFixed(2)}`,
  );
  say(
    `  Mbit/s of the good ones           median ${round.goodMbits.median.toFixed(2)}, least ${round.goodMbits.min.toFixed(2)}`,
  );
  say(
    `  longest gap of the good ones      median ${round.goodMaxGapMs.median.toFixed(0)} ms, worst ${round.goodMaxGapMs.max.toFixed(0)} ms`,
  );
  say(
    `  continuity errors                 ${round.continuityErrors}; announced gaps: good ${round.goodMarks}, slow ${round.slowMarks}`,
  );
  say(`  skips ${round.skips}, ended ${round.ended}\n`);
}

async function main(): Promise<void> {
  const teardowns: (() => unknown)[] = [];
  const owner = { teardown: (fn: () => unknown) => teardowns.push(fn) };
  const gateway = await startGateway(owner, { receiver: { speed: SPEED } });
  try {
    const url = new URL(gateway.streamUrl('ac3', PROFILE));
    const order = {
      port: Number(url.port),
      path: `${url.pathname}${url.search}`,
      slowBytesPerSecond: (MBITS * 1e6 * SLOW_SHARE) / 8,
      seconds: SECONDS,
    };
    const rounds = {
      one: await measure(gateway, { ...order, good: 1, slow: 0, seconds: 10 }),
      all: await measure(gateway, { ...order, good: VIEWERS, slow: 0 }),
      mixed: await measure(gateway, { ...order, good: Math.round(VIEWERS * 0.9), slow: Math.round(VIEWERS * 0.1) }),
    };
    for (const [name, round] of Object.entries(rounds)) tell(name, round);
    await mkdir(RESULTS, { recursive: true });
    const file = join(RESULTS, 'viewers.json');
    await writeFile(
      file,
      `${JSON.stringify({ node: process.version, profile: PROFILE, mbits: MBITS, rounds }, null, 2)}\n`,
    );
    say(`written to ${file}`);
  } finally {
    for (const teardown of teardowns.toReversed()) await teardown();
  }
}

await main();
