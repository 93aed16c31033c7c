import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import { type Program, startProgram } from '#test/helpers/process.ts';
import { eventually } from '#test/helpers/wait-for.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..', '..');
const NODE = process.execPath;

/** Two machines and a cable between them: network namespaces, so that nothing reaches a real network. */
export interface Lan {
  /** Of the gateway. */
  readonly address: string;
  /** What runs there listens as on a machine of its own. */
  readonly gateway: string;
  readonly client: string;
  /** Runs a program on the client's machine. Rejects for an exit code that is not 0, with its output. */
  onClient(command: string, ...args: string[]): Promise<string>;
  startOnClient(command: string, ...args: string[]): Program;
  startOnGateway(env: NodeJS.ProcessEnv, command: string, ...args: string[]): Program;
}

let made = 0;

/** Null, and the reason in the log, where namespaces cannot be made: that takes root. */
export async function startLan(t: ExecutionContext): Promise<Lan | null> {
  const tag = `hd-${process.pid}-${made++}`;
  const [gateway, client] = [`${tag}-g`, `${tag}-c`];
  const ip = (...args: string[]) => run('ip', args);
  try {
    await ip('netns', 'add', gateway);
  } catch (error) {
    t.log(`skipped: network namespaces cannot be made here (${String(error).split('\n')[0]})`);
    t.pass();
    return null;
  }
  t.teardown(() => ip('netns', 'del', gateway));
  await ip('netns', 'add', client);
  t.teardown(() => ip('netns', 'del', client));
  await ip('link', 'add', 'lan0', 'netns', gateway, 'type', 'veth', 'peer', 'name', 'lan0', 'netns', client);
  for (const [namespace, address] of [
    [gateway, '10.79.1.1/24'],
    [client, '10.79.1.2/24'],
  ] as const) {
    await ip('-n', namespace, 'link', 'set', 'lo', 'up');
    await ip('-n', namespace, 'address', 'add', address, 'brd', '+', 'dev', 'lan0');
    await ip('-n', namespace, 'link', 'set', 'lan0', 'up', 'multicast', 'on');
    await ip('-n', namespace, 'route', 'add', '224.0.0.0/4', 'dev', 'lan0');
  }
  const inside = (namespace: string, command: string, args: readonly string[]) => [
    'netns',
    'exec',
    namespace,
    command,
    ...args,
  ];
  return {
    address: '10.79.1.1',
    gateway,
    client,
    onClient: async (command, ...args) => {
      const { stdout } = await run('ip', inside(client, command, args), { timeout: 60_000, maxBuffer: 1 << 24 });
      return stdout;
    },
    startOnClient: (command, ...args) => startProgram(t, { command: 'ip', args: inside(client, command, args) }),
    startOnGateway: (env, command, ...args) =>
      startProgram(t, { command: 'ip', args: inside(gateway, command, args), env, cwd: ROOT }),
  };
}

export interface LanGateway {
  readonly daemon: Program;
  readonly url: string;
  readonly port: number;
}

/** Simulated receiver, transcoder and daemon on the gateway's machine. The daemon is found by all means there are. */
export async function startLanGateway(
  t: ExecutionContext,
  lan: Lan,
  options: { readonly receiver?: readonly string[]; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<LanGateway> {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-lan-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const receiver = lan.startOnGateway(
    {},
    NODE,
    'test/receiver/main.ts',
    ...['--http-port', '0', '--stream-port', '0', '--relay-port', '0', '--tune-latency', '0'],
    ...(options.receiver ?? []),
  );
  const ports = JSON.parse(await receiver.waitForLine(/^\{"http":/, { timeoutMs: 90_000 })) as Record<string, number>;
  const env: NodeJS.ProcessEnv = {
    XG2G_TRANSCODER_URL: `unix:${folder}`,
    XG2G_DATA: join(folder, 'data'),
    XG2G_LISTEN: ':0',
    XG2G_E2_HOST: `127.0.0.1:${ports['http']}`,
    XG2G_E2_STREAM_PORT: String(ports['stream']),
    XG2G_E2_RELAY_PORT: String(ports['relay']),
    XG2G_LOG_LEVEL: 'debug',
    ...options.env,
  };
  const transcoder = lan.startOnGateway(env, NODE, 'transcoder/main.ts');
  await transcoder.waitForLine(/is ready/);
  const daemon = lan.startOnGateway(env, NODE, 'daemon/main.ts');
  const { port } = JSON.parse(await daemon.waitForLine(/xg2g listens/)) as { port: number };
  await daemon.waitForLine(/HDHomeRun is on the network/);
  const url = `http://${lan.address}:${port}`;
  await eventually(async () => (await lan.onClient('curl', '-s', `${url}/readyz`)).startsWith('{"ready":true'), {
    what: 'the gateway to be ready',
    timeoutMs: 15_000,
  });
  return { daemon, url, port };
}
