import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { LogoFiles } from '#daemon/lineup/logos/logo-files.ts';
import { channel } from '../../support/channels.ts';

const png = (size: number, fill = 1) => ({
  contentType: 'image/png',
  bytes: Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47]), Buffer.alloc(size - 4, fill)]),
});

function tempFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'xg2g-logos-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'logos');
}

test('a logo is there after a restart, with the time it was fetched', async (t) => {
  const folder = tempFolder(t);
  const one = new LogoFiles({ folder, onWarning: t.fail });
  await one.put(channel(1), png(100), 1_700_000_000_000);
  const two = new LogoFiles({ folder, onWarning: t.fail });
  t.deepEqual(await two.get(channel(1)), { ...png(100), fetchedAtMs: 1_700_000_000_000 });
  t.is(await two.get(channel(2)), null);
});

test('the bounds in bytes and files hold, also for what an earlier run left', async (t) => {
  const folder = tempFolder(t);
  const one = new LogoFiles({ folder, onWarning: t.fail, maxBytes: 1_000, maxFiles: 100 });
  for (const number of [1, 2, 3, 4, 5]) await one.put(channel(number), png(200), number * 1_000);
  await one.get(channel(1)); // used last
  await one.put(channel(6), png(200), 6_000);
  t.is(await one.get(channel(2)), null);
  t.not(await one.get(channel(1)), null);
  const two = new LogoFiles({ folder, onWarning: t.fail, maxBytes: 10_000, maxFiles: 3 });
  await two.put(channel(7), png(10), 7_000);
  t.deepEqual(readdirSync(folder).sort(), [channel(5), channel(6), channel(7)].map(({ id }) => id).sort());
});

test('a file that was spoiled or taken away counts as none', async (t) => {
  const folder = tempFolder(t);
  const files = new LogoFiles({ folder, onWarning: t.fail });
  await files.put(channel(1), png(100), 1);
  await files.put(channel(2), png(100), 1);
  writeFileSync(join(folder, channel(1).id), '');
  rmSync(join(folder, channel(2).id));
  t.is(await files.get(channel(1)), null);
  t.is(await files.get(channel(2)), null);
  t.false(existsSync(join(folder, channel(1).id)));
});

test('what a crash left half written is swept away, and what others put there stays', async (t) => {
  const folder = tempFolder(t);
  await new LogoFiles({ folder, onWarning: t.fail }).put(channel(1), png(100), 1);
  writeFileSync(join(folder, `${channel(2).id}.new`), 'half');
  writeFileSync(join(folder, 'README.txt'), 'mine');
  const files = new LogoFiles({ folder, onWarning: t.fail });
  await files.prune([channel(1)]);
  t.deepEqual(readdirSync(folder).sort(), ['README.txt', channel(1).id]);
});

test('logos of channels that are gone, and old ones of a channel with a new one, are removed', async (t) => {
  const folder = tempFolder(t);
  const files = new LogoFiles({ folder, onWarning: t.fail });
  const own = { ...channel(2), logo: 'https://logos.example/2.png' };
  for (const wish of [channel(1), channel(2), own]) await files.put(wish, png(100), 1);
  await files.prune([own, channel(3)]);
  t.is(await files.get(channel(1)), null);
  t.is(await files.get(channel(2)), null);
  t.not(await files.get(own), null);
  t.is(readdirSync(folder).length, 1);
});

test('a folder that cannot be used or a disk that is full keeps them in memory, and says so once', async (t) => {
  const folder = tempFolder(t);
  const warnings: string[] = [];
  const files = new LogoFiles({
    folder,
    onWarning: (text) => warnings.push(text),
    writeBytes: async () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    },
  });
  await files.put(channel(1), png(100), 1);
  await files.put(channel(2), png(100), 1);
  t.not(await files.get(channel(1)), null);
  t.is(warnings.length, 1);
  t.regex(warnings[0] ?? '', /no space left.*XG2G_DATA/);
  t.is(files.problem, warnings[0] ?? '');
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  chmodSync(file, 0o400);
  const none = new LogoFiles({ folder: join(file, 'logos'), onWarning: (text) => warnings.push(text) });
  await none.put(channel(1), png(100), 1);
  t.not(await none.get(channel(1)), null);
});
