import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..');
/** Where packages are put; XG2G_DIST takes them elsewhere. */
export const DIST = process.env['XG2G_DIST'] ?? join(ROOT, 'dist');
/** Packages that were fetched, and whatever else a second build need not do again. */
export const CACHE = join(ROOT, '.cache', 'packages');

export const MAINTAINER = 'The xg2g authors <xg2g@localhost.localdomain>';
export const SUMMARY = 'gateway between an Enigma2 receiver and the players in the house';

/** One build: what it is called and the moment that every file in it bears, in Unix seconds. */
export interface Version {
  /** In Debian's and RPM's form; a build between releases sorts before the release: `0.1.0~git20261125023722.bb23a08`. */
  readonly version: string;
  readonly epoch: number;
}

/**
 * The version of the checked-out commit, or the release's own when it is tagged so. `XG2G_VERSION` and
 * `SOURCE_DATE_EPOCH` replace what would be read from git.
 */
export function projectVersion(env: NodeJS.ProcessEnv = process.env): Version {
  const release = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;
  const epoch = Number(env['SOURCE_DATE_EPOCH'] ?? git('log', '-1', '--format=%ct') ?? Number.NaN);
  if (!Number.isSafeInteger(epoch)) {
    throw new Error('No git repository to read the date from: set SOURCE_DATE_EPOCH to Unix seconds');
  }
  return { version: env['XG2G_VERSION'] ?? gitVersion(release, epoch), epoch };
}

function gitVersion(release: string, epoch: number): string {
  if (git('tag', '--points-at', 'HEAD')?.split('\n').includes(`v${release}`) === true) return release;
  const stamp = new Date(epoch * 1000).toISOString().replace(/\D/g, '').slice(0, 14);
  return `${release}~git${stamp}.${git('rev-parse', '--short=7', 'HEAD') ?? 'unknown'}`;
}

function git(...args: readonly string[]): string | null {
  try {
    return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return null;
  }
}
