import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorMessage } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { type DatabaseKind, openDatabase, openMemory } from './database.ts';
import { checkFile, checkpointFile } from './file-work.ts';
import { setAside } from './set-aside.ts';
import { isBroken } from './sqlite-errors.ts';
import { SqliteGuideStore } from './sqlite-store.ts';

export const GUIDE_FILE = 'guide.db';

export interface KeptGuideOptions {
  /** Null keeps it in memory only. */
  readonly dataFolder: string | null;
  readonly logger: Logger;
}

/** The guide's store with the life of its file: opened, checked, set aside, tried again. */
export class KeptGuide {
  readonly store: SqliteGuideStore;
  readonly #file: string | null;
  readonly #logger: Logger;
  #problem: string | null = null;

  constructor({ dataFolder, logger }: KeptGuideOptions) {
    this.#logger = logger;
    this.#file = dataFolder === null ? null : join(dataFolder, GUIDE_FILE);
    this.store = this.#file === null ? new SqliteGuideStore({ database: openMemory() }) : this.#open(this.#file);
  }

  get kind(): DatabaseKind {
    return this.store.database.kind;
  }

  /** What is or was wrong with the file since the start, for the status; null when nothing was. */
  get problem(): string | null {
    return this.#problem;
  }

  /** Reads the whole file in the background; a damaged one is replaced by an empty one. */
  async check(): Promise<void> {
    if (this.#file === null || this.kind !== 'file') return;
    const wrong = await checkFile(this.#file);
    if (wrong !== null && this.kind === 'file') this.store.replaceBroken(wrong);
  }

  /** Where the file could not be opened for writing before: once more. */
  retry(): void {
    if (this.#file === null || this.kind === 'file') return;
    if (this.kind === 'memory' && !this.#saveMemory(this.#file)) return;
    const database = openDatabase(this.#file);
    if (database.kind !== 'file') {
      database.connection.close();
      return;
    }
    this.store.useDatabase(database);
    this.#problem = null;
    this.#logger.info({ file: this.#file }, 'the guide is kept again');
  }

  close(): void {
    this.store.close();
  }

  #open(file: string): SqliteGuideStore {
    const replaceBroken = (reason: string) => this.#replace(file, reason);
    const checkpoint = () => (this.kind === 'file' ? checkpointFile(file) : Promise.resolve());
    const database = openDatabase(file);
    this.#say(database.problem);
    try {
      return new SqliteGuideStore({ database, replaceBroken, checkpoint });
    } catch (error) {
      if (!isBroken(error)) throw error;
      database.connection.close();
      return new SqliteGuideStore({ database: replaceBroken(errorMessage(error)), replaceBroken, checkpoint });
    }
  }

  /** What was gathered meanwhile becomes the file, unless there is one. */
  #saveMemory(file: string): boolean {
    if (existsSync(file)) return true;
    try {
      this.store.database.connection.prepare('VACUUM INTO ?').run(file);
      return true;
    } catch {
      return false; // still not to be written, as was said at the start
    }
  }

  #replace(file: string, reason: string) {
    let aside: string | null = null;
    try {
      aside = setAside(file, Date.now());
    } catch {
      // The folder cannot be written: what openDatabase finds is said below.
    }
    const database = aside === null ? openMemory() : openDatabase(file);
    const where = aside === null ? 'It is kept in memory only' : `The file was set aside as ${aside}`;
    this.#say(`The guide's file is damaged (${reason}). ${where}; the guide is read again`);
    return database;
  }

  #say(problem: string | null): void {
    if (problem === null) return;
    this.#problem = problem;
    this.#logger.error({ code: 'GUIDE_FILE' }, problem);
  }
}
