import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { SessionOpen } from '#shared/ipc/control.ts';
import { encodeHello, type Frame, type FrameType } from '#shared/ipc/frame.ts';
import { FrameParser } from '#shared/ipc/frame-parser.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { waitFor } from '#test/helpers/wait-for.ts';
import { silenceFfmpegLog } from '#transcoder/ffmpeg/capabilities.ts';
import { createControlHandler } from '#transcoder/server/control-handler.ts';
import { ControlServer } from '#transcoder/server/control-server.ts';
import { StreamServer } from '#transcoder/server/stream-server.ts';
import { transcoderCapabilities } from '#transcoder/session/capabilities.ts';
import { SessionRegistry } from '#transcoder/session/registry.ts';

export interface RunningTranscoder {
  readonly folder: string;
  readonly controlPath: string;
  readonly streamPath: string;
  readonly sessions: SessionRegistry;
}

/** Both servers on sockets of their own, in this process; gone with the test. */
export async function startTranscoder(t: ExecutionContext): Promise<RunningTranscoder> {
  silenceFfmpegLog();
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-'));
  const logger = createSilentLogger();
  const sessions = new SessionRegistry({ encoder: 'auto', logger });
  const streams = new StreamServer(sessions, logger);
  const handler = createControlHandler({ sessions, capabilities: transcoderCapabilities('auto'), build: 'test' });
  const control = new ControlServer(handler, logger);
  const controlPath = join(folder, 'control.sock');
  const streamPath = join(folder, 'stream.sock');
  await streams.listen({ kind: 'path', path: streamPath });
  await control.listen({ kind: 'path', path: controlPath });
  t.teardown(async () => {
    await control.stop();
    await streams.close();
    sessions.closeAll();
    await rm(folder, { recursive: true });
  });
  return { folder, controlPath, streamPath, sessions };
}

export const OPEN: SessionOpen = {
  id: 'test',
  program: null,
  audio: { mode: 'aac', bitrate: 128_000, channels: 'stereo', language: null, loudness: false, night: false },
  traceparent: null,
};

/** A client of the stream socket that keeps what it gets. */
export class RawStreamClient {
  readonly socket: Socket;
  readonly frames: { type: FrameType; payload: Buffer }[] = [];
  #closed = false;
  readonly #listeners = new Set<() => void>();

  constructor(t: ExecutionContext, path: string) {
    const parser = new FrameParser((frame: Frame) => {
      this.frames.push({ type: frame.type, payload: Buffer.from(frame.payload) });
    });
    this.socket = connect({ path });
    this.socket.on('data', (bytes) => {
      parser.push(bytes);
      this.#changed();
    });
    this.socket.on('error', () => undefined); // a refused connection may end in a reset; `close` follows
    this.socket.on('close', () => {
      this.#closed = true;
      this.#changed();
    });
    t.teardown(() => this.socket.destroy());
  }

  hello(token: string): void {
    this.socket.write(encodeHello(token));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Bytes of all DATA frames so far. */
  get data(): Buffer {
    return Buffer.concat(this.frames.filter((frame) => frame.type === 'data').map((frame) => frame.payload));
  }

  async waitForFrame(type: FrameType): Promise<Buffer> {
    return await this.waitUntil(
      () => this.frames.find((frame) => frame.type === type)?.payload,
      `a frame of type ${type}`,
    );
  }

  /** The code of the ERROR frame with which the other side closed. */
  async waitForRefusal(): Promise<string> {
    const payload = await this.waitForFrame('error');
    await this.waitUntil(() => this.#closed, 'the connection to close');
    return (JSON.parse(payload.toString('utf8')) as { code: string }).code;
  }

  waitUntil<T>(predicate: () => T | false | null | undefined, what: string, timeoutMs = 5_000): Promise<T> {
    return waitFor(
      (changed) => {
        this.#listeners.add(changed);
        return () => this.#listeners.delete(changed);
      },
      predicate,
      { what, timeoutMs },
    );
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
