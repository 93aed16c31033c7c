import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROGRAMS } from '#packaging/bundle.ts';
import { runtimeFlag } from '#packaging/tree.ts';
import { benchMedia } from '../box/bench-media.ts';
import { BenchChild } from '../box/child.ts';
import type { EngineRun, Run } from '../box/engine-main.ts';
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

/** In a process of its own, with the flags of the transcoder: what others left in the heap does not count. */
async function engineRun(run: EngineRun): Promise<Run> {
  const child = new BenchChild<EngineRun, Run>('engine-main.ts', [], [runtimeFlag(PROGRAMS.transcoder)]);
  try {
    return await child.ask(run);
  } finally {
    await child.close();
  }
}

/** ffmpeg on the first `seconds` of the file; the shell tells what it used. */
async function ffmpegRun(path: string, seconds: number, copy: boolean): Promise<Run> {
  const maps = ['-v', 'quiet', '-nostdin', '-i', path, '-map', '0:v', '-map', '0:a', '-c', 'copy', '-f', 'mpegts'];
  const head = copy ? maps : ffmpegArguments(path);
  const script = 'TIMEFORMAT="%R %U %S"; time ffmpeg "$@"';
  const child = spawn('bash', ['-c', script, 'bash', ...head, '-t', String(seconds), '-y', '/dev/null'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  const [code] = (await once(child, 'close')) as [number | null];
  const [wall, user, system] = text.trim().split(' ').map(Number);
  if (code !== 0 || wall === undefined || user === undefined || system === undefined) {
    throw new Error(`ffmpeg ended with ${code}: ${text}`);
  }
  return { wall, cpu: user + system };
}

function minus(run: Run, start: Run): Run {
  return { wall: run.wall - start.wall, cpu: run.cpu - start.cpu };
}

/** Gbit/s by the clock and by CPU time, as medians. */
function rates(runs: readonly Run[], bytes: number): Run {
  const gigabits = (bytes * 8) / 1e9;
  return { wall: gigabits / median(runs.map((run) => run.wall)), cpu: gigabits / median(runs.map((run) => run.cpu)) };
}

/** The engine alone, beside ffmpeg on the same file. */
export async function enginePart({ say }: BenchContext): Promise<PartResult> {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-bench-'));
  const path = join(folder, 'media.ts');
  try {
    const { bytes, bytesAt } = await writeMedia(path);
    const aacBytes = bytesAt(AAC_SECONDS);
    say(`engine alone: ${(bytes / 1e6).toFixed(0)} MB, ${RUNS} runs …`);
    const runs = { pass: [] as Run[], aac: [] as Run[], copy: [] as Run[], ffmpegAac: [] as Run[] };
    for (let run = 0; run < RUNS; run++) {
      const start = await ffmpegRun(path, START_SECONDS, true);
      runs.pass.push(await engineRun({ mode: 'pass', path, bytes }));
      runs.copy.push(minus(await ffmpegRun(path, COPY_SECONDS, true), start));
      runs.aac.push(await engineRun({ mode: 'aac', path, bytes: aacBytes }));
      runs.ffmpegAac.push(minus(await ffmpegRun(path, AAC_SECONDS, false), start));
    }
    const pass = rates(runs.pass, bytes);
    const copy = rates(runs.copy, bytes - bytesAt(START_SECONDS));
    const aac = rates(runs.aac, aacBytes);
    const ffmpegAac = rates(runs.ffmpegAac, aacBytes - bytesAt(START_SECONDS));
    const both = ({ wall, cpu }: Run): string =>
      `${wall.toFixed(2)} Gbit/s (${(wall * 125).toFixed(0)} MB/s); ${cpu.toFixed(2)} per core`;
    return {
      data: { bytes, aacBytes, runs, gigabitsPerSecond: { pass, copy, aac, ffmpegAac } },
      figures: [
        plain('engine, profile pass (ProgramRemuxer)', both(pass)),
        plain('ffmpeg -c copy -f mpegts, its start taken off', both(copy)),
        atLeast("engine beside ffmpeg's copy, by the clock", pass.wall / copy.wall, 1, 'times', 2),
        atLeast("engine beside ffmpeg's copy, by CPU time", pass.cpu / copy.cpu, 1, 'times', 2),
        plain('engine, sound to AAC', both(aac)),
        plain('ffmpeg -c:v copy -c:a aac, its start taken off', both(ffmpegAac)),
        atMost("engine's CPU time for AAC beside ffmpeg's", (ffmpegAac.cpu / aac.cpu) * 100, 60, '%', 0),
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
