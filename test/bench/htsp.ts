/**
 * Many HTSP clients: `node test/bench/htsp.ts`. 50 clients with a live subscription each, on 8 channels; what the daemon
 * takes of memory and CPU, and what the clients miss. Writes results/htsp.json. XG2G_BENCH_SECONDS (30),
 * XG2G_BENCH_CLIENTS (50).
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startGateway } from '../e2e/support/gateway.ts';
import { ON } from '../e2e/support/tuner-channels.ts';
import type { HtspOrder, HtspReport } from './htsp-crowd.ts';
import { median, memory, percentile, sleep, watchProcesses } from './processes.ts';

const RESULTS = join(import.meta.dirname, 'results');
const SECONDS = Number(process.env['XG2G_BENCH_SECONDS'] ?? 30);
const CLIENTS = Number(process.env['XG2G_BENCH_CLIENTS'] ?? 50);
const CHANNELS = [...ON.t11494, ...ON.t11362, ...ON.t11837].slice(0, 8);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const teardowns: (() => unknown)[] = [];
try {
  const gateway = await startGateway({ teardown: (fn) => teardowns.push(fn) }, { receiver: { tuners: 8 } });
  const before = memory(gateway.daemonPid);
  const child = fork(join(import.meta.dirname, 'htsp-crowd.ts'), { execPath: process.execPath });
  const order: HtspOrder = { port: gateway.htspPort, clients: CLIENTS, channels: CHANNELS, seconds: SECONDS };
  const answer = once(child, 'message') as Promise<[HtspReport[]]>;
  child.send(order);
  await sleep(4_000); // joining and bursts
  const usage = await watchProcesses([gateway.daemonPid], SECONDS - 6);
  const [reports] = await answer;
  const sum = (read: (report: HtspReport) => number): number => reports.reduce((total, one) => total + read(one), 0);
  const result = {
    clients: CLIENTS,
    channels: CHANNELS.length,
    seconds: SECONDS,
    daemonCores: usage.cores,
    anonymousMb: { before: before.anonymousMb, meanwhile: usage.anonymousMb },
    mbitsInAll: (sum(({ bytes }) => bytes) * 8) / SECONDS / 1e6,
    packets: sum(({ packets }) => packets),
    missing: sum(({ missing }) => missing),
    drops: sum(({ drops }) => drops),
    withoutAPacket: reports.filter(({ packets }) => packets === 0).length,
    firstPacketMs: {
      median: median(reports.map(({ firstPacketMs }) => firstPacketMs)),
      p95: percentile(
        reports.map(({ firstPacketMs }) => firstPacketMs),
        0.95,
      ),
    },
  };
  say(JSON.stringify(result, null, 1));
  await mkdir(RESULTS, { recursive: true });
  await writeFile(join(RESULTS, 'htsp.json'), `${JSON.stringify(result, null, 1)}\n`);
} finally {
  for (const teardown of teardowns.toReversed()) await teardown();
}
