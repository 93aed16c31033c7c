import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, copyFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Architecture } from './architecture.ts';
import { CACHE, ROOT } from './project.ts';

const run = promisify(execFile);

/** What is not JavaScript: Node itself and node-av's addon with FFmpeg in it. */
export interface Runtime {
  readonly node: string;
  readonly addon: string;
  readonly packages: { readonly node: string; readonly addon: string };
}

/** The runtime of an architecture, stripped of symbols; from node_modules, or fetched as the lockfile pins it. */
export async function runtime(arch: Architecture): Promise<Runtime> {
  const node = await packageFolder(`node-linux-${arch.node}`);
  const addon = await packageFolder(`@seydx/node-av-linux-${arch.node}`);
  return {
    node: await stripped(join(node, 'bin', 'node'), arch),
    addon: await stripped(join(addon, 'node-av.node'), arch),
    packages: { node, addon },
  };
}

interface LockedPackage {
  readonly version: string;
  readonly integrity: string;
}

async function packageFolder(name: string): Promise<string> {
  const installed = join(ROOT, 'node_modules', name);
  if (await exists(installed)) return installed;
  const lock = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, LockedPackage | undefined>;
  };
  const locked = lock.packages[`node_modules/${name}`];
  if (locked === undefined) throw new Error(`package-lock.json has no ${name}`);
  const folder = join(CACHE, 'npm', `${name.replace('/', '-')}-${locked.version}`);
  if (await exists(folder)) return folder;
  const fetched = `${folder}.new`;
  await rm(fetched, { recursive: true, force: true });
  await mkdir(fetched, { recursive: true });
  const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', fetched, `${name}@${locked.version}`]);
  const archive = join(fetched, stdout.trim());
  const digest = `sha512-${createHash('sha512')
    .update(await readFile(archive))
    .digest('base64')}`;
  if (digest !== locked.integrity) throw new Error(`${name}@${locked.version} is not what package-lock.json pins`);
  await run('tar', ['-xzf', archive, '-C', fetched, '--strip-components=1']);
  await rm(archive);
  await rename(fetched, folder);
  return folder;
}

async function stripped(path: string, arch: Architecture): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
    .slice(0, 16);
  const result = join(CACHE, 'stripped', `${digest}-${arch.deb}`);
  if (await exists(result)) return result;
  await mkdir(join(CACHE, 'stripped'), { recursive: true });
  await copyFile(path, `${result}.new`);
  const strip = process.arch === arch.node ? 'strip' : `${arch.gnu}-strip`;
  try {
    await run(strip, ['--strip-unneeded', `${result}.new`]);
  } catch (error) {
    throw new Error(`${strip} failed on ${path}: is binutils${strip === 'strip' ? '' : `-${arch.gnu}`} installed?`, {
      cause: error,
    });
  }
  await rename(`${result}.new`, result);
  return result;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
