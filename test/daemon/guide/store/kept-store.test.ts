import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { KeptGuide } from '#daemon/guide/store/kept-store.ts';
import { makeEvents, makeProgrammes } from '#test/helpers/guide/schedules.ts';
import { type CapturedLog, captureLog } from '../../support/captured-log.ts';
import { waitFor } from '../../support/wait-for.ts';

const FROM = 1_700_000_000;
const some = (count = 50, seed = 1) => makeProgrammes('a', makeEvents({ ref: '', seed, fromSeconds: FROM, count }));

async function folder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'xg2g-guide-'));
  t.teardown(async () => {
    await chmod(path, 0o755);
    await rm(path, { recursive: true, force: true });
  });
  return path;
}

function openGuide(dataFolder: string | null): { kept: KeptGuide; log: CapturedLog } {
  const log = captureLog('info');
  return { kept: new KeptGuide({ dataFolder, logger: log.logger }), log };
}

test('guide, ids, revision and what was read when are there again after a restart', async (t) => {
  const path = await folder(t);
  const first = openGuide(path);
  await first.kept.store.update('a', some());
  first.kept.store.markRead('a', 1234);
  const before = [...first.kept.store.programmes('a')];
  const { revision, tag, size } = first.kept.store;
  first.kept.close();

  const { kept, log } = openGuide(path);
  t.deepEqual([...kept.store.programmes('a')], before);
  t.deepEqual([kept.store.revision, kept.store.tag, kept.store.size], [revision, tag, size]);
  t.is(kept.store.readAtSeconds('a'), 1234);
  t.is(kept.kind, 'file');
  t.deepEqual(log.lines, []);
  kept.close();
});

