import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { probeStreams } from '#test/helpers/ffprobe.ts';
import { type Program, startProgram } from '#test/helpers/process.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { Recorder } from './support/recorder.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** What `make run` starts, with sockets and state of its own. */
async function startRun(t: ExecutionContext, env: Record<string, string> = {}): Promise<Program> {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-run-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return startProgram(t, {
    command: process.execPath,
    args: ['test/dev/run.ts'],
    cwd: ROOT,
    env: {
      XG2G_E2_HOST: undefined,
      XG2G_TRANSCODER_URL: `unix:${folder}`,
      XG2G_DATA: join(folder, 'data'),
      XG2G_LISTEN: '127.0.0.1:0',
      XG2G_HDHR_DISCOVERY: 'no',
      ...env,
    },
  });
}

/** What it has started. Spec: proc(5), /proc/pid/task/tid/children. */
function childrenOf(run: Program): number[] {
  return readFileSync(`/proc/${run.pid}/task/${run.pid}/children`, 'latin1').trim().split(' ').map(Number);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // ESRCH: gone
  }
}

test.serial('make run: addresses are printed, the demo channel plays with AAC, Ctrl-C stops all of it', async (t) => {
  const run = await startRun(t);
  const line = await run.waitForLine(/playlist +http:\/\/localhost/, { timeoutMs: 60_000 });
  const playlist = /http:\S+/.exec(line)?.[0] ?? '';
  const channels = (await (await fetch(playlist)).text()).match(/^http:.*$/gm) ?? [];
  t.true(channels.length >= 14);
  const viewer = new Recorder(t, channels[0] ?? '');
  await viewer.waitForBytes(600_000);
  const streams = await probeStreams(viewer.data, 'audio');
  t.true(streams.some((stream) => stream['codec_name'] === 'aac'));
  viewer.stop();
  const pids = childrenOf(run);
  t.is(pids.length, 3, 'receiver, transcoder and daemon');
  run.kill('SIGINT');
  const exit = await run.waitForExit(10_000);
  t.is(exit.code, 0);
  t.deepEqual(pids.filter(isAlive), []);
});

test.serial('make run with its port taken says so and leaves nothing behind', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await eventually(() => server.listening, { what: 'the other program to listen' });
  const { port } = server.address() as { port: number };
  const run = await startRun(t, { XG2G_LISTEN: `127.0.0.1:${port}` });
  await run.waitForLine(/\[daemon\] ended/, { timeoutMs: 60_000 });
  const pids = childrenOf(run);
  t.true(pids.length >= 2, 'receiver and transcoder');
  t.is((await run.waitForExit()).code, 1);
  t.true(
    run.lines.some((line) => line.includes(String(port)) && /use/.test(line)),
    run.lines.join('\n'),
  );
  t.deepEqual(pids.filter(isAlive), []);
});
