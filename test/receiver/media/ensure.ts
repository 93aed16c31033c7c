import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** Changes whenever the media would come out differently. */
export const MEDIA_VERSION = 2;

export const DEFAULT_CACHE = join(import.meta.dirname, '..', '..', '..', '.cache', 'demo');

export interface MediaProgress {
  /** 0 … 1. */
  readonly fraction: number;
  readonly what: string;
}

export interface EnsureMediaOptions {
  /** Default: `.cache/demo` of the project. */
  readonly cacheDir?: string | undefined;
  readonly onProgress?: ((progress: MediaProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

const POLL_MS = 200;

/**
 * Makes the demo media unless they are there, and gives their directory. Of several processes one makes them and the
 * others wait; a lock whose owner is gone is broken.
 *
 * @throws Error when they cannot be made; the signal's reason when it is aborted.
 */
export async function ensureMedia(options: EnsureMediaOptions = {}): Promise<string> {
  const cacheDir = options.cacheDir ?? DEFAULT_CACHE;
  const target = join(cacheDir, `v${MEDIA_VERSION}`);
  const lock = join(cacheDir, `v${MEDIA_VERSION}.lock`);
  await mkdir(cacheDir, { recursive: true });
  for (let waiting = false; ; waiting = true) {
    options.signal?.throwIfAborted();
    if (await exists(target)) return target;
    if (await takeLock(lock)) break;
    if (!waiting) options.onProgress?.({ fraction: 0, what: 'another process makes the pictures; waiting for it' });
    await delay(POLL_MS, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
  try {
    if (await exists(target)) return target; // made between the look and the lock
    const work = await mkdtemp(join(cacheDir, 'making-'));
    try {
      await runBuild(work, options);
      await rename(work, target).catch(async (error: unknown) => {
        if (!(await exists(target))) throw error; // another process was quicker: its media are as good
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
    return target;
  } finally {
    await rm(lock, { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** mkdir is atomic. The owner's pid lies in the directory; one without a pid for long has lost its owner, too. */
async function takeLock(lock: string): Promise<boolean> {
  try {
    await mkdir(lock);
    await writeFile(join(lock, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (await isStale(lock)) {
    // Renamed first: of several who find it stale, one wins, and none removes the lock that comes after it.
    const away = `${lock}.stale-${process.pid}`;
    const won = await rename(lock, away).then(
      () => true,
      () => false,
    );
    if (won) await rm(away, { recursive: true, force: true });
  }
  return false;
}

async function isStale(lock: string): Promise<boolean> {
  const pid = await readFile(join(lock, 'pid'), 'utf8').catch(() => null);
  if (pid === null || pid === '') {
    const info = await stat(lock).catch(() => null);
    return info !== null && Date.now() - info.mtimeMs > 5_000;
  }
  if (!/^[1-9]\d*$/.test(pid)) return true;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

async function runBuild(directory: string, options: EnsureMediaOptions): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'build.ts'), directory], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  options.signal?.addEventListener('abort', killWithUs, { once: true });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-4_000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    options.onProgress?.(JSON.parse(line) as MediaProgress);
  });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    options.signal?.throwIfAborted();
    if (code !== 0) throw new Error(`making the demo pictures failed (exit code ${code}): ${complaints.trim()}`);
  } finally {
    process.off('exit', killWithUs);
    options.signal?.removeEventListener('abort', killWithUs);
  }
}
