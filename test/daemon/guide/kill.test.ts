import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { killRefreshes } from '#test/helpers/guide/kills.ts';

test('a daemon that is killed in the middle of a refresh, again and again, keeps a whole guide and goes on with it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-kill-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  let revision = 0;
  let programmes = 0;
  for await (const result of killRefreshes(folder, { count: 5, seed: 7 })) {
    t.deepEqual(result.faults, []);
    t.true(result.revision >= revision);
    ({ revision, programmes } = result);
  }
  t.true(revision > 20);
  t.true(programmes > 100);
});
