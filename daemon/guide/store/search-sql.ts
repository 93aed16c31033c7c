import type { SQLInputValue } from 'node:sqlite';
import type { GuideQuery } from '../store.ts';

export interface SearchSql {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** More than anybody looks at; a wrong limit must not bring the whole guide into memory. */
const MAX_LIMIT = 10_000;
const MAX_WORDS = 16;

/** The statement for a query; rows hold `columns` of the programme and the channel's id. Null when nothing can match. */
export function searchSql(query: GuideQuery, columns: string): SearchSql | null {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  if (query.text !== undefined) {
    const words = matchExpression(query.text, query.inTexts === true);
    if (words === null) return null;
    conditions.push('p.id IN (SELECT rowid FROM words WHERE words MATCH ?)');
    values.push(words);
  }
  if (query.channelIds !== undefined) {
    conditions.push('c.id IN (SELECT value FROM json_each(?))');
    values.push(JSON.stringify(query.channelIds));
  }
  if (query.genreLevel1 !== undefined) {
    conditions.push('p.genre >> 4 = ?');
    values.push(query.genreLevel1);
  }
  if (query.fromSeconds !== undefined) {
    conditions.push('p.stop > ?');
    values.push(query.fromSeconds);
  }
  if (query.toSeconds !== undefined) {
    conditions.push('p.start < ?');
    values.push(query.toSeconds);
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const limit = Math.max(0, Math.min(MAX_LIMIT, Math.trunc(query.limit)));
  values.push(limit, Math.max(0, Math.trunc(query.offset ?? 0)));
  return {
    sql: `SELECT ${columns}, c.id FROM programme p JOIN channel c ON c.number = p.key >> 33${where} ORDER BY p.start, c.id LIMIT ? OFFSET ?`,
    values,
  };
}

/**
 * Every word as the beginning of one in the index; null where the text holds no word.
 *
 * Spec: SQLite FTS5, 3 Full-text Query Syntax: a quoted string is a phrase, `*` behind it makes it a prefix.
 */
function matchExpression(text: string, inTexts: boolean): string | null {
  const words = text.match(/[\p{L}\p{N}\p{M}]+/gu)?.slice(0, MAX_WORDS) ?? [];
  if (words.length === 0) return null;
  return `{${inTexts ? 'title texts' : 'title'}} : (${words.map((word) => `"${word}"*`).join(' AND ')})`;
}
