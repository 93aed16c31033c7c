import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { StateFile } from '#daemon/lineup/state-file.ts';

const schema = z.object({ round: z.number(), filler: z.string() });
const ROOT = join(import.meta.dirname, '..', '..', '..');

function tempFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'xg2g-state-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a disk that is full is said once, what was written last stays, and it is written when there is space', async (t) => {
  const path = join(tempFolder(t), 'state.json');
  const warnings: string[] = [];
  let isFull = false;
  const file = new StateFile({
    path,
    schema,
    onWarning: (text) => warnings.push(text),
    writeText: async (to, text) => {
      writeFileSync(to, isFull ? text.slice(0, 3) : text);
      if (isFull) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    },
  });
  await file.write({ round: 1, filler: '' });
  isFull = true;
  await file.write({ round: 2, filler: '' });
  await file.write({ round: 3, filler: '' });
  t.is(file.read()?.round, 1);
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /no space left.*check XG2G_DATA/);
  t.is(file.problem, warnings[0] ?? '');
  isFull = false;
  await file.write({ round: 4, filler: '' });
  t.is(file.read()?.round, 4);
  t.is(file.problem, null);
});

test('on a real disk that is full the last good state stays', (t) => {
  const script = `
    import { StateFile } from './daemon/lineup/state-file.ts';
    import { z } from 'zod';
    const warnings = [];
    const file = new StateFile({ path: process.argv[1] + '/state.json', schema: z.object({ text: z.string() }), onWarning: (text) => warnings.push(text) });
    await file.write({ text: 'good' });
    await file.write({ text: 'x'.repeat(300_000) });
    console.log(JSON.stringify({ text: file.read()?.text, warnings }));`;
  const folder = tempFolder(t);
  const command = `mount -t tmpfs -o size=64k xg2g-full ${folder} && exec ${process.execPath} --input-type=module -e "$SCRIPT" ${folder}`;
  const { stdout, stderr, status } = spawnSync('unshare', ['-Urm', 'sh', '-c', command], {
    cwd: ROOT,
    env: { ...process.env, SCRIPT: script },
    encoding: 'utf8',
  });
  t.is(status, 0, stderr);
  const { text, warnings } = JSON.parse(stdout) as { text: string; warnings: string[] };
  t.is(text, 'good');
  t.regex(warnings.join(), /ENOSPC.*check XG2G_DATA/);
});

test('a process killed while it writes leaves a state that can be read', async (t) => {
  const path = join(tempFolder(t), 'state.json');
  const script = `
    import { StateFile } from './daemon/lineup/state-file.ts';
    import { z } from 'zod';
    const file = new StateFile({ path: ${JSON.stringify(path)}, schema: z.any(), onWarning: console.error });
    for (let round = 1; ; round++) {
      await file.write({ round, filler: 'x'.repeat(2_000_000) });
      if (round % 3 === 0) console.log(round);
    }`;
  const warnings: string[] = [];
  for (let kill = 0; kill < 5; kill++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT });
    t.teardown(() => child.kill('SIGKILL'));
    // Dies at a different place of a write each time.
    await new Promise((resolve) => child.stdout.once('data', resolve));
    for (let turns = 0; turns < kill * 40; turns++) await new Promise(setImmediate);
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGKILL');
    await closed;
    const state = new StateFile({ path, schema, onWarning: (text) => warnings.push(text) }).read();
    t.is(state?.filler.length, 2_000_000);
  }
  t.deepEqual(warnings, []);
});

test('of several writes at once the last one counts', async (t) => {
  const path = join(tempFolder(t), 'deep', 'state.json');
  const file = new StateFile({ path, schema, onWarning: t.fail });
  await Promise.all([1, 2, 3, 4].map((round) => file.write({ round, filler: '' })));
  t.like(JSON.parse(readFileSync(path, 'utf8')), { round: 4 });
});
