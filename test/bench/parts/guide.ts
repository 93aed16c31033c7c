import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killRefreshes } from '#test/helpers/guide/kills.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { startReceiver } from '../../receiver/receiver.ts';
import { download } from '../guide/download.ts';
import { fillGuide } from '../guide/filled-folder.ts';
import { startSlowProxy } from '../guide/slow-proxy.ts';
import { startInstalled } from '../installed.ts';
import { atMost, type BenchContext, type Figure, type PartResult, plain } from '../part.ts';
import { memory, watchProcesses } from '../processes.ts';
import { linePlot } from '../report/line-plot.ts';

const LATENCY_MS = 100;
const REFRESHED_SERVICES = 500;
const LARGE_CHANNELS = 1_000;
const LARGE_PROGRAMMES = 200;
/** What a daemon holds goes up and down with its garbage collector: the middle of so long is what it needs. */
const MEMORY_SECONDS = 45;
const KILLS = 100;
const SEED = 1;
const TOKEN = 'token-of-the-bench';
const REFRESH_TIMEOUT_MS = 300_000;

interface GuideAnswer {
  readonly state: string;
  readonly programmes: number;
  readonly finishedAt: string | null;
  readonly failures: readonly unknown[];
}

const guideState = async (url: string): Promise<GuideAnswer> =>
  (await (await fetch(`${url}/api/v1/guide`)).json()) as GuideAnswer;

/** Requests per second, each second of the time. */
function rates(timesMs: readonly number[]): [number, number][] {
  const first = Math.min(...timesMs);
  const seconds = Math.ceil((Math.max(...timesMs) - first) / 1000) + 1;
  const counts = new Array<number>(seconds).fill(0);
  for (const at of timesMs)
    counts[Math.floor((at - first) / 1000)] = (counts[Math.floor((at - first) / 1000)] ?? 0) + 1;
  return counts.map((count, second) => [second, count]);
}

async function measureRefresh(say: (text: string) => void): Promise<PartResult> {
  const receiver = await startReceiver({
    syntheticServices: REFRESHED_SERVICES,
    httpPort: 0,
    streamPort: 0,
    relayPort: 0,
  });
  const proxy = await startSlowProxy(receiver.httpPort, LATENCY_MS);
  const startedAt = performance.now();
  const gateway = await startInstalled(
    { httpPort: proxy.port, streamPort: receiver.streamPort },
    { env: { XG2G_EPG_DAYS: '14', XG2G_API_TOKEN: TOKEN } },
  );
  try {
    say(`first reading of ${REFRESHED_SERVICES} services and the demo's …`);
    const filled = await eventually(
      async () => {
        const state = await guideState(gateway.url);
        return state.finishedAt === null ? null : state;
      },
      { what: 'the first reading', timeoutMs: REFRESH_TIMEOUT_MS },
    );
    const firstSeconds = (performance.now() - startedAt) / 1000;
    const first = [...proxy.guideRequestsMs];
    const usedMb = memory(gateway.pids.daemon).anonymousMb;
    const restMb = (await watchProcesses([gateway.pids.daemon], MEMORY_SECONDS)).anonymousMb;
    say('reading again, with nothing new …');
    const etag = (await fetch(`${gateway.url}/xmltv.xml`, { method: 'HEAD' })).headers.get('etag');
    const again = performance.now();
    await fetch(`${gateway.url}/api/v1/guide/refresh`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
    });
    await eventually(async () => (await guideState(gateway.url)).state === 'filling', { what: 'the second reading' });
    await eventually(async () => (await guideState(gateway.url)).state === 'filled', {
      what: 'the end of it',
      timeoutMs: REFRESH_TIMEOUT_MS,
    });
    const againSeconds = (performance.now() - again) / 1000;
    const second = proxy.guideRequestsMs.slice(first.length);
    const isSame = (await fetch(`${gateway.url}/xmltv.xml`, { method: 'HEAD' })).headers.get('etag') === etag;
    const plot = linePlot({
      title: `Questions about the guide of ${REFRESHED_SERVICES} services, each answered after ${LATENCY_MS} ms`,
      xLabel: 'seconds',
      yLabel: 'requests per second',
      lines: [
        { label: 'first reading', points: rates(first) },
        { label: 'refresh', points: rates(second) },
      ],
    });
    return {
      data: { firstSeconds, againSeconds, first, second, programmes: filled.programmes, usedMb, restMb },
      plots: { 'guide-requests.svg': plot },
      figures: [
        plain(
          `First reading, ${first.length} questions`,
          `${firstSeconds.toFixed(1)} s, ${filled.programmes} programmes`,
        ),
        plain('- most questions in one second', `${Math.max(...rates(first).map(([, rate]) => rate))}`),
        plain(`Refresh on demand, ${second.length} questions`, `${againSeconds.toFixed(1)} s`),
        plain('- most questions in one second', `${Math.max(...rates(second).map(([, rate]) => rate))}`),
        plain('- ETag of the guide afterwards', isSame ? 'the same' : 'another: programmes changed'),
        plain('Daemon at the end of the first reading, anonymous memory', `${usedMb.toFixed(1)} MB`),
        atMost(`- median of the ${MEMORY_SECONDS} s after it`, restMb, 60, 'MB'),
      ],
    };
  } finally {
    await gateway.close();
    await proxy.close();
    await receiver.close();
  }
}

