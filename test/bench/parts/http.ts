import { get } from 'node:http';
import { PACKET_SIZE, pidAt } from '#shared/mpegts/packet.ts';
import type { Pid } from '#shared/mpegts/types.ts';
import { BenchBox } from '../box/bench-box.ts';
import { benchMedia } from '../box/bench-media.ts';
import { startInstalled } from '../installed.ts';
import { atLeast, type BenchContext, type PartResult, plain } from '../part.ts';
import { cpuSeconds, median, sleep } from '../processes.ts';
import { MP2_SOURCE } from '../sources.ts';

const RUNS = 5;
const WINDOW_MS = 4_000;
const WARM_UP_MS = 3_000;
/** Video packets on the way at the most: less than any queue between would drop at. */
const IN_FLIGHT = 8_000;

/** Counts packets of one PID in a stream that comes in pieces. */
class PacketCounter {
  readonly #pid: Pid;
  #skip = 0;
  #rest: Buffer = Buffer.alloc(0);
  count = 0;
  bytes = 0;

  constructor(pid: Pid) {
    this.#pid = pid;
  }

  push(chunk: Buffer): void {
    this.bytes += chunk.length;
    let at = this.#skip;
    if (this.#rest.length > 0) {
      const head = Buffer.concat([this.#rest, chunk.subarray(0, 4)]);
      if (pidAt(head, 0) === this.#pid) this.count++;
      at = PACKET_SIZE - this.#rest.length;
      this.#rest = Buffer.alloc(0);
    }
    for (; at + 4 <= chunk.length; at += PACKET_SIZE) if (pidAt(chunk, at) === this.#pid) this.count++;
    if (at < chunk.length) this.#rest = Buffer.from(chunk.subarray(at)); // copy: less than four bytes
    this.#skip = Math.max(0, at - chunk.length);
  }
}

interface HttpRun {
  readonly gigabitsPerSecond: number;
  readonly transcoderCores: number;
  readonly daemonCores: number;
  readonly benchCores: number;
}

async function measure(profile: 'aac' | 'pass'): Promise<HttpRun[]> {
  const media = await benchMedia(MP2_SOURCE);
  const perPacket = media.loop.count / countPackets(media.loop.read(0, media.loop.count, 0, 0), media.videoPid);
  const box = new BenchBox({ loop: media.loop, channels: 1, mode: 'windowed' });
  await box.listen();
  const gateway = await startInstalled(box);
  const counter = new PacketCounter(media.videoPid);
  const allow = (): void => box.allow(Math.floor((counter.count + IN_FLIGHT) * perPacket));
  allow();
  const request = get(`${gateway.url}/stream/${BenchBox.channelId(0)}.ts?profile=${profile}`, { agent: false });
  try {
    const pids = [gateway.pids.transcoder, gateway.pids.daemon, process.pid];
    request.on('response', (response) => {
      response.on('data', (bytes: Buffer) => {
        counter.push(bytes);
        allow();
      });
      response.on('error', () => undefined); // closed by us
    });
    request.on('error', () => undefined); // closed by us
    await sleep(WARM_UP_MS);
    const runs: HttpRun[] = [];
    for (let run = 0; run < RUNS; run++) {
      const cpu = pids.map(cpuSeconds);
      const bytes = counter.bytes;
      const startedAt = performance.now();
      await sleep(WINDOW_MS);
      const seconds = (performance.now() - startedAt) / 1_000;
      const cores = pids.map((pid, index) => (cpuSeconds(pid) - (cpu[index] ?? 0)) / seconds);
      runs.push({
        gigabitsPerSecond: ((counter.bytes - bytes) * 8) / 1e9 / seconds,
        transcoderCores: cores[0] ?? 0,
        daemonCores: cores[1] ?? 0,
        benchCores: cores[2] ?? 0,
      });
    }
    const skipped = await skippedBytes(gateway.url);
    if (skipped > 0) throw new Error(`${skipped} bytes were skipped: the window is too large`);
    return runs;
  } finally {
    request.destroy();
    await gateway.close();
    await box.close();
  }
}

function countPackets(bytes: Buffer, pid: Pid): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at += PACKET_SIZE) if (pidAt(bytes, at) === pid) count++;
  return count;
}

async function skippedBytes(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^xg2g_\w*skipped\w* (\d+)/m.exec(text)?.[1] ?? 0);
}

/** One stream as fast as it goes, from the receiver's socket through both processes to an HTTP reader. */
export async function httpPart({ say }: BenchContext): Promise<PartResult> {
  const figures = [];
  const data: Record<string, unknown> = {};
  for (const profile of ['aac', 'pass'] as const) {
    say(`HTTP to HTTP, profile ${profile}: ${RUNS} times ${WINDOW_MS / 1_000} s …`);
    const runs = await measure(profile);
    const rate = median(runs.map((run) => run.gigabitsPerSecond));
    const cores = (key: 'transcoderCores' | 'daemonCores' | 'benchCores'): string =>
      median(runs.map((run) => run[key])).toFixed(2);
    data[profile] = { gigabitsPerSecond: rate, runs };
    const what = `HTTP to HTTP, profile ${profile}`;
    figures.push(
      profile === 'aac' ? atLeast(what, rate, 1, 'Gbit/s', 2) : plain(what, `${rate.toFixed(2)} Gbit/s`),
      plain(
        `${what}: cores of transcoder, daemon, bench`,
        `${cores('transcoderCores')}, ${cores('daemonCores')}, ${cores('benchCores')}`,
      ),
    );
  }
  return { data, figures };
}
