/**
 * Hours of a household's life in minutes: viewers come, zap, stall and vanish; the television zaps, timers begin, the box
 * and its network fail, the transcoder is killed. Seeded, so that what it finds can be found again. At the end everybody
 * has gone, and nothing of them may be left: no lease, no connection, no descriptor, no timer, no session.
 *
 *   XG2G_SOAK_SECONDS=180 XG2G_SOAK_SEED=1 node test/bench/soak.ts
 */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { MAX_FREE_BYTES } from '#daemon/streams/block-pool.ts';
import { CHANNELS, type Gateway, startGateway } from '#test/e2e/support/gateway.ts';
import { ON } from '#test/e2e/support/tuner-channels.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import type { Fault, FaultSetting } from '#test/receiver/faults.ts';
import { SERVICES } from '#test/receiver/lineup/services.ts';
import { memory, sleep } from './processes.ts';
import { linePlot } from './report/line-plot.ts';

const SECONDS = Number(process.env['XG2G_SOAK_SECONDS'] ?? 180);
const SEED = Number(process.env['XG2G_SOAK_SEED'] ?? 1);
const RESULTS = join(import.meta.dirname, 'results');
const TUNERS = 2;
const MAX_VIEWERS = 12;
const STEP_MS = 120;
const SAMPLE_MS = 1_000;
/**
 * Compiled code, what is remembered of channels, and blocks kept for the next rings: what the daemon may hold more than
 * before, after a collection.
 */
const MAX_HELD_MB = 8 + MAX_FREE_BYTES / 1024 / 1024;

/** mulberry32: small, and the same everywhere. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

const random = randomOf(SEED);
const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
const CHANNEL_IDS = [...Object.values(ON).flat(), CHANNELS.radio, CHANNELS.never];

const FAULTS: readonly FaultSetting[] = [
  { fault: 'stream-text' },
  { fault: 'stream-empty' },
  { fault: 'stream-hang' },
  { fault: 'stream-traceback' },
  { fault: 'stream-loss' },
  { fault: 'stream-junk' },
  { fault: 'stream-cut', afterBytes: 400_000 },
  { fault: 'stream-reset', afterBytes: 400_000 },
  { fault: 'stream-stall', afterBytes: 400_000 },
  { fault: 'stream-garbage', afterBytes: 400_000 },
  { fault: 'stream-pids', afterBytes: 400_000 },
  { fault: 'stream-lock-loss', afterBytes: 400_000, seconds: 2 },
  { fault: 'stream-clears-late', seconds: 1 },
  { fault: 'stream-scrambled' },
  { fault: 'stream-refused' },
  { fault: 'refused' },
  { fault: 'restart', seconds: 2 },
  { fault: 'html' },
  { fault: 'truncated' },
  { fault: 'traceback' },
];

interface SoakViewer {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

const counts: Record<string, number> = {};
const count = (what: string): void => {
  counts[what] = (counts[what] ?? 0) + 1;
};

/** Reads until it is told to go. `stalls`: it stops reading at some time, and holds on to its connection. */
async function view(url: string, signal: AbortSignal, stalls: boolean): Promise<void> {
  try {
    const { statusCode, body } = await request(url, { signal, bodyTimeout: 0, headersTimeout: 0 });
    count(`status ${statusCode}`);
    let bytes = 0;
    for await (const chunk of body) {
      bytes += (chunk as Buffer).length;
      if (stalls && bytes > 200_000) await sleep(3_000);
    }
    count('streams ended by us');
  } catch {
    count('viewers gone'); // aborted, or cut off
  }
}

