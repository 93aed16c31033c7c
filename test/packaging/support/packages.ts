import { execFile } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const ROOT = join(import.meta.dirname, '..', '..', '..');

/** Less than any version that is built. */
export const OLD_VERSION = '0.0.1';

/** Builds a package as `make deb` and `make rpm` do, but packed fast: how tight it is does not matter here. */
export async function buildPackage(
  kind: 'deb' | 'rpm',
  options: { readonly version?: string; readonly compression?: string } = {},
): Promise<string> {
  const { stdout } = await run(process.execPath, [join(ROOT, 'packaging', kind, 'build.ts')], {
    env: {
      ...process.env,
      XG2G_DIST: join(ROOT, '.cache/packages/built'), // dist/ is the user's
      XG2G_COMPRESSION: options.compression ?? 'zstd:1',
      ...(options.version === undefined ? {} : { XG2G_VERSION: options.version }),
    },
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout.trim().split('\n').at(-1) ?? '';
}

/** The same package as an older version with another comment in its configuration file. */
export async function olderDeb(deb: string, folder: string): Promise<string> {
  const tree = join(folder, 'older');
  await rm(tree, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await run('dpkg-deb', ['--raw-extract', deb, tree]);
  const control = join(tree, 'DEBIAN', 'control');
  await writeFile(control, (await readFile(control, 'utf8')).replace(/^Version: .*$/m, `Version: ${OLD_VERSION}`));
  await appendFile(join(tree, 'etc/xg2g/xg2g.yaml'), '# A comment of the older version.\n');
  const older = join(folder, `xg2g_${OLD_VERSION}.deb`);
  await run('dpkg-deb', ['--root-owner-group', '-Zzstd', '-z1', '--build', tree, older]);
  await rm(tree, { recursive: true });
  return older;
}
