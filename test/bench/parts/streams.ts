import { BenchBox } from '../box/bench-box.ts';
import type { BoxPorts } from '../box/box-main.ts';
import { BenchChild } from '../box/child.ts';
import type { ReadersMessage } from '../box/readers-main.ts';
import type { ReaderReport } from '../box/stream-reader.ts';
import { FfmpegProcess } from '../ffmpeg-process.ts';
import { startInstalled } from '../installed.ts';
import { atLeast, atMost, type BenchContext, type PartResult, plain } from '../part.ts';
import { sleep, type Usage, watchProcesses } from '../processes.ts';
import { linePlot } from '../report/line-plot.ts';
import { MP2_SOURCE } from '../sources.ts';

const COUNTS = [1, 10, 20, 40] as const;
const FFMPEG_COUNTS = [1, 5, 10] as const;
const SETTLE_MS = 5_000;
const WINDOW_SECONDS = 12;
/** A stream that lags more behind its clock than a player's buffer gives away is not in real time. */
const MAX_LAG_MS = 500;

interface Load {
  readonly streams: number;
  readonly transcoder: Usage;
  readonly daemon: Usage;
  readonly continuityErrors: number;
  readonly inRealTime: number;
  readonly longestGapMs: number;
  readonly highestLagMs: number;
  readonly mbitPerSecond: number;
}

interface FfmpegLoad {
  readonly processes: number;
  readonly usage: Usage;
}

function judge(streams: number, reports: readonly ReaderReport[], transcoder: Usage, daemon: Usage): Load {
  const good = reports.filter((one) => !one.ended && one.bytes > 0 && one.badSync === 0 && one.lagMs <= MAX_LAG_MS);
  return {
    streams,
    transcoder,
    daemon,
    continuityErrors: reports.reduce((sum, one) => sum + one.continuityErrors + one.badSync, 0),
    inRealTime: good.length,
    longestGapMs: Math.max(...reports.map((one) => one.longestGapMs)),
    highestLagMs: Math.max(...reports.map((one) => one.lagMs)),
    mbitPerSecond: (reports.reduce((sum, one) => sum + one.bytes, 0) * 8) / 1e6 / WINDOW_SECONDS,
  };
}

/** Streams of 5 Mbit/s at once in real time, each reader looking at every packet, and ffmpeg processes beside. */
export async function streamsPart({ say }: BenchContext): Promise<PartResult> {
  const { sid, bitrate } = MP2_SOURCE;
  const box = new BenchChild<'ports', BoxPorts>('box-main.ts', [JSON.stringify({ sid, bitrate, channels: 40 })]);
  const readers = new BenchChild<ReadersMessage, readonly ReaderReport[]>('readers-main.ts', []);
  try {
    const ports = await box.ask('ports');
    const gateway = await startInstalled(ports);
    const loads: Load[] = [];
    await sleep(3_000);
    const { pids } = gateway;
    const idle = {
      transcoder: await watchProcesses([pids.transcoder], 2),
      daemon: await watchProcesses([pids.daemon], 2),
    };
    try {
      for (const streams of COUNTS) {
        say(`${streams} streams of ${(ports.bitrate / 1e6).toFixed(1)} Mbit/s for ${WINDOW_SECONDS} s …`);
        const urls = Array.from(
          { length: streams },
          (_, index) => `${gateway.url}/stream/${BenchBox.channelId(index)}.ts`,
        );
        await readers.ask({ kind: 'open', urls });
        await sleep(SETTLE_MS);
        await readers.ask({ kind: 'reset' });
        const [transcoder, daemon] = await Promise.all(
          [pids.transcoder, pids.daemon].map((pid) => watchProcesses([pid], WINDOW_SECONDS)),
        );
        const reports = await readers.ask({ kind: 'close' });
        loads.push(judge(streams, reports, transcoder as Usage, daemon as Usage));
        await sleep(1_000);
      }
    } finally {
      await gateway.close();
    }
    const ffmpegLoads: FfmpegLoad[] = [];
    for (const processes of FFMPEG_COUNTS) {
      say(`${processes} ffmpeg processes for ${WINDOW_SECONDS} s …`);
      ffmpegLoads.push(await watchFfmpeg(ports, processes));
    }
    return summary(ports.bitrate, idle, loads, ffmpegLoads);
  } finally {
    await readers.close();
    await box.close();
  }
}