async function measureLarge(say: (text: string) => void): Promise<PartResult> {
  const receiver = await startReceiver({ syntheticServices: LARGE_CHANNELS, httpPort: 0, streamPort: 0, relayPort: 0 });
  const dataFolder = await mkdtemp(join(tmpdir(), 'xg2g-bench-guide-'));
  const start = () => startInstalled(receiver, { env: { XG2G_DATA: dataFolder, XG2G_EPG_DAYS: '28' } });
  try {
    const first = await start();
    const { channels } = (await (await fetch(`${first.url}/api/v1/channels`)).json()) as { channels: { id: string }[] };
    await first.close();
    await rm(join(dataFolder, 'guide.db'), { force: true });
    say(`writing ${LARGE_CHANNELS} channels with ${LARGE_PROGRAMMES} programmes each …`);
    const fill = await fillGuide(dataFolder, {
      channelIds: channels.map(({ id }) => id).slice(0, LARGE_CHANNELS),
      programmesEach: LARGE_PROGRAMMES,
      fromSeconds: Math.floor(Date.now() / 1000) - 3_600,
    });
    const gateway = await start();
    const listening = gateway.log.find((line) => line.includes('xg2g listens'));
    const pid = gateway.pids.daemon;
    try {
      const { programmes: held } = await guideState(gateway.url);
      const idleMb = (await watchProcesses([pid], MEMORY_SECONDS)).anonymousMb;
      say(`XMLTV of ${held} programmes …`);
      const warm = await download(`${gateway.url}/xmltv.xml`, pid);
      const plainRuns = [
        warm,
        await download(`${gateway.url}/xmltv.xml`, pid),
        await download(`${gateway.url}/xmltv.xml`, pid),
      ];
      const best = plainRuns.toSorted((left, right) => left.seconds - right.seconds)[1] ?? warm;
      const mostMb = Math.max(...plainRuns.map(({ extraMb }) => extraMb));
      const packed = await download(`${gateway.url}/xmltv.xml`, pid, { 'accept-encoding': 'gzip' });
      return {
        data: { listening, fill, idleMb, plainRuns, packed, held },
        figures: [
          plain(`Writing ${LARGE_CHANNELS * LARGE_PROGRAMMES} programmes`, `${fill.seconds.toFixed(1)} s`),
          plain('- longest turn of the event loop meanwhile', `${fill.longestBlockMs.toFixed(1)} ms`),
          atMost(
            `XMLTV of ${best.programmes} programmes, ${(best.bytes / 1e6).toFixed(0)} MB, median of 3`,
            best.seconds,
            3,
            's',
            2,
          ),
          atMost('- anonymous memory more than before, at the most', mostMb, 20, 'MB'),
          plain(
            '- with gzip',
            `${packed.seconds.toFixed(2)} s, ${(packed.bytes / 1e6).toFixed(0)} MB, ${packed.extraMb.toFixed(1)} MB more`,
          ),
          atMost(
            `Daemon with that guide, anonymous memory, median of the ${MEMORY_SECONDS} s after the start`,
            idleMb,
            60,
            'MB',
          ),
        ],
      };
    } finally {
      await gateway.close();
    }
  } finally {
    await receiver.close();
    await rm(dataFolder, { recursive: true, force: true });
  }
}

async function measureKills(say: (text: string) => void): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-bench-kills-'));
  say(`${KILLS} kills in the middle of a refresh …`);
  const kills: unknown[] = [];
  let faulty = 0;
  try {
    for await (const result of killRefreshes(folder, { count: KILLS, seed: SEED })) {
      kills.push(result);
      if (result.faults.length > 0) faulty++;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return {
    data: kills,
    figures: [atMost(`Guides not whole after ${KILLS} kills (seed ${SEED})`, faulty, 0, 'of them', 0)],
  };
}

/** The guide: how it is read from the box, kept, and written as XMLTV. */
export async function guidePart({ say }: BenchContext): Promise<PartResult> {
  const parts = [await measureLarge(say), await measureRefresh(say), await measureKills(say)];
  const [large, refresh, kills] = parts.map(({ data }) => data);
  const figures: Figure[] = parts.flatMap((part) => [...part.figures]);
  return {
    data: { large, refresh, kills },
    figures,
    plots: Object.assign({}, ...parts.map(({ plots }) => plots ?? {})),
  };
}
