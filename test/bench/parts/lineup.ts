import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseM3U } from '@iptv/playlist';
import iptvPlaylistParser from 'iptv-playlist-parser';
import { request } from 'undici';
import { PROGRAMS } from '#packaging/bundle.ts';
import { runtimeFlag } from '#packaging/tree.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { startReceiver } from '#test/receiver/receiver.ts';
import { bundlePrograms, type ProgramName } from '../installed.ts';
import { atMost, type BenchContext, type PartResult, plain } from '../part.ts';
import { cpuSeconds, median } from '../processes.ts';

const LARGE = 5_000;
const KEPT = 1_000;
const REQUESTS = 60;
const STARTS = 9;

/** Both programs as they are installed, on a data folder that stays from one start to the next. */
class Installation {
  readonly #programs: Record<ProgramName, string>;
  readonly #env: NodeJS.ProcessEnv;
  readonly folder: string;
  readonly url: string;

  constructor(programs: Record<ProgramName, string>, folder: string, port: number, receiverPort: number) {
    this.#programs = programs;
    this.folder = folder;
    this.url = `http://127.0.0.1:${port}`;
    this.#env = {
      PATH: process.env['PATH'],
      MALLOC_ARENA_MAX: '1', // as the units have it
      NODE_ENV: 'production',
      XG2G_TRANSCODER_URL: `unix:${folder}`,
      XG2G_DATA: join(folder, 'data'),
      XG2G_LISTEN: `127.0.0.1:${port}`,
      XG2G_E2_HOST: `127.0.0.1:${receiverPort}`,
    };
  }

  start(name: ProgramName): { readonly pid: number; stop(): Promise<void> } {
    const args = [runtimeFlag(PROGRAMS[name]), this.#programs[name]];
    const child = spawn(process.execPath, args, { env: this.#env, stdio: ['ignore', 'ignore', 'inherit'] });
    return {
      pid: child.pid ?? 0,
      async stop() {
        const closed = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGTERM');
        const force = setTimeout(() => child.kill('SIGKILL'), 8_000);
        await closed;
        clearTimeout(force);
      },
    };
  }

  async isReady(): Promise<boolean> {
    try {
      const { statusCode, body } = await request(`${this.url}/readyz`);
      await body.dump();
      return statusCode === 200;
    } catch {
      return false; // nobody listens yet
    }
  }

  /** From the start of the process to the first 200 of /readyz. */
  async timeToReadyMs(): Promise<{ readyMs: number; cpuMs: number; stop(): Promise<void> }> {
    const startedAt = performance.now();
    const daemon = this.start('daemon');
    while (!(await this.isReady())) {
      if (performance.now() - startedAt > 30_000) throw new Error('the daemon did not get ready');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return { readyMs: performance.now() - startedAt, cpuMs: cpuSeconds(daemon.pid) * 1_000, stop: daemon.stop };
  }
}

async function install(
  services: number,
): Promise<{ installation: Installation; receiver: Awaited<ReturnType<typeof startReceiver>> }> {
  const receiver = await startReceiver({ host: '127.0.0.1', tuneLatencyMs: 0, syntheticServices: services });
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-bench-'));
  const installation = new Installation(await bundlePrograms(), folder, await freePort(), receiver.httpPort);
  return { installation, receiver };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.ceil(values.length * share) - 1] ?? 0;

interface ListFigures {
  readonly ms: number[];
  /** The first time for an address, after a change: the list has to be written. */
  readonly freshMs: number[];
  readonly notModifiedMs: number[];
  readonly bytes: number;
  readonly channels: readonly [number, number, number];
}

async function measureList(): Promise<ListFigures> {
  const { installation, receiver } = await install(LARGE);
  const transcoder = installation.start('transcoder');
  try {
    const { stop } = await installation.timeToReadyMs();
    const url = `${installation.url}/playlist.m3u`;
    const ms: number[] = [];
    const freshMs: number[] = [];
    const notModifiedMs: number[] = [];
    let text = '';
    let etag = '';
    for (let round = 0; round < REQUESTS; round++) {
      let startedAt = performance.now();
      // Another address for each, so that each is written anew.
      const fresh = await request(`${url}`, { headers: { host: `tv${round}.local` } });
      await fresh.body.dump({ limit: 8e6 });
      freshMs.push(performance.now() - startedAt);
      startedAt = performance.now();
      const answer = await request(url);
      text = await answer.body.text();
      ms.push(performance.now() - startedAt);
      etag = String(answer.headers['etag']);
      startedAt = performance.now();
      const { statusCode, body } = await request(url, { headers: { 'if-none-match': etag } });
      await body.dump();
      notModifiedMs.push(performance.now() - startedAt);
      if (statusCode !== 304) throw new Error(`status ${statusCode} instead of 304`);
    }
    await stop();
    const channels = [
      text.match(/^#EXTINF/gm)?.length ?? 0,
      iptvPlaylistParser.parse(text).items.length,
      parseM3U(text).channels.length,
    ] as const;
    return { ms, freshMs, notModifiedMs, bytes: Buffer.byteLength(text), channels };
  } finally {
    await transcoder.stop();
    await receiver.close();
    await rm(installation.folder, { recursive: true, force: true });
  }
}

interface StartFigures {
  readonly firstMs: number;
  readonly keptMs: number[];
  readonly keptCpuMs: number[];
  readonly channels: number;
}

/** With the receiver off, so that nothing but the kept lineup can make it ready. */
async function measureStarts(): Promise<StartFigures> {
  const { installation, receiver } = await install(KEPT);
  const transcoder = installation.start('transcoder');
  let isReceiverOn = true;
  try {
    await eventually(() => existsSync(join(installation.folder, 'stream.sock')), { what: 'the transcoder' });
    const first = await installation.timeToReadyMs();
    const file = join(installation.folder, 'data', 'lineup.json');
    await eventually(() => existsSync(file), { what: 'the kept lineup' });
    await first.stop();
    await receiver.close();
    isReceiverOn = false;
    const keptMs: number[] = [];
    const keptCpuMs: number[] = [];
    let channels = 0;
    for (let round = 0; round < STARTS; round++) {
      const { readyMs, cpuMs, stop } = await installation.timeToReadyMs();
      keptMs.push(readyMs);
      keptCpuMs.push(cpuMs);
      const answer = await request(`${installation.url}/api/v1/lineup`);
      const lineup = (await answer.body.json()) as { channels: number; origin: string };
      if (lineup.origin !== 'cache') throw new Error(`the lineup is of the ${lineup.origin}`);
      channels = lineup.channels;
      await stop();
    }
    return { firstMs: first.readyMs, keptMs, keptCpuMs, channels };
  } finally {
    await transcoder.stop();
    if (isReceiverOn) await receiver.close();
    await rm(installation.folder, { recursive: true, force: true });
  }
}

/** The channels: how soon there are some after a start, and how long the list of many takes. */
export async function lineupPart({ say }: BenchContext): Promise<PartResult> {
  say(`a list of ${LARGE} channels, ${REQUESTS} times …`);
  const list = await measureList();
  say(`${STARTS} starts with a kept lineup …`);
  const start = await measureStarts();
  const [load = 0] = loadavg();
  const [written, first, second] = list.channels;
  if (written !== first || written !== second) throw new Error(`parsers disagree: ${list.channels.join(', ')}`);
  return {
    data: { list, start },
    figures: [
      atMost(`playlist of ${written} channels over HTTP, median`, median(list.ms), 50, 'ms'),
      atMost(`playlist of ${written} channels over HTTP, p95`, percentile(list.ms, 0.95), 50, 'ms'),
      atMost('- written anew each time, median', median(list.freshMs), 50, 'ms'),
      atMost('- written anew each time, p95', percentile(list.freshMs, 0.95), 50, 'ms'),
      plain(
        '- its size; the same answered 304, median',
        `${(list.bytes / 1e6).toFixed(2)} MB; ${median(list.notModifiedMs).toFixed(1)} ms`,
      ),
      plain('- channels found by iptv-playlist-parser and @iptv/playlist', `${first} and ${second} of ${written}`),
      atMost(
        `ready after the start, ${start.channels} channels kept, receiver off, median`,
        median(start.keptMs),
        1_000,
        'ms',
        0,
      ),
      atMost('- the same, slowest', Math.max(...start.keptMs), 1_000, 'ms', 0),
      plain('- CPU time of it, median', `${median(start.keptCpuMs).toFixed(0)} ms`),
      plain('ready after the first start, channels read from the receiver', `${start.firstMs.toFixed(0)} ms`),
      plain('- load of the machine meanwhile', `${load.toFixed(1)} on ${cpus().length} cores`),
    ],
  };
}
