/**
 * How fast a channel is there: `node test/bench/zap.ts`. XG2G_BENCH_ZAPS (100) zaps and joins; players beside the same
 * players on the receiver itself, XG2G_BENCH_PLAYS (10) times each. Writes results/zap.json and results/zap*.svg.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '#test/helpers/wait-for.ts';
import { zapTo } from '../e2e/support/first-picture.ts';
import { CHANNELS, type Gateway, startGateway } from '../e2e/support/gateway.ts';
import { distributionPlot, type PlotSeries } from './plot.ts';
import { percentile } from './processes.ts';

const RESULTS = join(import.meta.dirname, 'results');
const ZAPS = Number(process.env['XG2G_BENCH_ZAPS'] ?? 100);
const PLAYS = Number(process.env['XG2G_BENCH_PLAYS'] ?? 10);
/** H.264 with a picture that needs no other every second; MP2. */
const CHANNEL: keyof typeof CHANNELS = 'plain';
const REF = '1:0:16:2EE4:441:1:C00000:0:0:0:';

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** The fields of the last zap in the log. */
async function zapLine(gateway: Gateway, from: number): Promise<Record<string, number | string>> {
  const line = await eventually(() => gateway.log.slice(from).findLast((one) => one.includes('"msg":"zap"')), {
    what: 'the zap in the log',
  });
  return JSON.parse(line) as Record<string, number | string>;
}

async function zaps(gateway: Gateway, profile: string): Promise<PlotSeries[]> {
  const own: number[] = [];
  const accessPoint: number[] = [];
  const total: number[] = [];
  const url = gateway.streamUrl(CHANNEL, profile);
  await zapTo(url);
  const first = await zapLine(gateway, 0);
  say(`never seen before: ${first['firstClientByteMs']} ms from the receiver's first byte to the client's`);
  for (let round = 0; round < ZAPS; round++) {
    await eventually(() => gateway.receiver.stats.openConnections === 0, {
      what: 'the channel to be released',
      everyMs: 5,
    });
    // Not in step with the pictures: each zap meets another moment of the broadcast.
    await delay((round * 137) % 1_000);
    const from = gateway.log.length;
    const { pictureMs } = await zapTo(url);
    const line = await zapLine(gateway, from);
    own.push(Number(line['firstClientByteMs']));
    accessPoint.push(Number(line['firstAccessPointMs']));
    if (pictureMs !== null) total.push(pictureMs);
  }
  return [
    { name: 'receiver’s → client’s first byte', values: own },
    { name: 'first byte → access point', values: accessPoint },
    { name: 'request → picture', values: total },
  ];
}

async function joins(gateway: Gateway, profile: string): Promise<PlotSeries> {
  const url = new URL(gateway.streamUrl(CHANNEL, profile));
  const stays = connect(Number(url.port), url.hostname);
  stays.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: x\r\n\r\n`);
  stays.resume();
  await once(stays, 'data');
  await new Promise((resolve) => setTimeout(resolve, 2_500)); // a channel that runs has had access points
  const values: number[] = [];
  for (let round = 0; round < ZAPS; round++) {
    const { pictureMs } = await zapTo(url.href);
    if (pictureMs !== null) values.push(pictureMs);
  }
  stays.destroy();
  return { name: `join (${profile})`, values };
}

const PLAYERS: readonly { readonly name: string; readonly args: (url: string) => readonly string[] }[] = [
  {
    name: 'ffprobe',
    args: (url) => ['-v', 'error', '-read_intervals', '%+#1', '-select_streams', 'v', '-show_frames', url],
  },
  {
    name: 'mpv',
    args: (url) => ['--no-config', '--vo=null', '--ao=null', '--untimed', '--frames=1', '--really-quiet', url],
  },
];

/** From the start of the program to its end with the first frame. */
async function play(name: string, args: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(name, args, { stdio: 'ignore' });
  const limit = setTimeout(() => child.kill('SIGKILL'), 30_000);
  await once(child, 'close');
  clearTimeout(limit);
  return performance.now() - startedAt;
}

async function players(gateway: Gateway): Promise<PlotSeries[]> {
  const series: PlotSeries[] = [];
  const direct = `http://127.0.0.1:${gateway.receiver.streamPort}/${REF}`;
  for (const { name, args } of PLAYERS) {
    if (spawnSync(name, ['--version'], { stdio: 'ignore' }).error !== undefined) {
      say(`${name} is not installed: left out`);
      continue;
    }
    const ways = new Map<string, number[]>([
      [`${name}: receiver`, []],
      [`${name}: xg2g, cold`, []],
      [`${name}: xg2g, running`, []],
    ]);
    for (let round = 0; round < PLAYS; round++) {
      ways.get(`${name}: receiver`)?.push(await play(name, args(direct)));
      await eventually(() => gateway.receiver.stats.openConnections === 0, { what: 'the channel to be released' });
      ways.get(`${name}: xg2g, cold`)?.push(await play(name, args(gateway.streamUrl(CHANNEL))));
      const stays = connect(Number(new URL(gateway.url).port), '127.0.0.1');
      stays.write(`GET /stream/${CHANNELS[CHANNEL]}.ts?profile=aac HTTP/1.1\r\nHost: x\r\n\r\n`);
      stays.resume();
      await once(stays, 'data');
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      ways.get(`${name}: xg2g, running`)?.push(await play(name, args(gateway.streamUrl(CHANNEL))));
      stays.destroy();
      await eventually(() => gateway.receiver.stats.openConnections === 0, { what: 'the channel to be released' });
    }
    for (const [way, values] of ways) series.push({ name: way, values });
  }
  return series;
}

function tell({ name, values }: PlotSeries): void {
  const at = (share: number): string => percentile(values, share).toFixed(1).padStart(8);
  say(`  ${name.padEnd(36)} p50 ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)} ms  (${values.length})`);
}

async function main(): Promise<void> {
  const teardowns: (() => unknown)[] = [];
  const owner = { teardown: (fn: () => unknown) => teardowns.push(fn) };
  const gateway = await startGateway(owner, { env: { XG2G_STREAM_LINGER: '0s' } });
  try {
    await mkdir(RESULTS, { recursive: true });
    const zap = await zaps(gateway, 'pass');
    const join = [await joins(gateway, 'pass'), await joins(gateway, 'aac')];
    say('zap (the simulated box tunes in 0 ms)');
    for (const series of [...zap, ...join]) tell(series);
    const limits = [
      { ms: 20, name: '20 ms' },
      { ms: 50, name: '50 ms' },
    ];
    const svg = distributionPlot('Zapping and joining, cumulative', [...zap, ...join], limits);
    await writeFile(`${RESULTS}/zap.svg`, svg);
    const played = await players(gateway);
    say('players, from their start to the first frame');
    for (const series of played) tell(series);
    if (played.length > 0) {
      await writeFile(`${RESULTS}/zap-players.svg`, distributionPlot('Players: time to the first frame', played));
    }
    const all = Object.fromEntries([...zap, ...join, ...played].map(({ name, values }) => [name, values]));
    await writeFile(
      `${RESULTS}/zap.json`,
      `${JSON.stringify({ node: process.version, milliseconds: all }, null, 1)}\n`,
    );
  } finally {
    for (const teardown of teardowns.toReversed()) await teardown();
  }
}

await main();
