import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Supervised } from '#test/dev/supervised.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import type { SimulatedReceiver } from '#test/receiver/receiver.ts';
import { startReceiver } from '#test/receiver/receiver.ts';

type ReceiverOptions = NonNullable<Parameters<typeof startReceiver>[0]>;

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Channels of the simulated receiver, by what they are good for. Ids are part of what users rely on, so they stand here. */
export const CHANNELS = {
  mp2: 'c00000-1-3fb-283d',
  latm: 'c00000-1-3fb-2841',
  ac3: 'c00000-1-3f3-2b66',
  eac3: 'c00000-1-3f3-2b7a',
  mpeg2: 'c00000-1-44d-6dca',
  radio: 'c00000-1-44d-6e10',
  /** MP2 whose frames begin with their PES. */
  plain: 'c00000-1-441-2ee4',
  never: 'c00000-1-441-2eea',
  /** Clear through the relay alone. */
  pay: 'c00000-85-455-ef',
} as const;

export interface Gateway {
  readonly receiver: SimulatedReceiver;
  /** Without a trailing slash. */
  readonly url: string;
  /** Where HTSP listens; 0 when it does not. */
  readonly htspPort: number;
  readonly log: readonly string[];
  /** Kills the transcoder as hard as can be; it is started again by its supervisor. Gives its process id before. */
  killTranscoder(): number;
  readonly transcoderPid: number;
  readonly daemonPid: number;
  streamUrl(channel: keyof typeof CHANNELS, profile?: string): string;
  /** Value of a metric without labels, or with exactly these. */
  metric(name: string): Promise<number | null>;
  waitForLog(pattern: RegExp, timeoutMs?: number): Promise<string>;
}

/** A test, or whatever else cleans up at its end. */
export interface TeardownOwner {
  teardown(fn: () => unknown): void;
}

export interface GatewayOptions {
  readonly receiver?: ReceiverOptions;
  readonly env?: NodeJS.ProcessEnv;
  /** False: do not wait for /readyz. */
  readonly waitForReady?: boolean;
}

/** Simulated receiver, transcoder and daemon as they are installed: three parties, real sockets. Gone with the test. */
export async function startGateway(t: TeardownOwner, options: GatewayOptions = {}): Promise<Gateway> {
  const receiver = await startReceiver({ host: '127.0.0.1', tuneLatencyMs: 0, ...options.receiver });
  t.teardown(() => receiver.close());
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-e2e-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    XG2G_TRANSCODER_URL: `unix:${folder}`,
    XG2G_DATA: join(folder, 'data'),
    XG2G_LISTEN: '127.0.0.1:0',
    // One machine has one port 65001, and tests run side by side.
    XG2G_HDHR_DISCOVERY: 'no',
    XG2G_HDHR_SSDP: 'no',
    XG2G_HDHR_MDNS: 'no',
    XG2G_HTSP_LISTEN: '127.0.0.1:0',
    XG2G_E2_HOST: `127.0.0.1:${receiver.httpPort}`,
    XG2G_E2_STREAM_PORT: String(receiver.streamPort),
    XG2G_E2_RELAY_PORT: String(receiver.relayPort),
    ...options.env,
  };
  const log: string[] = [];
  const start = (script: string): Supervised => {
    const child = new Supervised({
      name: script,
      command: process.execPath,
      args: [join(ROOT, script)],
      env,
      restartMs: 100,
      onLine: (line) => log.push(line),
      onRestart: (how) => log.push(`${script} ended: ${how}`),
      onGivenUp: (error) => log.push(error.message),
    });
    t.teardown(() => child.stop());
    child.start();
    return child;
  };
  const transcoder = start('transcoder/main.ts');
  await transcoder.waitForLine(/is ready/);
  const daemon = start('daemon/main.ts');
  const { port } = JSON.parse(await daemon.waitForLine(/xg2g listens/)) as { port: number };
  const url = `http://127.0.0.1:${port}`;
  if (options.waitForReady ?? true) {
    await eventually(async () => (await fetch(`${url}/readyz`)).ok, {
      what: 'the gateway to be ready',
      timeoutMs: 30_000,
    });
  }
  return {
    receiver,
    url,
    get htspPort() {
      const line = log.find((candidate) => candidate.includes('"HTSP listens"'));
      return line === undefined ? 0 : (JSON.parse(line) as { port: number }).port;
    },
    log,
    killTranscoder: () => transcoder.kill('SIGKILL'),
    get transcoderPid() {
      return transcoder.pid;
    },
    get daemonPid() {
      return daemon.pid;
    },
    streamUrl: (channel, profile = 'aac') => `${url}/stream/${CHANNELS[channel]}.ts?profile=${profile}`,
    metric: async (name) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
      return line === undefined ? null : Number(line.slice(name.length + 1));
    },
    waitForLog: (pattern, timeoutMs = 30_000) =>
      eventually(() => log.find((line) => pattern.test(line)), { what: `a log line like ${pattern}`, timeoutMs }),
  };
}
