import { execFile } from 'node:child_process';
import { access, cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export type TreeName = 'bookworm' | 'trixie' | 'rpm';

/** What systemd needs there, and no more: what xg2g needs, its package must say. */
const TREES: Readonly<Record<TreeName, { suite: string; include: string }>> = {
  bookworm: { suite: 'bookworm', include: 'systemd,systemd-sysv,dbus' },
  // libbpf1: without it DeviceAllow= and IPAddressDeny= are accepted and not enforced.
  trixie: { suite: 'trixie', include: 'systemd,systemd-sysv,dbus,libbpf1' },
  rpm: { suite: 'bookworm', include: 'systemd,systemd-sysv,dbus,rpm' },
};

const CACHE = join(import.meta.dirname, '..', '..', '..', '.cache', 'packages', 'trees');

/** A minimal Debian in a folder; made once and kept. */
export async function debianTree(name: TreeName): Promise<string> {
  const { suite, include } = TREES[name];
  const folder = join(CACHE, name);
  if (await exists(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await run('mmdebstrap', [
    '--quiet',
    '--variant=minbase',
    '--skip=cleanup/apt/lists', // so that apt inside knows what there is, without a network
    `--include=${include}`,
    suite,
    fresh,
  ]);
  await rename(fresh, folder);
  return folder;
}

/** A copy to be used up. */
export async function copyTree(tree: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, '..'), { recursive: true });
  await run('cp', ['-a', '--reflink=auto', tree, folder]);
}

export async function putFile(tree: string, from: string, to: string): Promise<void> {
  await cp(from, join(tree, to));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
