/**
 * `make run`: the demo receiver (unless XG2G_E2_HOST names a real one), the transcoder and the daemon, started in order,
 * kept running, stopped together by Ctrl-C. A process that dies is started again, as systemd would.
 */
import { mkdir } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { Supervised } from './supervised.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const STATE = join(ROOT, '.cache', 'run');
/** Between a crash and the next start. */
const RESTART_MS = 100;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const children: Supervised[] = [];
let stopping = false;
/** Null where another program has it. */
let htspPort: number | null = null;

/** Stops what runs, last started first, and ends. */
async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  say('\nstopping …');
  for (const child of children.toReversed()) await child.stop();
  process.exit(code);
}

async function main(): Promise<void> {
  await mkdir(STATE, { recursive: true });
  const demo = (process.env['XG2G_E2_HOST'] ?? '') === '';
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(0));

  const start = (name: string, script: string, args: readonly string[], env: NodeJS.ProcessEnv): Supervised => {
    const child = new Supervised({
      name,
      command: process.execPath,
      args: [join(ROOT, script), ...args],
      env: { ...process.env, ...env },
      restartMs: RESTART_MS,
      onLine: (line) => {
        say(`[${name}] ${line}`);
        if (line.includes('"HTSP listens"')) htspPort = (JSON.parse(line) as { port: number }).port;
      },
      onRestart: (how) => say(`[${name}] ended (${how}); starting it again`),
      onGivenUp: (error) => fail(error),
    });
    children.push(child);
    child.start();
    return child;
  };

  const environment: NodeJS.ProcessEnv = {
    XG2G_TRANSCODER_URL: process.env['XG2G_TRANSCODER_URL'] ?? `unix:${STATE}`,
    XG2G_DATA: process.env['XG2G_DATA'] ?? join(STATE, 'data'),
    XG2G_LOG_LEVEL: process.env['XG2G_LOG_LEVEL'] ?? 'info',
  };
  if (demo) {
    say(
      'No receiver is set (XG2G_E2_HOST): starting the demo receiver. Its pictures are made once, in under a minute.',
    );
    const receiver = start(
      'receiver',
      'test/receiver/main.ts',
      ['--http-port', '0', '--stream-port', '0', '--relay-port', '0'],
      {},
    );
    const ports = JSON.parse(await receiver.waitForLine(/^\{.*"http"/)) as {
      http: number;
      stream: number;
      relay: number;
    };
    environment['XG2G_E2_HOST'] = `127.0.0.1:${ports.http}`;
    environment['XG2G_E2_STREAM_PORT'] = String(ports.stream);
    environment['XG2G_E2_RELAY_PORT'] = String(ports.relay);
  }
  const transcoder = start('transcoder', 'transcoder/main.ts', [], environment);
  await transcoder.waitForLine(/is ready/);
  const daemon = start('daemon', 'daemon/main.ts', [], environment);
  const listening = JSON.parse(await daemon.waitForLine(/xg2g listens/)) as { port: number };
  await waitForReady(listening.port);
  printAddresses(listening.port, htspPort);
}

/** Polls /readyz: the daemon is a program of its own, which tells it no other way. */
async function waitForReady(port: number): Promise<void> {
  for (let last = ''; ; ) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (answer?.ok === true) return;
    const why = answer === null ? 'the daemon does not answer' : await answer.text();
    if (why !== last) say(`not ready yet: ${why}`);
    last = why;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function printAddresses(port: number, htsp: number | null): void {
  const hosts = [
    'localhost',
    ...Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter((address) => address.family === 'IPv4' && !address.internal)
      .map((address) => address.address),
  ];
  say('\nxg2g is ready. Ctrl-C stops it.\n');
  for (const host of hosts) {
    say(`  start page   http://${host}:${port}/`);
    say(`  playlist     http://${host}:${port}/playlist.m3u`);
    say(`  guide        http://${host}:${port}/xmltv.xml`);
    say(`  HDHomeRun    http://${host}:${port}/discover.json`);
    say(htsp === null ? '' : `  Tvheadend    ${host}, HTSP port ${htsp}, HTTP port ${port} (Kodi, TVHClient)\n`);
  }
  say(`  try          vlc http://localhost:${port}/playlist.m3u\n`);
}

function fail(error: unknown): void {
  process.stderr.write(`make run: ${error instanceof Error ? error.message : String(error)}\n`);
  void stop(1);
}

main().catch(fail);
