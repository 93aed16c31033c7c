import type { DatabaseSync } from 'node:sqlite';
import type { Programme } from '../programme.ts';
import type { GuideQuery } from '../store.ts';
import type { ChannelTable } from './channel-table.ts';
import type { StoredProgramme } from './plan.ts';
import { PROGRAMME_COLUMNS, type ProgrammeRow, readProgramme } from './rows.ts';
import { programmeKey, STARTS_PER_CHANNEL } from './schema.ts';
import { searchSql } from './search-sql.ts';
import { Statements } from './statements.ts';

/** Programmes read in one go: some 64 KiB of text. */
const PAGE_ROWS = 64;

export interface Page {
  readonly programmes: readonly Programme[];
  /** Where the next page begins; undefined after the last one. */
  readonly nextSeconds: number | undefined;
}

export const NO_PAGE: Page = { programmes: [], nextSeconds: undefined };

/** Every question the guide's tables answer. */
export class GuideReading {
  readonly #statements: Statements;
  readonly #channels: ChannelTable;

  constructor(connection: DatabaseSync, channels: ChannelTable) {
    this.#statements = new Statements(connection);
    this.#channels = channels;
  }

  /** Programmes from a start on, within the window. */
  page(channelId: string, fromSeconds: number, window?: { fromSeconds: number; toSeconds: number }): Page {
    const channel = this.#channels.get(channelId);
    if (channel === null) return NO_PAGE;
    const base = programmeKey(channel.number, 0);
    let from = base + fromSeconds;
    if (window !== undefined && fromSeconds === 0) {
      // The last that began before the window may run into it.
      const before = base + Math.max(0, Math.trunc(window.fromSeconds));
      const [key] = this.#statements.first<[number | null]>(
        'SELECT max(key) FROM programme WHERE key >= ? AND key <= ?',
        base,
        Math.min(before, base + STARTS_PER_CHANNEL - 1),
      ) ?? [null];
      from = key ?? before;
    }
    const end =
      window === undefined
        ? STARTS_PER_CHANNEL
        : Math.min(STARTS_PER_CHANNEL, Math.max(0, Math.ceil(window.toSeconds)));
    const rows = this.#statements.all<[...ProgrammeRow]>(
      `SELECT ${PROGRAMME_COLUMNS} FROM programme WHERE key >= ? AND key < ? ORDER BY key LIMIT ${PAGE_ROWS}`,
      from,
      base + end,
    );
    const last = rows.at(-1);
    const inWindow = window === undefined ? rows : rows.filter((row) => row[3] > window.fromSeconds);
    return {
      programmes: inWindow.map((row) => readProgramme(row, channelId)),
      nextSeconds: rows.length < PAGE_ROWS || last === undefined ? undefined : last[2] + 1,
    };
  }

  programme(id: number): Programme | null {
    const row = this.#statements.first<[...ProgrammeRow, string]>(
      `SELECT ${qualified(PROGRAMME_COLUMNS)}, c.id FROM programme p JOIN channel c ON c.number = p.key >> 33 WHERE p.id = ?`,
      id,
    );
    return row === null ? null : readProgramme(row.slice(0, 10) as unknown as ProgrammeRow, row[10]);
  }

  search(query: GuideQuery): Programme[] {
    const search = searchSql(query, qualified(PROGRAMME_COLUMNS));
    if (search === null) return [];
    return this.#statements
      .all<[...ProgrammeRow, string]>(search.sql, ...search.values)
      .map((row) => readProgramme(row.slice(0, 10) as unknown as ProgrammeRow, row[10]));
  }

  /** A whole channel by start. */
  stored(channelId: string): StoredProgramme[] {
    const channel = this.#channels.get(channelId);
    if (channel === null) return [];
    return this.#statements
      .all<[...ProgrammeRow]>(
        `SELECT ${PROGRAMME_COLUMNS} FROM programme WHERE key >= ? AND key < ? ORDER BY key`,
        programmeKey(channel.number, 0),
        programmeKey(channel.number + 1, 0),
      )
      .map((row) => toStored(row, channelId));
  }

  /** The first programmes of a channel, as far as they had ended at the time. */
  ended(channelId: string, beforeSeconds: number, limit: number): StoredProgramme[] {
    const channel = this.#channels.get(channelId);
    if (channel === null) return [];
    return this.#statements
      .all<[...ProgrammeRow]>(
        `SELECT ${PROGRAMME_COLUMNS} FROM programme WHERE key >= ? AND key < ? AND stop <= ? ORDER BY key LIMIT ?`,
        programmeKey(channel.number, 0),
        programmeKey(channel.number, Math.min(STARTS_PER_CHANNEL, beforeSeconds)),
        beforeSeconds,
        limit,
      )
      .map((row) => toStored(row, channelId));
  }
}

function toStored(row: ProgrammeRow, channelId: string): StoredProgramme {
  return { programme: readProgramme(row, channelId), source: row[5], details: row[9] };
}

function qualified(columns: string): string {
  return columns.replace(/\w+/g, 'p.$&');
}