async function watchFfmpeg(ports: BoxPorts, count: number): Promise<FfmpegLoad> {
  const processes = Array.from(
    { length: count },
    (_, index) => new FfmpegProcess(BenchBox.channelUrl(ports.streamPort, index)),
  );
  try {
    await Promise.all(processes.map((one) => one.started()));
    await sleep(SETTLE_MS / 2);
    const usage = await watchProcesses(
      processes.map(({ pid }) => pid),
      WINDOW_SECONDS,
    );
    return { processes: count, usage };
  } finally {
    await Promise.all(processes.map((one) => one.close()));
  }
}

function summary(
  bitrate: number,
  idle: Readonly<Record<'transcoder' | 'daemon', Usage>>,
  loads: readonly Load[],
  ffmpeg: readonly FfmpegLoad[],
): PartResult {
  const first = loads[0] as Load;
  const last = loads.at(-1) as Load;
  const perFurther = (last.transcoder.anonymousMb - first.transcoder.anonymousMb) / (last.streams - first.streams);
  const cores = (load: Load): number => load.transcoder.cores + load.daemon.cores;
  const lastFfmpeg = ffmpeg.at(-1) as FfmpegLoad;
  const ffmpegEach = lastFfmpeg.usage.cores / lastFfmpeg.processes;
  const both = (usage: Usage): string => `${usage.anonymousMb.toFixed(1)} / ${usage.residentMb.toFixed(0)} MB`;
  const figures = [
    plain('transcoder idle, anonymous / resident', both(idle.transcoder)),
    atMost('transcoder with one stream, anonymous', first.transcoder.anonymousMb, 30, 'MB'),
    plain('transcoder with one stream, resident', `${first.transcoder.residentMb.toFixed(0)} MB`),
    atMost('transcoder, each further stream, anonymous', perFurther, 2, 'MB', 2),
    plain('daemon idle, anonymous / resident', both(idle.daemon)),
    plain(`daemon with 1 stream, anonymous / resident`, both(first.daemon)),
    plain(`daemon with ${last.streams} streams (8 MB of ring each and more), anonymous / resident`, both(last.daemon)),
    plain('ffmpeg, one process, anonymous / resident', both((ffmpeg[0] as FfmpegLoad).usage)),
    atLeast(
      `streams of ${(bitrate / 1e6).toFixed(1)} Mbit/s in real time, of ${last.streams}`,
      last.inRealTime,
      40,
      'streams',
      0,
    ),
    atMost(`continuity errors in ${last.streams} streams`, last.continuityErrors, 0, 'errors', 0),
    plain(
      `longest gap, highest lag with ${last.streams} streams`,
      `${last.longestGapMs.toFixed(0)} ms, ${last.highestLagMs.toFixed(0)} ms`,
    ),
    ...loads.map((load) =>
      plain(
        `cores with ${load.streams} streams, transcoder + daemon`,
        `${load.transcoder.cores.toFixed(2)} + ${load.daemon.cores.toFixed(2)}`,
      ),
    ),
    ...ffmpeg.map(({ processes, usage }) => plain(`cores of ${processes} ffmpeg processes`, usage.cores.toFixed(2))),
    atMost(
      `CPU of a stream, ${last.streams} at once, beside ffmpeg's`,
      (cores(last) / last.streams / ffmpegEach) * 100,
      60,
      '%',
      0,
    ),
  ];
  const plots = {
    'streams-cpu.svg': linePlot({
      title: `CPU with streams of ${(bitrate / 1e6).toFixed(0)} Mbit/s, sound to AAC`,
      xLabel: 'streams at once',
      yLabel: 'cores',
      lines: [
        { label: 'transcoder + daemon', points: loads.map((load) => [load.streams, cores(load)] as const) },
        { label: 'transcoder', points: loads.map((load) => [load.streams, load.transcoder.cores] as const) },
        { label: 'ffmpeg processes', points: ffmpeg.map((load) => [load.processes, load.usage.cores] as const) },
      ],
    }),
    'streams-memory.svg': linePlot({
      title: `Anonymous memory with streams of ${(bitrate / 1e6).toFixed(0)} Mbit/s, sound to AAC`,
      xLabel: 'streams at once',
      yLabel: 'MB',
      lines: [
        { label: 'transcoder', points: loads.map((load) => [load.streams, load.transcoder.anonymousMb] as const) },
        { label: 'daemon', points: loads.map((load) => [load.streams, load.daemon.anonymousMb] as const) },
        { label: 'ffmpeg processes', points: ffmpeg.map((load) => [load.processes, load.usage.anonymousMb] as const) },
      ],
    }),
  };
  return { data: { bitrate, windowSeconds: WINDOW_SECONDS, idle, loads, ffmpeg }, figures, plots };
}
