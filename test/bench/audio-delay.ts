import { connect } from 'node:net';
import { request } from 'undici';
import type { Gateway } from '#test/e2e/support/gateway.ts';
import { parseAdtsHeader } from '#transcoder/codec/adts.ts';
import type { AudioHeaderParser } from '#transcoder/codec/audio-frame.ts';
import { AudioArrivals } from './audio-arrivals.ts';
import { median, percentile } from './processes.ts';

export interface AudioDelay {
  readonly frames: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  /** Beyond the source's frame grid and the encoder's need of samples ahead. */
  readonly ownMedianMs: number;
  readonly ownP99Ms: number;
  readonly delaysMs: readonly number[];
}

/** Samples that libfdk_aac must have beyond an access unit's first: its delay and the unit itself (measured). */
const ENCODER_AHEAD_TICKS = ((2048 + 1024) * 90_000) / 48_000;

/**
 * Delay of the audio: from the moment the source's frame that holds PTS p was complete at a reader beside the daemon, to
 * the moment the AAC frame of PTS p was complete at an HTTP client. Real-time pace, both sockets between.
 */
export async function measureAudioDelay(
  gateway: Gateway,
  options: { ref: string; url: string; pid: number; parse: AudioHeaderParser; seconds: number },
): Promise<AudioDelay> {
  const input = new AudioArrivals(options.pid, options.parse);
  const output = new AudioArrivals(options.pid, parseAdtsHeader);
  const raw = connect({ host: '127.0.0.1', port: gateway.receiver.streamPort });
  raw.write(`GET /${options.ref} HTTP/1.0\r\n\r\n`);
  raw.on('data', (bytes) => input.push(bytes));
  const abort = new AbortController();
  const { body } = await request(options.url, { signal: abort.signal });
  body.on('data', (bytes: Buffer) => output.push(bytes));
  body.on('error', () => undefined); // ended by us
  await new Promise((resolve) => setTimeout(resolve, options.seconds * 1000));
  abort.abort();
  raw.destroy();

  const delays: number[] = [];
  const own: number[] = [];
  // The first second is the burst that fills the player's buffer: not the pace that is measured.
  const from = (output.frames[0]?.atMs ?? 0) + 1_000;
  for (const frame of output.frames) {
    if (frame.atMs < from) continue;
    const source = input.frames.find((one) => one.startTicks <= frame.startTicks && frame.startTicks < one.endTicks);
    const needed = input.frames.find((one) => one.endTicks >= frame.startTicks + ENCODER_AHEAD_TICKS);
    if (source === undefined || needed === undefined) continue;
    delays.push(frame.atMs - source.atMs);
    own.push(frame.atMs - needed.atMs);
  }
  return {
    frames: delays.length,
    medianMs: median(delays),
    p99Ms: percentile(delays, 0.99),
    ownMedianMs: median(own),
    ownP99Ms: percentile(own, 0.99),
    delaysMs: delays,
  };
}
