import { DatabaseSync } from 'node:sqlite';

/** What must hold of the guide's file whenever somebody looks, also after a kill; empty when all does. */
export function guideFaults(file: string): string[] {
  const connection = new DatabaseSync(file);
  try {
    const one = (sql: string): unknown => Object.values(connection.prepare(sql).get() ?? {})[0];
    const faults: string[] = [];
    const expect = (what: string, value: unknown, wanted: unknown): void => {
      if (value !== wanted) faults.push(`${what}: ${String(value)}, expected ${String(wanted)}`);
    };
    expect('integrity_check', one('PRAGMA integrity_check'), 'ok');
    connection.exec("INSERT INTO words (words) VALUES ('integrity-check')");
    expect(
      'programmes that run into the next of their channel',
      one(`SELECT count(*) FROM programme a WHERE stop > (
             SELECT start FROM programme b WHERE b.key > a.key AND b.key < ((a.key >> 33) + 1) << 33 ORDER BY b.key LIMIT 1)`),
      0,
    );
    expect(
      'programmes of no channel',
      one('SELECT count(*) FROM programme WHERE key >> 33 NOT IN (SELECT number FROM channel)'),
      0,
    );
    expect(
      'programmes whose key is not their start',
      one('SELECT count(*) FROM programme WHERE key & ((1 << 33) - 1) <> start'),
      0,
    );
    expect(
      'ids above the last one given',
      one('SELECT count(*) FROM programme WHERE id > (SELECT last_id FROM guide)'),
      0,
    );
    expect(
      'programmes that cannot be found by their title',
      one(
        'SELECT count(*) FROM programme WHERE id NOT IN (SELECT rowid FROM words WHERE words MATCH \'{title} : "sendung"\')',
      ),
      0,
    );
    expect(
      'words of no programme',
      one('SELECT count(*) FROM words_docsize WHERE id NOT IN (SELECT id FROM programme)'),
      0,
    );
    return faults;
  } finally {
    connection.close();
  }
}
