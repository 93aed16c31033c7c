/** "xg2g" in ASCII: in the header of our files, so that those of others are known. */
export const APPLICATION_ID = 0x78673267;

/**
 * The key of a programme: its channel's number and its start in one integer below 2^53. So a channel's programmes lie
 * side by side in the file, in their order, and reading a schedule is one walk along the table.
 */
export const STARTS_PER_CHANNEL = 2 ** 33;
export const MAX_CHANNEL_NUMBER = 2 ** 20 - 1;

export function programmeKey(channelNumber: number, startSeconds: number): number {
  return channelNumber * STARTS_PER_CHANNEL + startSeconds;
}

/** One list of statements per version; `user_version` counts those that were applied. Never change one, add one. */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE guide (
     one INTEGER PRIMARY KEY CHECK (one = 1),
     tag TEXT NOT NULL,
     revision INTEGER NOT NULL,
     last_id INTEGER NOT NULL
   ) STRICT;
   INSERT INTO guide VALUES (1, lower(hex(randomblob(6))), 0, 0);
   CREATE TABLE channel (
     number INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     read_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE programme (
     key INTEGER PRIMARY KEY,
     id INTEGER NOT NULL UNIQUE,
     event_id INTEGER NOT NULL,
     start INTEGER NOT NULL,
     stop INTEGER NOT NULL CHECK (stop > start),
     genre INTEGER NOT NULL,
     source INTEGER NOT NULL,
     title TEXT NOT NULL,
     short TEXT NOT NULL,
     long TEXT NOT NULL,
     details TEXT NOT NULL
   ) STRICT;
   CREATE INDEX programme_by_time ON programme (start, stop);
   CREATE VIRTUAL TABLE words USING fts5 (
     title, texts,
     content='', contentless_delete=1, detail=column, tokenize='unicode61 remove_diacritics 2'
   );
   -- Bytes of new words in memory before they are written: small, so that no write takes long.
   INSERT INTO words (words, rank) VALUES ('hashsize', 65536);`,
];
