/** `make bench`: the figures of the whole way, beside ffmpeg on the same work in the same run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAc3Header } from '#transcoder/codec/ac3.ts';
import type { AudioHeaderParser } from '#transcoder/codec/audio-frame.ts';
import { parseMpegAudioHeader } from '#transcoder/codec/mpeg-audio.ts';
import { type CHANNELS, type Gateway, startGateway } from '../e2e/support/gateway.ts';
import { type AudioDelay, measureAudioDelay } from './audio-delay.ts';
import { cpuSeconds, median, memory } from './processes.ts';
import { measureStart } from './start.ts';

const RESULTS = join(import.meta.dirname, 'results');
const SECONDS = Number(process.env['XG2G_BENCH_SECONDS'] ?? 30);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Source {
  readonly name: string;
  readonly channel: keyof typeof CHANNELS;
  readonly ref: string;
  readonly pid: number;
  readonly parse: AudioHeaderParser;
}

const SOURCES: readonly Source[] = [
  { name: 'MP2', channel: 'plain', ref: '1:0:16:2EE4:441:1:C00000:0:0:0:', pid: 7202, parse: parseMpegAudioHeader },
  { name: 'AC-3 5.1', channel: 'ac3', ref: '1:0:19:2B66:3F3:1:C00000:0:0:0:', pid: 6120, parse: parseAc3Header },
];

/** CPU seconds of ffmpeg doing the same to the same stream for the same time. */
async function ffmpegCpu(gateway: Gateway, ref: string, seconds: number): Promise<number> {
  const url = `http://127.0.0.1:${gateway.receiver.streamPort}/${ref}`;
  const args = [
    '-v',
    'quiet',
    '-i',
    url,
    '-map',
    '0:v',
    '-map',
    '0:a',
    '-c:v',
    'copy',
    '-c:a',
    'aac',
    '-b:a',
    '192k',
    '-f',
    'mpegts',
    'pipe:1',
  ];
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  child.stdout.resume();
  await once(child.stdout, 'data');
  const before = cpuSeconds(child.pid ?? 0);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const used = cpuSeconds(child.pid ?? 0) - before;
  child.kill('SIGKILL');
  await once(child, 'close');
  return used;
}

interface Measured {
  readonly name: string;
  readonly delay: AudioDelay;
  readonly transcoderCpu: number;
  readonly daemonCpu: number;
  readonly ffmpegCpu: number;
}

async function measureSource(gateway: Gateway, source: Source): Promise<Measured> {
  const url = gateway.streamUrl(source.channel);
  // Both run at the same time, so that both meet the same neighbours.
  const ffmpeg = ffmpegCpu(gateway, source.ref, SECONDS);
  const warm = await measureAudioDelay(gateway, { ...source, url, seconds: 3 });
  const before = { transcoder: cpuSeconds(gateway.transcoderPid), daemon: cpuSeconds(gateway.daemonPid) };
  const delay = await measureAudioDelay(gateway, { ...source, url, seconds: SECONDS });
  const after = { transcoder: cpuSeconds(gateway.transcoderPid), daemon: cpuSeconds(gateway.daemonPid) };
  if (warm.frames === 0) throw new Error(`${source.name}: no frame came through`);
  return {
    name: source.name,
    delay,
    transcoderCpu: after.transcoder - before.transcoder,
    daemonCpu: after.daemon - before.daemon,
    ffmpegCpu: await ffmpeg,
  };
}

async function main(): Promise<void> {
  const teardowns: (() => unknown)[] = [];
  const gateway = await startGateway({ teardown: (fn) => teardowns.push(fn) }, { env: { XG2G_STREAM_LINGER: '0s' } });
  try {
    await mkdir(RESULTS, { recursive: true });
    const idle = { transcoder: memory(gateway.transcoderPid), daemon: memory(gateway.daemonPid) };
    const measured: Measured[] = [];
    for (const source of SOURCES) {
      say(`${source.name}: ${SECONDS} s in real time …`);
      measured.push(await measureSource(gateway, source));
    }
    const busy = { transcoder: memory(gateway.transcoderPid), daemon: memory(gateway.daemonPid) };
    say('starting channels …');
    const start = await measureStart(gateway);

    const perMinute = (cpu: number): string => `${((cpu * 60) / SECONDS).toFixed(2)} s`;
    say('');
    for (const one of measured) {
      const ours = one.transcoderCpu + one.daemonCpu;
      say(`${one.name}`);
      say(
        `  audio delay         median ${one.delay.medianMs.toFixed(1)} ms, p99 ${one.delay.p99Ms.toFixed(1)} ms (${one.delay.frames} frames)`,
      );
      say(
        `  our own share       median ${one.delay.ownMedianMs.toFixed(2)} ms, p99 ${one.delay.ownP99Ms.toFixed(2)} ms`,
      );
      say(
        `  CPU per minute      transcoder ${perMinute(one.transcoderCpu)}, daemon ${perMinute(one.daemonCpu)}; ffmpeg ${perMinute(one.ffmpegCpu)}; ratio ${(ours / one.ffmpegCpu).toFixed(2)}`,
      );
    }
    const mb = (value: number): string => `${value.toFixed(1)} MB`;
    say('Memory (anonymous / resident)');
    for (const name of ['transcoder', 'daemon'] as const) {
      say(
        `  ${name.padEnd(18)}  idle ${mb(idle[name].anonymousMb)} / ${mb(idle[name].residentMb)}, after use ${mb(busy[name].anonymousMb)} / ${mb(busy[name].residentMb)}`,
      );
    }
    say('Start (median)');
    say(
      `  cold channel        first byte ${median(start.coldFirstByteMs).toFixed(0)} ms, first picture ${median(start.coldPictureMs).toFixed(0)} ms`,
    );
    say(
      `  running channel     first byte ${median(start.warmFirstByteMs).toFixed(1)} ms, first picture ${median(start.warmPictureMs).toFixed(1)} ms`,
    );
    const file = join(RESULTS, 'gateway.json');
    await writeFile(file, `${JSON.stringify({ seconds: SECONDS, idle, busy, start, measured }, null, 2)}\n`);
    say(`\nwritten to ${file}`);
  } finally {
    for (const teardown of teardowns.toReversed()) await teardown();
  }
}

await main();
