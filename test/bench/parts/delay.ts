import { get, type IncomingMessage } from 'node:http';
import { parseAdtsHeader } from '#shared/codec/adts.ts';
import { AudioArrivals } from '../audio-arrivals.ts';
import { BenchBox } from '../box/bench-box.ts';
import { benchMedia } from '../box/bench-media.ts';
import { FfmpegProcess } from '../ffmpeg-process.ts';
import { type InstalledGateway, startInstalled } from '../installed.ts';
import { atMost, type BenchContext, type Figure, type PartResult, plain } from '../part.ts';
import { cpuSeconds, median, percentile, sleep } from '../processes.ts';
import { histogram, histogramPlot } from '../report/histogram.ts';
import { AC3_SOURCE, type BenchSource, MP2_SOURCE } from '../sources.ts';

/** Samples that an encoder for AAC-LC must have from an access unit's first on: its window. Ours wants no more. */
const ENCODER_AHEAD_TICKS = (2048 * 90_000) / 48_000;
/** The burst that fills a player's buffer, and the JIT's first look at the code. */
const WARM_UP_MS = 5_000;
const BIN_MS = 2;

interface DelayFigures {
  readonly frames: number;
  readonly delay: Spread;
  /** What the source's frame grid and the encoder's window make of it, were all else done in no time. */
  readonly floor: Spread;
  /** The rest: both sockets, both processes, waiting for the other's turn. */
  readonly own: Spread;
  readonly delays: ReturnType<typeof histogram>;
  readonly owns: ReturnType<typeof histogram>;
}

interface Spread {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

interface CpuFigures {
  /** CPU seconds for a minute of the stream. */
  readonly transcoder: number;
  readonly daemon: number;
  readonly ffmpeg: number;
  readonly ratio: number;
}

function spread(values: readonly number[]): Spread {
  return { medianMs: median(values), p99Ms: percentile(values, 0.99), maxMs: Math.max(...values) };
}

function judge(input: AudioArrivals, output: AudioArrivals, fromMs: number): DelayFigures {
  const delays: number[] = [];
  const floors: number[] = [];
  const owns: number[] = [];
  for (const frame of output.frames) {
    if (frame.atMs < fromMs) continue;
    const source = input.frames.find((one) => one.startTicks <= frame.startTicks && frame.startTicks < one.endTicks);
    const needed = input.frames.find((one) => one.endTicks >= frame.startTicks + ENCODER_AHEAD_TICKS);
    if (source === undefined || needed === undefined) continue;
    delays.push(frame.atMs - source.atMs);
    floors.push(needed.atMs - source.atMs);
    owns.push(frame.atMs - needed.atMs);
  }
  return {
    frames: delays.length,
    delay: spread(delays),
    floor: spread(floors),
    own: spread(owns),
    delays: histogram(delays, BIN_MS),
    owns: histogram(owns, 0.25),
  };
}

function open(url: string, onBytes: (bytes: Buffer) => void): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response: IncomingMessage) => {
      response.on('data', onBytes);
      response.on('error', () => undefined); // closed by us
      resolve(() => request.destroy());
    });
    request.on('error', reject);
  });
}

async function measure(source: BenchSource, seconds: number): Promise<{ delay: DelayFigures; cpu: CpuFigures }> {
  const media = await benchMedia(source);
  const input = new AudioArrivals(media.audioPid, source.parse);
  const output = new AudioArrivals(media.audioPid, parseAdtsHeader);
  let recording: (bytes: Buffer) => void = () => undefined;
  // Two channels of the same: ffmpeg reads the second, so that the first has one reader, the daemon.
  const box = new BenchBox({
    loop: media.loop,
    channels: 2,
    mode: 'paced',
    onSend: (packets, channel) => {
      if (channel === 0) recording(packets);
    },
  });
  await box.listen();
  let gateway: InstalledGateway | null = null;
  let ffmpeg: FfmpegProcess | null = null;
  try {
    gateway = await startInstalled(box);
    const { pids } = gateway;
    recording = (packets) => input.push(packets);
    const close = await open(`${gateway.url}/stream/${BenchBox.channelId(0)}.ts`, (bytes) => output.push(bytes));
    ffmpeg = new FfmpegProcess(BenchBox.channelUrl(box.streamPort, 1));
    await ffmpeg.started();
    await sleep(WARM_UP_MS);
    const cpu = () => [pids.transcoder, pids.daemon, (ffmpeg as FfmpegProcess).pid].map(cpuSeconds);
    const fromMs = performance.now();
    const before = cpu();
    await sleep(seconds * 1_000);
    const perMinute = cpu().map((used, index) => ((used - (before[index] ?? 0)) * 60) / seconds);
    close();
    const [transcoder = 0, daemon = 0, ffmpegCpu = 0] = perMinute;
    return {
      delay: judge(input, output, fromMs),
      cpu: { transcoder, daemon, ffmpeg: ffmpegCpu, ratio: (transcoder + daemon) / ffmpegCpu },
    };
  } finally {
    await ffmpeg?.close();
    await gateway?.close();
    await box.close();
  }
}

/** Audio delay through both processes in real time, and the CPU it takes beside ffmpeg at the same time. */
export async function delayPart({ seconds, say }: BenchContext): Promise<PartResult> {
  const data: Record<string, unknown> = {};
  const figures: Figure[] = [];
  const plots: Record<string, string> = {};
  for (const source of [MP2_SOURCE, AC3_SOURCE]) {
    say(`delay and CPU, ${source.name}: ${seconds} s in real time …`);
    const { delay, cpu } = await measure(source, seconds);
    if (delay.frames === 0) throw new Error(`${source.name}: no frame came through`);
    data[source.name] = { delay, cpu };
    const ms = (value: number): string => `${value.toFixed(1)} ms`;
    const { name } = source;
    figures.push(
      atMost(`${name}: audio delay, median of ${delay.frames}`, delay.delay.medianMs, 50, 'ms'),
      atMost(`${name}: audio delay, p99`, delay.delay.p99Ms, 75, 'ms'),
      plain(
        `${name}: of that encoder and frame grid`,
        `median ${ms(delay.floor.medianMs)}, p99 ${ms(delay.floor.p99Ms)}`,
      ),
      plain(`${name}: own share, median`, `${delay.own.medianMs.toFixed(2)} ms`),
      atMost(`${name}: own share, p99`, delay.own.p99Ms, 3, 'ms', 2),
      plain(
        `${name}: CPU per stream-minute, transcoder + daemon`,
        `${cpu.transcoder.toFixed(2)} + ${cpu.daemon.toFixed(2)} s`,
      ),
      plain(`${name}: CPU per stream-minute, ffmpeg at the same time`, `${cpu.ffmpeg.toFixed(2)} s`),
      atMost(`${name}: CPU beside ffmpeg's`, cpu.ratio * 100, 60, '%', 0),
    );
    const file = `delay-${name.replaceAll(/\W+/g, '-').toLowerCase()}.svg`;
    plots[file] = histogramPlot({
      title: `Audio delay, ${name}: ${delay.frames} frames in ${seconds} s`,
      xLabel: 'milliseconds from the source frame to the AAC frame of the same PTS',
      histogram: delay.delays,
      marks: [
        { at: delay.delay.medianMs, label: 'median' },
        { at: delay.delay.p99Ms, label: 'p99' },
      ],
    });
  }
  return { data: { seconds, ...data }, figures, plots };
}
