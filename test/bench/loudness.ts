/**
 * What loudness costs: `node test/bench/loudness.ts`. Speech-like programme of three loudnesses goes through the parts
 * and the whole stage as one 48 kHz stream in blocks of an AAC frame, the best of several runs counts (CPU time of the process); ffmpeg's filters
 * do the like on the same samples. Writes results/loudness.json.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFfmpeg } from '#test/helpers/ffmpeg-program.ts';
import { interleaved } from '#test/transcoder/dsp/support/ebur128.ts';
import { programme } from '#test/transcoder/dsp/support/signals.ts';
import { LoudnessMeter } from '#transcoder/dsp/loudness-meter.ts';
import { LoudnessStage } from '#transcoder/dsp/loudness-stage.ts';
import type { SpeakerRole } from '#transcoder/dsp/speaker-weights.ts';
import { TruePeakMeter } from '#transcoder/dsp/true-peak.ts';
import { TruePeakLimiter } from '#transcoder/dsp/true-peak-limiter.ts';

const RATE = 48_000;
const SECONDS = 30;
const RUNS = 7;
const BLOCK = 1024;
const RESULTS = join(import.meta.dirname, 'results');

const LAYOUTS: Readonly<Record<string, readonly SpeakerRole[]>> = {
  stereo: ['FL', 'FR'],
  '5.1': ['FL', 'FR', 'FC', 'LFE', 'SL', 'SR'],
};

interface Processor {
  process(planes: readonly Float32Array[], offset: number, samples: number): void;
}

type MakeProcessor = (roles: readonly SpeakerRole[]) => Processor;

const PARTS: readonly (readonly [string, MakeProcessor])[] = [
  ['copy only', () => ({ process: () => undefined })],
  [
    'meter',
    (roles) => {
      const meter = new LoudnessMeter(RATE, roles);
      return { process: (planes, offset, samples) => meter.add(planes, offset, samples) };
    },
  ],
  [
    'true-peak meter',
    (roles) => {
      const meter = new TruePeakMeter(roles.length);
      return { process: (planes, offset, samples) => meter.add(planes, offset, samples) };
    },
  ],
  ['limiter', (roles) => new TruePeakLimiter(RATE, roles.length, -1)],
  ['limiter, always at work', (roles) => new TruePeakLimiter(RATE, roles.length, -40)],
  ['normalise', (roles) => new LoudnessStage({ normalise: true, night: false, sampleRate: RATE, roles })],
  ['night', (roles) => new LoudnessStage({ normalise: false, night: true, sampleRate: RATE, roles })],
  ['normalise + night', (roles) => new LoudnessStage({ normalise: true, night: true, sampleRate: RATE, roles })],
];

/** Filters of ffmpeg that do the like: its meter, its two-pass normaliser used live, its dynamic one. */
const FFMPEG_FILTERS = ['anull', 'ebur128=peak=true:framelog=verbose', 'loudnorm=I=-23:TP=-1', 'dynaudnorm'];

interface Row {
  readonly part: string;
  readonly layout: string;
  readonly programmeLufs: number;
  readonly nsPerSample: number;
  readonly percentOfCore: number;
  /** Heap taken per block, as far as no collection came between; null where it is not known. */
  readonly bytesPerBlock: number | null;
}

function row(part: string, layout: string, lufs: number, ns: number, bytesPerBlock: number | null): Row {
  const samples = SECONDS * RATE * (LAYOUTS[layout] as readonly SpeakerRole[]).length;
  return {
    part,
    layout,
    programmeLufs: lufs,
    nsPerSample: Number((ns / samples).toFixed(2)),
    percentOfCore: Number((ns / (SECONDS * 1e7)).toFixed(3)),
    bytesPerBlock,
  };
}

/** CPU nanoseconds for the whole source, its copy into the block included, and heap bytes per block. */
function run(processor: Processor, source: readonly Float32Array[]): { ns: number; bytes: number } {
  const block = source.map(() => new Float32Array(BLOCK));
  const length = (source[0] as Float32Array).length;
  const heap = process.memoryUsage().heapUsed;
  const start = process.cpuUsage();
  for (let at = 0; at + BLOCK <= length; at += BLOCK) {
    for (let channel = 0; channel < source.length; channel++) {
      const plane = source[channel] as Float32Array;
      const target = block[channel] as Float32Array;
      for (let i = 0; i < BLOCK; i++) target[i] = plane[at + i] as number;
    }
    processor.process(block, 0, BLOCK);
  }
  const used = process.cpuUsage(start);
  const ns = (used.user + used.system) * 1000;
  return { ns, bytes: ((process.memoryUsage().heapUsed - heap) * BLOCK) / length };
}

function sourceOf(layout: string, lufs: number): Float32Array[] {
  const channels = (LAYOUTS[layout] as readonly SpeakerRole[]).length;
  return programme({ seconds: SECONDS, lufs, channels, sampleRate: RATE, seed: 11 });
}

function measure(part: string, make: MakeProcessor, layout: string, lufs: number): Row {
  const source = sourceOf(layout, lufs);
  let best = Number.POSITIVE_INFINITY;
  const bytes: number[] = [];
  for (let i = 0; i < RUNS; i++) {
    const result = run(make(LAYOUTS[layout] as readonly SpeakerRole[]), source);
    best = Math.min(best, result.ns);
    if (result.bytes >= 0) bytes.push(result.bytes);
  }
  return row(part, layout, lufs, best, bytes.length === 0 ? null : Math.round(Math.min(...bytes)));
}

/** User CPU time of ffmpeg with one filter, by its own account. */
async function measureFfmpeg(filter: string, layout: string, lufs: number): Promise<Row> {
  const source = sourceOf(layout, lufs);
  const { stderr } = await runFfmpeg({
    command: 'ffmpeg',
    args: [
      ...['-v', 'info', '-nostats', '-benchmark', '-f', 'f32le', '-ar', `${RATE}`, '-ac', `${source.length}`],
      ...['-i', 'pipe:0', '-af', filter, '-f', 'null', '-'],
    ],
    input: interleaved(source),
  });
  const seconds = Number(/utime=([\d.]+)s/.exec(stderr)?.[1]);
  return row(`ffmpeg ${filter}`, layout, lufs, seconds * 1e9, null);
}

const rows: Row[] = [];
for (const layout of Object.keys(LAYOUTS)) {
  for (const lufs of [-31, -23, -14]) for (const [part, make] of PARTS) rows.push(measure(part, make, layout, lufs));
  for (const filter of FFMPEG_FILTERS) rows.push(await measureFfmpeg(filter, layout, -23));
}
console.table(rows);
await mkdir(RESULTS, { recursive: true });
await writeFile(join(RESULTS, 'loudness.json'), `${JSON.stringify({ node: process.version, rows }, null, 2)}\n`);
