/** The engine on a file, in a process of its own. */
import { closeSync, openSync, readSync } from 'node:fs';
import { countBuffersAsHeap } from '#shared/garbage-collection.ts';
import { FaultCounters } from '#shared/mpegts/faults.ts';
import { PacketSync } from '#shared/mpegts/packet-sync.ts';
import { ProgramRemuxer } from '#shared/mpegts/program-remuxer.ts';
import { PLAIN_AAC } from '#test/transcoder/support/remux.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { RemuxEngine } from '#transcoder/remux/engine.ts';
import { answerParent } from './child.ts';

export interface EngineRun {
  readonly mode: 'pass' | 'aac';
  readonly path: string;
  readonly bytes: number;
}

const CHUNK = 64 * 1024;

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

/** Seconds on the wall, and of CPU: the machine may have other work, and ffmpeg works in several threads. */
export interface Run {
  readonly wall: number;
  readonly cpu: number;
}

function timed(work: () => void): Run {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - startedAt) / 1_000, cpu: (user + system) / 1e6 };
}

function passRun(path: string, bytes: number): Run {
  let out = 0;
  const remuxer = new ProgramRemuxer({
    program: null,
    faults: new FaultCounters(),
    service: null,
    onPackets: (packets) => {
      out += packets.length;
    },
    reuseOutput: true, // as in both processes
  });
  const sync = new PacketSync({ onPackets: (run, from, to) => remuxer.push(run, from, to) });
  const run = timed(() => eachChunk(path, bytes, (chunk) => sync.push(chunk)));
  if (out < bytes * 0.9) throw new Error(`of ${bytes} bytes ${out} came out`);
  return run;
}

function aacRun(path: string, bytes: number): Run {
  let out = 0;
  const engine = new RemuxEngine({
    program: null,
    audio: PLAIN_AAC,
    encoder: 'auto',
    onPackets: (packets) => {
      out += packets.length;
    },
    reuseOutput: true, // as in both processes
    onInfo: () => undefined,
  });
  const sync = new PacketSync({ onPackets: (run, from, to) => engine.push(run, from, to) });
  const run = timed(() => {
    eachChunk(path, bytes, (chunk) => sync.push(chunk));
    engine.finish();
  });
  engine.close();
  if (out < bytes * 0.9) throw new Error(`of ${bytes} bytes ${out} came out`);
  return run;
}

countBuffersAsHeap();
silenceFfmpegLog();
answerParent<EngineRun, Run>(({ mode, path, bytes }) => {
  const run = mode === 'pass' ? passRun : aacRun;
  run(path, bytes / 4); // the file into the page cache, the code through the JIT
  return run(path, bytes);
});