async function metrics(gateway: Gateway): Promise<Map<string, number>> {
  const text = await (await fetch(`${gateway.url}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

const sumOf = (all: Map<string, number>, name: string): number =>
  [...all].reduce((sum, [key, value]) => (key === name || key.startsWith(`${name}{`) ? sum + value : sum), 0);

interface Resources {
  readonly daemonFiles: number;
  readonly transcoderFiles: number;
  readonly timers: number;
  readonly sockets: number;
  readonly leases: number;
  readonly streams: number;
  readonly viewers: number;
  readonly sessions: number;
  readonly boxConnections: number;
  /** Of the daemon: live and not yet collected objects, buffers outside the heap, and all that the system gave it. */
  readonly heapMb: number;
  readonly externalMb: number;
  readonly anonymousMb: number;
}

const megabytes = (bytes: number | undefined): number => Math.round((bytes ?? 0) / 104_857.6) / 10;
const files = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;

async function resources(gateway: Gateway): Promise<Resources> {
  const all = await metrics(gateway);
  return {
    daemonFiles: files(gateway.daemonPid),
    transcoderFiles: files(gateway.transcoderPid),
    timers: all.get('nodejs_active_resources{type="Timeout"}') ?? 0,
    sockets: all.get('nodejs_active_resources{type="TCPSocketWrap"}') ?? 0,
    leases: sumOf(all, 'xg2g_tuner_leases'),
    streams: sumOf(all, 'xg2g_stream_active_count'),
    viewers: sumOf(all, 'xg2g_stream_viewers'),
    sessions: sumOf(all, 'xg2g_transcoder_active_streams'),
    boxConnections: gateway.receiver.stats.openConnections,
    heapMb: megabytes(all.get('nodejs_heap_size_used_bytes')),
    externalMb: megabytes(all.get('nodejs_external_memory_bytes')),
    anonymousMb: Math.round(memory(gateway.daemonPid).anonymousMb * 10) / 10,
  };
}

/** Has the daemon collect its garbage, by the one way there is from outside; resolves when its snapshot is written. */
async function collect(gateway: Gateway, folder: string): Promise<void> {
  const before = readdirSync(folder).length;
  process.kill(gateway.daemonPid, 'SIGUSR2');
  let size = -1;
  await eventually(
    () => {
      const written = readdirSync(folder);
      const last = written.length > before ? statSync(join(folder, written.sort().at(-1) ?? '')).size : -1;
      const isDone = last > 0 && last === size;
      size = last;
      return isDone;
    },
    { what: 'the heap snapshot', timeoutMs: 60_000, everyMs: 1_000 },
  );
}

/** One thing that happens in the house. */
async function happen(gateway: Gateway, viewers: Set<SoakViewer>): Promise<void> {
  const dice = random();
  const { receiver } = gateway;
  if (dice < 0.55 && viewers.size < MAX_VIEWERS) {
    const query = pick(['profile=pass', 'profile=pass', 'profile=aac', 'profile=pass&priority=background']);
    const abort = new AbortController();
    const stalls = random() < 0.1;
    const viewer: SoakViewer = {
      abort,
      done: view(`${gateway.url}/stream/${pick(CHANNEL_IDS)}.ts?${query}`, abort.signal, stalls),
    };
    viewers.add(viewer);
    void viewer.done.then(() => viewers.delete(viewer));
    count('zaps');
  } else if (dice < 0.85 && viewers.size > 0) {
    pick([...viewers]).abort.abort();
    count('leavings');
  } else if (dice < 0.88) {
    const fault = pick(FAULTS);
    receiver.setFault(fault.fault as Fault, fault);
    count('faults');
    setTimeout(() => receiver.setFault(null), 500 + random() * 2_500);
  } else if (dice < 0.91) {
    receiver.dropStreams();
    count('drops');
  } else if (dice < 0.94) {
    receiver.box.zap(pick(SERVICES.filter((service) => service.reception === 'clear')));
    count('zaps of the television');
  } else if (dice < 0.96) {
    receiver.setStandby(!receiver.box.standby);
    count('standby');
  } else if (dice < 0.975) {
    const begin = Math.floor(Date.now() / 1000) + 2 + Math.floor(random() * 30);
    const query = new URLSearchParams({
      sRef: pick(SERVICES.filter((service) => service.reception === 'clear')).ref,
      begin: String(begin),
      end: String(begin + 3 + Math.floor(random() * 8)),
      name: `Film ${begin}`,
    });
    await fetch(`http://127.0.0.1:${receiver.httpPort}/api/timeradd?${query}`).catch(() => undefined);
    count('timers');
  } else if (dice < 0.985) {
    gateway.killTranscoder();
    count('kills of the transcoder');
  } else {
    await fetch(`${gateway.url}/api/v1/explain/${pick(CHANNEL_IDS)}`).catch(() => undefined);
    count('explains');
  }
}

async function main(): Promise<void> {
  const cleanups: (() => unknown)[] = [];
  const owner = { teardown: (clean: () => unknown) => void cleanups.unshift(clean) };
  const samples = { seconds: [] as number[], daemon: [] as number[], transcoder: [] as number[] };
  try {
    const snapshots = mkdtempSync(join(tmpdir(), 'xg2g-soak-'));
    owner.teardown(() => rmSync(snapshots, { recursive: true, force: true }));
    const gateway = await startGateway(owner, {
      receiver: { tuners: TUNERS, live: SERVICES[0] ?? null, prepareSeconds: 1, retrySeconds: 1 },
      env: {
        XG2G_STREAM_LINGER: '1s',
        // A snapshot begins with a full collection: what is counted after it is what is really held.
        NODE_OPTIONS: `--heapsnapshot-signal=SIGUSR2 --diagnostic-dir=${snapshots}`,
      },
      waitForReady: true,
    });
    await sleep(5_000); // guide read, pools open
    // A round of each kind first: what is opened once and kept is no leak.
    for (const profile of ['pass', 'aac']) {
      const abort = new AbortController();
      const done = view(`${gateway.url}/stream/${CHANNELS.mp2}.ts?profile=${profile}`, abort.signal, false);
      await sleep(3_000);
      abort.abort();
      await done;
    }
    await sleep(3_000);
    await collect(gateway, snapshots);
    const before = await resources(gateway);
    const viewers = new Set<SoakViewer>();
    const startedAt = performance.now();
    let nextSampleMs = 0;
    for (let atMs = 0; atMs < SECONDS * 1_000; atMs = performance.now() - startedAt) {
      await happen(gateway, viewers);
      if (atMs >= nextSampleMs) {
        nextSampleMs = atMs + SAMPLE_MS;
        try {
          const daemon = memory(gateway.daemonPid).anonymousMb;
          const transcoder = memory(gateway.transcoderPid).anonymousMb;
          samples.seconds.push(atMs / 1_000);
          samples.daemon.push(daemon);
          samples.transcoder.push(transcoder);
        } catch {
          // Killed a moment ago: its successor is in the next sample.
        }
      }
      await sleep(STEP_MS * (0.5 + random()));
    }
    gateway.receiver.setFault(null);
    for (const viewer of viewers) viewer.abort.abort();
    await Promise.all([...viewers].map((viewer) => viewer.done));
    let after = await resources(gateway);
    const isClean = (): boolean =>
      [after.leases, after.streams, after.viewers, after.sessions, after.boxConnections].every((value) => value === 0);
    const settled = await eventually(
      async () => {
        after = await resources(gateway);
        const margin =
          after.daemonFiles <= before.daemonFiles + 2 && after.transcoderFiles <= before.transcoderFiles + 2;
        return isClean() && margin && after.timers <= before.timers + 3;
      },
      { what: 'nothing to be left', timeoutMs: 45_000, everyMs: 1_000 },
    ).catch(() => false);
    await collect(gateway, snapshots);
    after = await resources(gateway);
    const heldMb = after.heapMb + after.externalMb - before.heapMb - before.externalMb;
    const tenths = (value: number): number => Math.round(value * 10) / 10;
    const quarter = Math.floor(samples.daemon.length / 4);
    const level = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    const grownMb = level(samples.daemon.slice(-quarter)) - level(samples.daemon.slice(quarter, 2 * quarter));
    const report = {
      seed: SEED,
      seconds: SECONDS,
      happened: counts,
      before,
      after,
      heldMb: tenths(heldMb),
      grownMb: tenths(grownMb),
    };
    process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    const lines = [
      { label: 'daemon', points: samples.seconds.map((x, index): [number, number] => [x, samples.daemon[index] ?? 0]) },
      {
        label: 'transcoder',
        points: samples.seconds.map((x, index): [number, number] => [x, samples.transcoder[index] ?? 0]),
      },
    ];
    const title = `Memory through ${counts['zaps'] ?? 0} zaps, ${counts['faults'] ?? 0} faults, ${counts['kills of the transcoder'] ?? 0} kills`;
    writeFileSync(join(RESULTS, 'soak.svg'), linePlot({ title, xLabel: 'seconds', yLabel: 'MB, anonymous', lines }));
    writeFileSync(join(RESULTS, 'soak.json'), `${JSON.stringify(report, null, 2)}\n`);
    const crashed = gateway.log.filter((line) => /daemon\/main\.ts ended/.test(line));
    if (crashed.length > 0)
      throw new Error(`the daemon died: ${crashed.join('; ')}\n${gateway.log.slice(-20).join('\n')}`);
    if (settled === false) throw new Error('something is left: see "after" against "before"');
    if (heldMb > MAX_HELD_MB) throw new Error(`the daemon holds ${heldMb.toFixed(1)} MB more than before`);
    process.stdout.write('nothing is left\n');
  } finally {
    for (const clean of cleanups) await clean();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`soak: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
