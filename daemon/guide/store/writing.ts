import type { DatabaseSync } from 'node:sqlite';
import { ChannelTable } from './channel-table.ts';
import type { PlannedProgramme, StoredProgramme, WritePlan } from './plan.ts';
import { hasOtherTexts } from './plan.ts';
import { programmeKey } from './schema.ts';
import { Statements } from './statements.ts';

/** Every change of the guide's tables; each method is a transaction and changes what is known in memory only after it. */
export class GuideWriting {
  readonly channels: ChannelTable;
  readonly #statements: Statements;
  #tag = '';
  #revision = 0;
  #lastId = 0;
  #size = 0;

  constructor(connection: DatabaseSync) {
    this.#statements = new Statements(connection);
    this.channels = new ChannelTable(this.#statements);
    this.#loadCounters();
  }

  get tag(): string {
    return this.#tag;
  }

  get revision(): number {
    return this.#revision;
  }

  get lastId(): number {
    return this.#lastId;
  }

  get size(): number {
    return this.#size;
  }

  /** After a transaction that failed: what is in memory may be ahead of the file. */
  reload(): void {
    this.channels.load();
    this.#loadCounters();
  }

  /** Ids that were given once must not come back for something else. */
  continueFrom(counters: { lastId: number; revision: number }): void {
    this.#statements.run(
      'UPDATE guide SET last_id = max(last_id, ?), revision = max(revision, ?)',
      counters.lastId,
      counters.revision,
    );
    this.#loadCounters();
  }

  apply(channelId: string, source: number, plan: WritePlan): void {
    this.#statements.transaction(() => {
      const { number } = this.channels.getOrAdd(channelId);
      let lastId = this.#lastId;
      for (const one of plan.removed) this.#remove(number, one);
      for (const { before, stopSeconds } of plan.cut) {
        const key = programmeKey(number, before.programme.startSeconds);
        this.#statements.run('UPDATE programme SET stop = ? WHERE key = ?', stopSeconds, key);
      }
      for (const { before } of plan.moved) {
        if (before !== null) {
          this.#statements.run(
            'DELETE FROM programme WHERE key = ?',
            programmeKey(number, before.programme.startSeconds),
          );
        }
      }
      for (const planned of [...plan.moved, ...plan.changed]) this.#rewrite(number, source, planned);
      for (const planned of plan.added) this.#insert(number, source, ++lastId, planned, true);
      this.#statements.run('UPDATE guide SET revision = ?, last_id = ?', this.#revision + 1, lastId);
    });
    this.#revision++;
    this.#lastId += plan.added.length;
    this.#size += plan.added.length - plan.removed.length;
  }

  markRead(channelId: string, atSeconds: number): void {
    this.#statements.transaction(() => this.channels.setReadAt(channelId, atSeconds));
  }

  /** Its programmes must be gone. */
  forgetChannel(channelId: string): void {
    this.#statements.transaction(() => this.channels.remove(channelId));
  }

  #remove(channelNumber: number, { programme }: StoredProgramme): void {
    this.#statements.run('DELETE FROM programme WHERE key = ?', programmeKey(channelNumber, programme.startSeconds));
    this.#statements.run('DELETE FROM words WHERE rowid = ?', programme.id);
  }

  #rewrite(channelNumber: number, source: number, planned: PlannedProgramme): void {
    const { before } = planned;
    if (before === null) return;
    const { id } = before.programme;
    const otherWords = hasOtherTexts(before.programme, planned.programme) || before.details !== planned.details;
    if (otherWords) this.#statements.run('DELETE FROM words WHERE rowid = ?', id);
    this.#insert(channelNumber, source, id, planned, otherWords);
  }

  #insert(channelNumber: number, source: number, id: number, planned: PlannedProgramme, withWords: boolean): void {
    const { programme, details } = planned;
    this.#statements.run(
      'INSERT OR REPLACE INTO programme (key, id, event_id, start, stop, genre, source, title, short, long, details) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      programmeKey(channelNumber, programme.startSeconds),
      id,
      programme.eventId,
      programme.startSeconds,
      programme.stopSeconds,
      programme.genreId,
      source,
      programme.title,
      programme.shortDescription,
      programme.longDescription,
      details,
    );
    if (!withWords) return;
    const { subtitle } = programme.details;
    this.#statements.run(
      'INSERT INTO words (rowid, title, texts) VALUES (?, ?, ?)',
      id,
      subtitle === '' ? programme.title : `${programme.title}\n${subtitle}`,
      `${programme.shortDescription}\n${programme.longDescription}`,
    );
  }

  #loadCounters(): void {
    const [tag, revision, lastId] = this.#statements.first<[string, number, number]>(
      'SELECT tag, revision, last_id FROM guide',
    ) ?? ['', 0, 0];
    this.#tag = tag;
    this.#revision = revision;
    this.#lastId = lastId;
    this.#size = this.#statements.first<[number]>('SELECT count(*) FROM programme')?.[0] ?? 0;
  }
}