const unusable: ReadonlyArray<{ what: string; make: (file: string) => Promise<void>; says: RegExp }> = [
  {
    what: 'no database',
    make: (file) => writeFile(file, 'This is not SQLite. '.repeat(500)),
    says: /not a database/,
  },
  {
    what: 'of another program',
    make: async (file) => {
      const other = new DatabaseSync(file);
      other.exec('CREATE TABLE photos (name TEXT)');
      other.close();
    },
    says: /a database of another program/,
  },
  {
    what: 'of a newer version',
    make: async (file) => {
      const kept = openGuide(join(file, '..')).kept;
      kept.store.database.connection.exec('PRAGMA user_version = 99');
      kept.close();
    },
    says: /written by a newer version \(99/,
  },
];
for (const { what, make, says } of unusable) {
  test(`a file that is ${what} is set aside, and the guide begins anew`, async (t) => {
    const path = await folder(t);
    await make(join(path, 'guide.db'));
    const { kept, log } = openGuide(path);
    t.regex(kept.problem ?? '', says);
    t.regex(log.messages('error').join(), /set aside as .*guide\.db\.broken-\d{8}T\d{6}Z/);
    await kept.store.update('a', some());
    t.is(kept.store.size, 50);
    kept.close();
    t.is((await readdir(path)).filter((name) => name.includes('.broken-')).length, 1);
  });
}

test('of files that were set aside only the last two are kept', async (t) => {
  const path = await folder(t);
  for (let round = 0; round < 5; round++) {
    await writeFile(join(path, 'guide.db'), `rubbish ${round} `.repeat(200));
    openGuide(path).kept.close();
  }
  t.is((await readdir(path)).filter((name) => name.includes('.broken-')).length, 2);
});

/** Overwrites the pages that hold a table's rows, as a dying disk would. */
async function damage(file: string, table: string): Promise<void> {
  const connection = new DatabaseSync(file);
  const pages = connection.prepare("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf'").all(table);
  connection.close();
  const handle = await open(file, 'r+');
  for (const { pageno } of pages) await handle.write(Buffer.alloc(4096, 0x5a), 0, 4096, (Number(pageno) - 1) * 4096);
  await handle.close();
}

async function filled(path: string): Promise<string> {
  const { kept } = openGuide(path);
  for (const id of ['a', 'b', 'c', 'd']) await kept.store.update(id, some(200));
  kept.close();
  return join(path, 'guide.db');
}

test('damage that nobody met is found in the background, and the guide goes on with an empty file', async (t) => {
  const path = await folder(t);
  await damage(await filled(path), 'programme');
  const { kept, log } = openGuide(path);
  t.is(kept.problem, null);
  const { revision } = kept.store;
  let announced = 0;
  kept.store.onChange(() => announced++);
  await kept.check();
  t.regex(kept.problem ?? '', /damaged .*set aside/);
  t.is(log.messages('error').length, 1);
  t.is(kept.store.size, 0);
  t.true(kept.store.revision > revision);
  t.is(announced, 1);
  await kept.store.update('a', some());
  t.is(kept.store.size, 50);
  kept.close();
  const again = openGuide(path).kept;
  t.is(again.store.size, 50);
  again.close();
});

test('damage that a reader meets is no failure of the reader', async (t) => {
  const path = await folder(t);
  await damage(await filled(path), 'programme');
  const { kept } = openGuide(path);
  t.deepEqual([...kept.store.programmes('a')], []);
  t.regex(kept.problem ?? '', /damaged/);
  t.is(kept.store.size, 0);
  kept.close();
});

test('damage that a writer meets ends that writing and no other', async (t) => {
  const path = await folder(t);
  await damage(await filled(path), 'words_data');
  const { kept } = openGuide(path);
  await t.throwsAsync(kept.store.update('a', some(200, 5)), { code: 'GUIDE_NOT_WRITTEN' });
  t.regex(kept.problem ?? '', /damaged/);
  await kept.store.update('a', some(200, 5));
  t.is(kept.store.size, 200);
  kept.close();
});

test('damage that the start meets is no failure of the start', async (t) => {
  const path = await folder(t);
  const file = await filled(path);
  await damage(file, 'programme_by_time');
  await damage(file, 'sqlite_autoindex_programme_1');
  await damage(file, 'channel');
  const { kept } = openGuide(path);
  t.regex(kept.problem ?? '', /damaged/);
  await kept.store.update('a', some());
  t.is(kept.store.size, 50);
  kept.close();
});

test('a sound file passes the check', async (t) => {
  const { kept } = openGuide(await folder(t));
  await kept.store.update('a', some(300));
  await kept.check();
  t.is(kept.problem, null);
  t.is(kept.store.size, 300);
  kept.close();
});

test('a full disk keeps the last good guide, and it is written again when there is room', async (t) => {
  const { kept } = openGuide(await folder(t));
  await kept.store.update('a', some(50));
  const { connection } = kept.store.database;
  const pages = Number(connection.prepare('PRAGMA page_count').get()?.['page_count']);
  // SQLite's own limit fails as a full disk does: SQLITE_FULL in the middle of a transaction.
  connection.exec(`PRAGMA max_page_count = ${pages + 1}`);
  const before = [...kept.store.programmes('a')];
  const { revision } = kept.store;
  const error = await t.throwsAsync(kept.store.update('b', some(300, 2)), { code: 'GUIDE_NOT_WRITTEN' });
  t.regex(error.message, /disk is full/);
  t.deepEqual([...kept.store.programmes('a')], before);
  t.true(kept.store.revision >= revision);
  connection.exec('PRAGMA max_page_count = 100000');
  await kept.store.update('b', some(300, 2));
  t.is([...kept.store.programmes('b')].length, 300);
  t.is(kept.store.size, 350);
  kept.close();
});

const READER = fileURLToPath(new URL('./unprivileged-main.ts', import.meta.url));

test('a folder that cannot be written gives the guide that is there, and says so; a later try makes it whole', async (t) => {
  const path = await folder(t);
  const first = openGuide(path).kept;
  await first.store.update('a', some());
  first.close();
  await chmod(join(path, 'guide.db'), 0o444);
  await chmod(path, 0o555);
  // Root may write anywhere, so somebody else has to try.
  const isRoot = process.getuid?.() === 0;
  const { stdout, stderr } = spawnSync(process.execPath, [READER, path], {
    encoding: 'utf8',
    ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
  });
  t.is(stderr, '');
  const answer = JSON.parse(stdout) as Record<string, unknown>;
  t.like(answer, { kind: 'read-only', size: 50, code: 'GUIDE_NOT_WRITTEN' });
  t.regex(String(answer['problem']), /not kept: .*guide\.db cannot be written/);
});

test('without a folder the guide lives in memory; where one becomes writable it moves there', async (t) => {
  const none = openGuide(null).kept;
  await none.store.update('a', some());
  t.deepEqual([none.kind, none.store.size, none.problem], ['memory', 50, null]);
  none.close();

  const path = join(await folder(t), 'data');
  await writeFile(path, 'a file where the folder should be');
  const { kept, log } = openGuide(path);
  t.is(kept.kind, 'memory');
  t.regex(kept.problem ?? '', /kept in memory only/);
  await kept.store.update('a', some());
  kept.retry();
  t.is(kept.kind, 'memory');
  await rm(path);
  await mkdir(path);
  kept.retry();
  t.deepEqual([kept.kind, kept.store.size, kept.problem], ['file', 50, null]);
  t.is(log.messages('error').length, 1);
  kept.close();
  const again = openGuide(path).kept;
  t.is(again.store.size, 50);
  again.close();
});

test('the log beside the file stays small however much is written', async (t) => {
  const path = await folder(t);
  const { kept } = openGuide(path);
  for (let round = 0; round < 12; round++) await kept.store.update('a', some(400, round));
  await waitFor('a small log', async () => (await stat(join(path, 'guide.db-wal'))).size < 12 * 1024 * 1024);
  kept.close();
  t.deepEqual(await readdir(path), ['guide.db']);
});
