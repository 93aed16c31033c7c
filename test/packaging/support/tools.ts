import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Debian packages that building the .deb and booting machines takes. */
const BASE = ['mmdebstrap', 'systemd-container', 'zstd', 'dpkg-dev', 'binutils'];
/** What single parts take beside them. */
const BY_PART: Readonly<Record<string, readonly string[]>> = {
  rpm: ['rpm'],
  lint: ['rpm', 'lintian', 'rpmlint'],
  'same-bytes': ['rpm'],
};

/** Installs what is missing. @throws Error when this user cannot boot machines. */
export async function installTools(parts: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('make test-packages needs root: it boots machines');
  const missing: string[] = [];
  for (const name of new Set([...BASE, ...parts.flatMap((part) => BY_PART[part] ?? [])])) {
    await run('dpkg', ['--status', name]).catch(() => missing.push(name));
  }
  if (missing.length === 0) return;
  console.log(`# installing ${missing.join(' ')}`);
  await run('apt-get', ['update', '-qq']);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 16 * 1024 * 1024,
  });
}
