import { execFile } from 'node:child_process';
import { access, cp, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const SUITES = ['bookworm', 'trixie'] as const;
export type Suite = (typeof SUITES)[number];

/** What systemd needs there, and no more: what xg2g needs, its package must say. */
const PACKAGES: Readonly<Record<Suite, string>> = {
  bookworm: 'systemd,systemd-sysv,dbus',
  // libbpf1: without it DeviceAllow= and IPAddressDeny= are accepted and not enforced.
  trixie: 'systemd,systemd-sysv,dbus,libbpf1',
};

const CACHE = join(import.meta.dirname, '..', '..', '..', '.cache', 'packages', 'trees');

/** A minimal Debian in a folder; made once and kept. */
export async function debianTree(suite: Suite): Promise<string> {
  const folder = join(CACHE, suite);
  if (await exists(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await run('mmdebstrap', [
    '--quiet',
    '--variant=minbase',
    '--skip=cleanup/apt/lists', // so that apt inside knows what there is, without a network
    `--include=${PACKAGES[suite]}`,
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
