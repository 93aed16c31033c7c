import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** How many are kept for whoever wants to look what happened. */
const KEPT = 2;
/** SQLite's own beside the file. The log may hold what the file lacks, the index of it is made anew. */
const LOG = '-wal';
const INDEX = '-shm';

/**
 * Renames a file that cannot be used to `NAME.broken-DATE` and deletes older ones of its kind. Returns the new path.
 *
 * @throws the file system's error where the folder cannot be written.
 */
export function setAside(file: string, atMs: number): string {
  const stamp = new Date(atMs).toISOString().replace(/[-:]|\.\d+/g, '');
  let aside = `${file}.broken-${stamp}`;
  for (let number = 2; existsSync(aside); number++) aside = `${file}.broken-${stamp}-${number}`;
  renameSync(file, aside);
  rmSync(`${file}${INDEX}`, { force: true });
  if (existsSync(`${file}${LOG}`)) renameSync(`${file}${LOG}`, `${aside}${LOG}`);
  removeOld(file);
  return aside;
}

function removeOld(file: string): void {
  const folder = dirname(file);
  const prefix = `${basename(file)}.broken-`;
  const names = readdirSync(folder).filter((name) => name.startsWith(prefix) && !name.endsWith(LOG));
  for (const name of names.sort().slice(0, -KEPT)) {
    rmSync(join(folder, name), { force: true });
    rmSync(join(folder, `${name}${LOG}`), { force: true });
  }
}
