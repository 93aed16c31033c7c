import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, errorMessage } from '#shared/errors.ts';
import { imageType } from '../../receiver/image-type.ts';
import type { Picon } from '../../receiver/model.ts';
import { makeFolder } from '../state-file.ts';

export interface LogoFilesOptions {
  /** Null keeps everything in memory. */
  readonly folder: string | null;
  readonly onWarning: (text: string) => void;
  readonly maxBytes?: number;
  readonly maxFiles?: number;
  readonly writeBytes?: (path: string, bytes: Buffer) => Promise<void>;
}

export interface KeptLogo extends Picon {
  /** When it was fetched. */
  readonly fetchedAtMs: number;
}

interface Entry {
  readonly size: number;
  readonly fetchedAtMs: number;
  /** Set while it is in memory alone. */
  readonly picon: Picon | null;
}

/** A channel with the logo that is wanted for it. */
export interface LogoWish {
  readonly id: string;
  readonly logo?: string;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
/** Of what cannot be written. */
const MAX_MEMORY_BYTES = 8 * 1024 * 1024;
const DEFAULT_MAX_FILES = 10_000;
const FILE_NAME = /^[0-9a-z-]{1,64}(?:~[0-9a-f]{10})?$/;

/**
 * Logos on disk, one file per channel. Bound: 64 MiB and 10,000 files, least recently used first out; 8 MiB where the
 * folder cannot be used. The time of a file is when its logo was fetched; the order of use is known since the start only.
 */
export class LogoFiles {
  readonly #options: LogoFilesOptions;
  /** In the order of last use; null until the folder was read. */
  #entries: Promise<Map<string, Entry>> | null = null;
  #bytes = 0;
  #problem: string | null = null;

  constructor(options: LogoFilesOptions) {
    this.#options = options;
  }

  /** Why logos are in memory only; null while all is well. */
  get problem(): string | null {
    return this.#problem;
  }

  async get(wish: LogoWish): Promise<KeptLogo | null> {
    const entries = await this.#load();
    const key = keyOf(wish);
    const entry = entries.get(key);
    if (entry === undefined) return null;
    entries.delete(key);
    entries.set(key, entry);
    if (entry.picon !== null) return { ...entry.picon, fetchedAtMs: entry.fetchedAtMs };
    const bytes = await readFile(this.#path(key)).catch(() => null);
    const contentType = bytes === null ? null : imageType(bytes);
    if (bytes !== null && contentType !== null) return { bytes, contentType, fetchedAtMs: entry.fetchedAtMs };
    await this.#drop(entries, key); // gone or spoiled under our hands: as if it had never been there
    return null;
  }

  async put(wish: LogoWish, picon: Picon, fetchedAtMs: number): Promise<void> {
    const entries = await this.#load();
    const key = keyOf(wish);
    const isOnDisk = await this.#write(key, picon.bytes, fetchedAtMs);
    this.#forget(entries, key);
    entries.set(key, { size: picon.bytes.length, fetchedAtMs, picon: isOnDisk ? null : picon });
    this.#bytes += picon.bytes.length;
    const maxBytes = this.#options.maxBytes ?? (isOnDisk ? DEFAULT_MAX_BYTES : MAX_MEMORY_BYTES);
    const maxFiles = this.#options.maxFiles ?? DEFAULT_MAX_FILES;
    for (const oldest of entries.keys()) {
      if (this.#bytes <= maxBytes && entries.size <= maxFiles) break;
      await this.#drop(entries, oldest);
    }
  }

  async remove(wish: LogoWish): Promise<void> {
    await this.#drop(await this.#load(), keyOf(wish));
  }

  /** Removes the logos of channels that are not in the list, and logos that are no longer wanted for one that is. */
  async prune(channels: readonly LogoWish[]): Promise<void> {
    const entries = await this.#load();
    const wanted = new Set(channels.map(keyOf));
    for (const key of [...entries.keys()]) if (!wanted.has(key)) await this.#drop(entries, key);
  }

  #load(): Promise<Map<string, Entry>> {
    this.#entries ??= this.#readFolder();
    return this.#entries;
  }

  async #readFolder(): Promise<Map<string, Entry>> {
    const entries = new Map<string, Entry>();
    const { folder } = this.#options;
    if (folder === null) return entries;
    const reason = makeFolder(folder);
    if (reason !== null) this.#say(`${folder} cannot be made (${reason})`);
    const names = reason === null ? await readdir(folder).catch(() => []) : [];
    const found: [string, Entry][] = [];
    for (const name of names) {
      const path = join(folder, name);
      if (!FILE_NAME.test(name)) {
        if (name.endsWith('.new')) await rm(path, { force: true }); // of a crash
        continue;
      }
      const file = await stat(path).catch(() => null);
      if (file?.isFile() === true) found.push([name, { size: file.size, fetchedAtMs: file.mtimeMs, picon: null }]);
    }
    found.sort(([, one], [, other]) => one.fetchedAtMs - other.fetchedAtMs);
    for (const [name, entry] of found) {
      entries.set(name, entry);
      this.#bytes += entry.size;
    }
    return entries;
  }

  async #write(key: string, bytes: Buffer, fetchedAtMs: number): Promise<boolean> {
    if (this.#options.folder === null) return false;
    const path = this.#path(key);
    try {
      await (this.#options.writeBytes ?? writeFile)(`${path}.new`, bytes);
      const seconds = fetchedAtMs / 1000;
      await utimes(`${path}.new`, seconds, seconds);
      await rename(`${path}.new`, path);
      this.#problem = null;
      return true;
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') await rm(`${path}.new`, { force: true }).catch(() => undefined); // best effort
      this.#say(`Logos cannot be kept in ${this.#options.folder} (${errorMessage(error).replaceAll(key, '…')})`);
      return false;
    }
  }

  #say(text: string): void {
    const problem = `${text}; check XG2G_DATA and the space on its disk. Until then they are kept in memory only`;
    if (problem !== this.#problem) this.#options.onWarning(problem);
    this.#problem = problem;
  }

  async #drop(entries: Map<string, Entry>, key: string): Promise<void> {
    const entry = entries.get(key);
    this.#forget(entries, key);
    if (entry?.picon === null) await rm(this.#path(key), { force: true }).catch(() => undefined); // it counts as gone
  }

  #forget(entries: Map<string, Entry>, key: string): void {
    this.#bytes -= entries.get(key)?.size ?? 0;
    entries.delete(key);
  }

  #path(key: string): string {
    return join(this.#options.folder ?? '', key);
  }
}

/** Another logo for the same channel is another file. */
function keyOf({ id, logo }: LogoWish): string {
  return logo === undefined ? id : `${id}~${createHash('sha256').update(logo).digest('hex').slice(0, 10)}`;
}
