import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { errorMessage, XgError } from '#shared/errors.ts';
import { APPLICATION_ID, MIGRATIONS } from './schema.ts';
import { setAside } from './set-aside.ts';
import { isBroken } from './sqlite-errors.ts';

/**
 * - `file`: all is kept
 * - `read-only`: an older guide is read from a file that cannot be written now
 * - `memory`: nothing is kept
 */
export type DatabaseKind = 'file' | 'read-only' | 'memory';

export interface GuideDatabase {
  readonly kind: DatabaseKind;
  readonly connection: DatabaseSync;
  /** What was wrong at the opening, for log and status; null when nothing was. */
  readonly problem: string | null;
}

/** Pages of 4 KiB in memory; the operating system's own cache does the rest. */
const CACHE_KIB = 2_048;
const BUSY_MS = 1_000;
/** The log goes into the file in a thread of its own, long before it has so many pages; this is for when that fails. */
const MAX_LOG_PAGES = 16_384;
/** Of the log, after what was in it has gone into the file. */
const MAX_LOG_BYTES = 8 * 1024 * 1024;

/**
 * Opens the guide's file, or makes it. One that is damaged, of another program or of a newer version is set aside; where
 * the folder cannot be written an existing guide is opened for reading, and without one it is kept in memory. Never
 * throws for what it finds there.
 */
export function openDatabase(file: string, options: { nowMs?: number } = {}): GuideDatabase {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return openFile(file, options.nowMs ?? Date.now());
  } catch (error) {
    const why = `${file} cannot be written: ${errorMessage(error)}`;
    const connection = openForReading(file);
    if (connection !== null) return { kind: 'read-only', connection, problem: `The guide is not kept: ${why}` };
    return { ...openMemory(), problem: `The guide is kept in memory only: ${why}` };
  }
}

export function openMemory(): GuideDatabase {
  const connection = new DatabaseSync(':memory:');
  migrate(connection);
  return { kind: 'memory', connection, problem: null };
}

function openFile(file: string, nowMs: number): GuideDatabase {
  try {
    return { kind: 'file', connection: connect(file), problem: null };
  } catch (error) {
    if (!isBroken(error) && !(error instanceof XgError)) throw error;
    const aside = setAside(file, nowMs);
    const problem = `The guide's file could not be used and was set aside as ${aside}: ${errorMessage(error)}`;
    return { kind: 'file', connection: connect(file), problem };
  }
}

function connect(file: string): DatabaseSync {
  const connection = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    // Before anything is written: a file of somebody else stays as it is.
    throwOnForeign(connection, file);
    // A commit costs no flush of the disk; a power cut may take the last ones and leaves a whole file.
    connection.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = ${MAX_LOG_BYTES}`,
    );
    connection.exec(`PRAGMA wal_autocheckpoint = ${MAX_LOG_PAGES}`);
    connection.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = FILE; PRAGMA trusted_schema = OFF`);
    migrate(connection);
    probeWriting(connection);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function throwOnForeign(connection: DatabaseSync, file: string): void {
  const version = pragma(connection, 'user_version');
  const isOurs = pragma(connection, 'application_id') === APPLICATION_ID;
  const tables = Number(connection.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'] ?? 0);
  if (tables === 0 && version === 0) return; // new, or made and never filled
  if (!isOurs) throw new XgError('GUIDE_FOREIGN_FILE', `${file} is a database of another program`);
  if (version <= MIGRATIONS.length) return;
  throw new XgError('GUIDE_NEWER_FILE', `${file} was written by a newer version (${version} > ${MIGRATIONS.length})`);
}

/** Each version in a transaction of its own: a process that dies in between leaves the last whole one. */
function migrate(connection: DatabaseSync): void {
  for (let version = pragma(connection, 'user_version'); version < MIGRATIONS.length; version++) {
    connection.exec('BEGIN IMMEDIATE');
    try {
      connection.exec(MIGRATIONS[version] as string);
      connection.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${version + 1}`);
      connection.exec('COMMIT');
    } catch (error) {
      connection.exec('ROLLBACK');
      throw error;
    }
  }
}

/** A file or folder that is read-only opens well and fails at the first change. */
function probeWriting(connection: DatabaseSync): void {
  connection.exec('BEGIN IMMEDIATE; UPDATE guide SET revision = revision; COMMIT');
}

/** Null where there is no guide of this version. The log of an unclean end is not read then: it needs a writable folder. */
function openForReading(file: string): DatabaseSync | null {
  if (!existsSync(file)) return null;
  const url = pathToFileURL(file);
  url.search = 'immutable=1';
  let connection: DatabaseSync | null = null;
  try {
    connection = new DatabaseSync(url, { readOnly: true });
    connection.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    const isOurs = pragma(connection, 'application_id') === APPLICATION_ID;
    if (isOurs && pragma(connection, 'user_version') === MIGRATIONS.length) return connection;
  } catch {
    // Not even readable; the caller says why it could not be opened for writing.
  }
  connection?.close();
  return null;
}

function pragma(connection: DatabaseSync, name: 'user_version' | 'application_id'): number {
  return Number(connection.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}
