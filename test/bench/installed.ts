import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundle, PROGRAMS } from '#packaging/bundle.ts';
import { runtimeFlag } from '#packaging/tree.ts';
import { eventually } from '#test/helpers/wait-for.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BUNDLES = join(ROOT, '.cache', 'bench');

export type ProgramName = 'transcoder' | 'daemon';

/** One file of JavaScript per process, as packages hold it: stripping types at the start costs 25 MB that nobody pays. */
export async function bundlePrograms(): Promise<Record<ProgramName, string>> {
  const { files } = await bundle('0.0.0-bench');
  await mkdir(BUNDLES, { recursive: true });
  for (const { path, text } of files) await writeFile(join(BUNDLES, path), text);
  await writeFile(join(BUNDLES, 'package.json'), '{ "type": "module" }\n');
  return {
    transcoder: join(BUNDLES, `${PROGRAMS.transcoder}.js`),
    daemon: join(BUNDLES, `${PROGRAMS.daemon}.js`),
  };
}

export interface InstalledGateway {
  /** Without a trailing slash. */
  readonly url: string;
  readonly pids: Readonly<Record<ProgramName, number>>;
  readonly log: readonly string[];
  close(): Promise<void>;
}

/** Receiver to be used, by its ports on this machine. */
export interface ReceiverPorts {
  readonly httpPort: number;
  readonly streamPort: number;
}

/** Both processes as they are installed. `flags` replaces those they are started with. */
export async function startInstalled(
  receiver: ReceiverPorts,
  options: {
    readonly flags?: Partial<Record<ProgramName, readonly string[]>>;
    /** More settings, and others than those made here. */
    readonly env?: NodeJS.ProcessEnv;
  } = {},
): Promise<InstalledGateway> {
  const programs = await bundlePrograms();
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-bench-'));
  const log: string[] = [];
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    MALLOC_ARENA_MAX: '1', // as the units have it
    NODE_ENV: 'production',
    XG2G_TRANSCODER_URL: `unix:${folder}`,
    XG2G_DATA: join(folder, 'data'),
    XG2G_LISTEN: '127.0.0.1:0',
    XG2G_HDHR_DISCOVERY: 'no',
    XG2G_STREAM_LINGER: '0s',
    XG2G_LOG_LEVEL: 'info',
    XG2G_E2_HOST: `127.0.0.1:${receiver.httpPort}`,
    XG2G_E2_STREAM_PORT: String(receiver.streamPort),
    ...options.env,
  };
  const start = (name: ProgramName) => {
    const flags = options.flags?.[name] ?? [runtimeFlag(PROGRAMS[name])];
    const child = spawn(process.execPath, [...flags, programs[name]], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => log.push(line));
    }
    return child;
  };
  const line = (pattern: RegExp): Promise<string> =>
    eventually(() => log.find((text) => pattern.test(text)), { what: `a line like ${pattern}`, timeoutMs: 15_000 });
  const transcoder = start('transcoder');
  await line(/xg2g-transcoder is ready/);
  const daemon = start('daemon');
  const { port } = JSON.parse(await line(/xg2g listens/)) as { port: number };
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/readyz`)).ok, {
    what: 'the gateway to be ready',
    timeoutMs: 15_000,
  });
  const stop = async (child: typeof daemon): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 8_000);
    await closed;
    clearTimeout(force);
  };
  return {
    url,
    pids: { transcoder: transcoder.pid ?? 0, daemon: daemon.pid ?? 0 },
    log,
    async close() {
      await stop(daemon);
      await stop(transcoder);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
