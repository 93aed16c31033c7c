/** `make rpm`: dist/xg2g-VERSION-1.ARCH.rpm. */
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Architecture, architecture } from '../architecture.ts';
import { CACHE, DIST, projectVersion, ROOT, type Version } from '../project.ts';
import { buildTree, setDates } from '../tree.ts';
import { spec } from './spec.ts';

const run = promisify(execFile);

/** RPM distributions have no folder of common licences. */
const COMMON_LICENCES = '/usr/share/common-licenses';

async function build(arch: Architecture, version: Version, compression: string): Promise<string> {
  const top = join(CACHE, `rpm-${arch.rpm}`);
  const tree = join(top, 'tree');
  await buildTree({ folder: tree, arch, version });
  const licences = join(tree, 'usr/share/licenses/xg2g');
  await mkdir(licences, { recursive: true });
  await copyFile(join(ROOT, 'LICENSE'), join(licences, 'LICENSE'));
  for (const name of ['GPL-3', 'Apache-2.0']) await copyFile(join(COMMON_LICENCES, name), join(licences, name));
  for (const name of ['LICENSE', 'GPL-3', 'Apache-2.0']) await chmod(join(licences, name), 0o644);
  await mkdir(join(tree, 'var/lib/xg2g'), { recursive: true });
  await setDates(tree, version.epoch);

  const [kind = 'zstd', level = '19'] = compression.split(':');
  const payload = kind === 'zstd' ? `w${level}.zstdio` : `w${level}.xzdio`;
  const file = join(top, 'xg2g.spec');
  await writeFile(file, spec({ version, tree, payload }));
  await run('rpmbuild', ['-bb', '--quiet', `--target=${arch.rpm}`, `--define=_topdir ${top}/build`, file], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(version.epoch), LC_ALL: 'C.UTF-8' },
    maxBuffer: 16 * 1024 * 1024,
  });
  const name = `xg2g-${version.version.replaceAll('-', '_')}-1.${arch.rpm}.rpm`;
  await mkdir(DIST, { recursive: true });
  await rename(join(top, 'build', 'RPMS', arch.rpm, name), join(DIST, name));
  await rm(top, { recursive: true });
  return join(DIST, name);
}

const path = await build(
  architecture(process.env['ARCH']),
  projectVersion(),
  process.env['XG2G_COMPRESSION'] ?? 'zstd:19',
);
process.stdout.write(`${path}\n`);
