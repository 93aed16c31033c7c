import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import { ProgramRemuxer } from '#shared/mpegts/program-remuxer.ts';
import { PLAIN_AAC } from '#test/transcoder/support/remux.ts';
import { bestAacEncoder } from '#transcoder/ffmpeg/aac-encoder.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { RemuxEngine } from '#transcoder/remux/engine.ts';
import { benchMedia } from '../box/bench-media.ts';
import { ffmpegArguments } from '../ffmpeg-process.ts';
import { atLeast, atMost, type BenchContext, type PartResult, plain } from '../part.ts';
import { median } from '../processes.ts';
import { MP2_SOURCE } from '../sources.ts';

/** Of programme in the file: 300 MB. */
const COPY_SECONDS = 480;
/** Of those for what encodes. */
const AAC_SECONDS = 120;
/** What a probing start costs ffmpeg is measured on this much and taken off. */
const START_SECONDS = 4;
const RUNS = 5;
const CHUNK = 64 * 1024;
const PACKETS_PER_WRITE = 50_000;

async function writeMedia(path: string): Promise<{ bytes: number; bytesAt: (seconds: number) => number }> {
  const { loop } = await benchMedia(MP2_SOURCE);
  const packetsAt = (seconds: number): number => loop.positionAt(seconds * 27_000_000);
  const end = packetsAt(COPY_SECONDS);
  const file = openSync(path, 'w');
  for (let at = 0; at < end; at += PACKETS_PER_WRITE) {
    writeSync(file, loop.read(at, Math.min(end, at + PACKETS_PER_WRITE), 3_600 * 27_000_000, 0));
  }
  closeSync(file);
  return { bytes: end * 188, bytesAt: (seconds) => packetsAt(seconds) * 188 };
}

/** Reads the first `bytes` of the file as a socket would give them. */
function eachChunk(path: string, bytes: number, use: (chunk: Buffer) => void): void {
  const file = openSync(path, 'r');
  const chunk = Buffer.allocUnsafeSlow(CHUNK);
  for (let left = bytes; left > 0; ) {
    const got = readSync(file, chunk, 0, Math.min(CHUNK, left), null);
    if (got === 0) break;
    use(chunk.subarray(0, got));
    left -= got;
  }
  closeSync(file);
}

function passRun(path: string, bytes: number): number {
  let out = 0;
  const remuxer = new ProgramRemuxer({
    program: null,
    faults: new FaultCounters(),
    service: null,
    onPackets: (packets) => {
      out += packets.length;
    },
  });
  const sync = new PacketSync({ onPackets: (run, from, to) => remuxer.push(run, from, to) });
  const startedAt = performance.now();
  eachChunk(path, bytes, (chunk) => sync.push(chunk));
  const seconds = (performance.now() - startedAt) / 1_000;
  if (out < bytes * 0.9) throw new Error(`of ${bytes} bytes ${out} came out`);
  return seconds;
}

function aacRun(path: string, bytes: number): number {
  let out = 0;
  const engine = new RemuxEngine({
    program: null,
    audio: PLAIN_AAC,
    encoder: bestAacEncoder(),
    onPackets: (packets) => {
      out += packets.length;
    },
    onInfo: () => undefined,
  });
  const sync = new PacketSync({ onPackets: (run, from, to) => engine.push(run, from, to) });
  const startedAt = performance.now();
  eachChunk(path, bytes, (chunk) => sync.push(chunk));
  engine.finish();
  const seconds = (performance.now() - startedAt) / 1_000;
  engine.close();
  if (out < bytes * 0.9) throw new Error(`of ${bytes} bytes ${out} came out`);
  return seconds;
}

/** Seconds that ffmpeg runs on the first `seconds` of the file. */
async function ffmpegRun(path: string, seconds: number, copy: boolean): Promise<number> {
  const common = ffmpegArguments(path);
  const head = copy
    ? ['-v', 'quiet', '-nostdin', '-i', path, '-map', '0:v', '-map', '0:a', '-c', 'copy', '-f', 'mpegts']
    : common;
  const startedAt = performance.now();
  const child = spawn('ffmpeg', [...head, '-t', String(seconds), '-y', '/dev/null'], { stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}`);
  return (performance.now() - startedAt) / 1_000;
}

/** The engine alone in this process, beside ffmpeg on the same file. */
export async function enginePart({ say }: BenchContext): Promise<PartResult> {
  silenceFfmpegLog();
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-bench-'));
  const path = join(folder, 'media.ts');
  try {
    const { bytes, bytesAt } = await writeMedia(path);
    const aacBytes = bytesAt(AAC_SECONDS);
    say(`engine alone: ${(bytes / 1e6).toFixed(0)} MB, ${RUNS} runs …`);
    const times = { pass: [] as number[], aac: [] as number[], copy: [] as number[], ffmpegAac: [] as number[] };
    passRun(path, bytes); // the file into the page cache, the code through the JIT
    for (let run = 0; run < RUNS; run++) {
      const start = await ffmpegRun(path, START_SECONDS, true);
      times.pass.push(passRun(path, bytes));
      times.copy.push((await ffmpegRun(path, COPY_SECONDS, true)) - start);
      times.aac.push(aacRun(path, aacBytes));
      times.ffmpegAac.push((await ffmpegRun(path, AAC_SECONDS, false)) - start);
    }
    const gigabits = (seconds: readonly number[], size: number): number => (size * 8) / 1e9 / median(seconds);
    const pass = gigabits(times.pass, bytes);
    const copy = gigabits(times.copy, bytes - bytesAt(START_SECONDS));
    const aac = gigabits(times.aac, aacBytes);
    const ffmpegAac = gigabits(times.ffmpegAac, aacBytes - bytesAt(START_SECONDS));
    const both = (value: number): string => `${value.toFixed(2)} Gbit/s (${(value * 125).toFixed(0)} MB/s)`;
    return {
      data: { bytes, aacBytes, runs: RUNS, seconds: times, gigabitsPerSecond: { pass, copy, aac, ffmpegAac } },
      figures: [
        plain('engine, profile pass (ProgramRemuxer)', both(pass)),
        plain('ffmpeg -c copy -f mpegts, start taken off', both(copy)),
        atLeast("engine beside ffmpeg's copy", pass / copy, 1, 'times', 2),
        plain('engine, sound to AAC', both(aac)),
        plain('ffmpeg -c:v copy -c:a aac', both(ffmpegAac)),
        atMost("engine's time for AAC beside ffmpeg's", (ffmpegAac / aac) * 100, 60, '%', 0),
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
