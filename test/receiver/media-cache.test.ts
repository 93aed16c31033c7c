import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { DEFAULT_CACHE, ensureMedia, MEDIA_VERSION } from './media/ensure.ts';
import { PLAYABLE } from './support/loops.ts';

async function tempCache(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-media-cache-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

const NAME = `v${MEDIA_VERSION}`;

/** Process id of a process that has ended. */
function deadPid(): number {
  return spawnSync(process.execPath, ['-e', '']).pid;
}

async function plantLock(cacheDir: string, pid: string | null): Promise<void> {
  const lock = join(cacheDir, `${NAME}.lock`);
  await mkdir(lock);
  if (pid !== null) await writeFile(join(lock, 'pid'), pid);
}

test('media that are there are given at once, with all their loops', async (t) => {
  const first = await ensureMedia();
  const since = performance.now();
  const second = await ensureMedia({ onProgress: ({ what }) => t.fail(what) });
  t.true(performance.now() - since < 100);
  t.is(second, first);
  t.is(first, join(DEFAULT_CACHE, NAME));
  const files = new Set(await readdir(first));
  for (const { sid, name } of PLAYABLE) {
    for (const ending of ['ts', 'times']) t.true(files.has(`${sid.toString(16)}.${ending}`), `${name}: ${ending}`);
  }
});

test('media that are there need no lock, whoever holds it', async (t) => {
  const cacheDir = await tempCache(t);
  await mkdir(join(cacheDir, NAME));
  await plantLock(cacheDir, String(process.pid));
  t.is(await ensureMedia({ cacheDir }), join(cacheDir, NAME));
});

test('while another process makes them, it is waited for and its media are taken', async (t) => {
  const cacheDir = await tempCache(t);
  await plantLock(cacheDir, String(process.pid));
  const heard: string[] = [];
  const given = await ensureMedia({
    cacheDir,
    onProgress: ({ what }) => {
      heard.push(what);
      void mkdir(join(cacheDir, NAME)); // the other is done
    },
  });
  t.is(given, join(cacheDir, NAME));
  t.deepEqual(heard, ['another process makes the pictures; waiting for it']);
  t.deepEqual((await readdir(cacheDir)).sort(), [NAME, `${NAME}.lock`], 'and its lock is left alone');
});

test('waiting for another process ends when it is aborted', async (t) => {
  const cacheDir = await tempCache(t);
  await plantLock(cacheDir, String(process.pid));
  const reason = new Error('enough');
  const stop = new AbortController();
  const waiting = ensureMedia({ cacheDir, signal: stop.signal, onProgress: () => stop.abort(reason) });
  const error = await t.throwsAsync(waiting);
  t.true(error === reason || error?.cause === reason, 'the first cause is told');
});

for (const [what, pid] of [
  ['a process that is gone', 'dead'],
  ['nobody (an empty file)', ''],
  ['no process id', 'not a number'],
  ['process id 0', '0'],
] as const) {
  test.serial(`a lock of ${what} is broken; an aborted making leaves nothing behind`, async (t) => {
    const cacheDir = await tempCache(t);
    await plantLock(cacheDir, pid === 'dead' ? String(deadPid()) : pid);
    const past = new Date(Date.now() - 60_000);
    await utimes(join(cacheDir, `${NAME}.lock`), past, past);
    const stop = new AbortController();
    const heard: string[] = [];
    const making = ensureMedia({
      cacheDir,
      signal: stop.signal,
      onProgress: ({ what: step }) => {
        heard.push(step);
        if (step.startsWith('sound')) stop.abort(new Error('seen enough'));
      },
    });
    await t.throwsAsync(making, { message: 'seen enough' });
    t.true(
      heard.some((step) => step.startsWith('sound')),
      'the making began',
    );
    t.deepEqual(await readdir(cacheDir), []);
  });
}
