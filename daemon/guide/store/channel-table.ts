import { XgError } from '#shared/errors.ts';
import { MAX_CHANNEL_NUMBER } from './schema.ts';
import type { Statements } from './statements.ts';

export interface StoredChannel {
  /** Of this file: the upper part of the programmes' keys. */
  readonly number: number;
  /** Unix seconds; 0 for never. */
  readonly readAt: number;
}

/** The channels of the guide, also in memory: there are a thousand, and every call names one. */
export class ChannelTable {
  readonly #statements: Statements;
  readonly #byId = new Map<string, StoredChannel>();

  constructor(statements: Statements) {
    this.#statements = statements;
    this.load();
  }

  load(): void {
    this.#byId.clear();
    for (const [id, number, readAt] of this.#statements.all<[string, number, number]>(
      'SELECT id, number, read_at FROM channel',
    )) {
      this.#byId.set(id, { number, readAt });
    }
  }

  ids(): IterableIterator<string> {
    return this.#byId.keys();
  }

  get(id: string): StoredChannel | null {
    return this.#byId.get(id) ?? null;
  }

  /** @throws XgError `GUIDE_TOO_MANY_CHANNELS` */
  getOrAdd(id: string): StoredChannel {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const row = this.#statements.first<[number]>('SELECT coalesce(max(number), 0) + 1 FROM channel');
    const channel = { number: row?.[0] ?? 1, readAt: 0 };
    if (channel.number > MAX_CHANNEL_NUMBER) {
      throw new XgError('GUIDE_TOO_MANY_CHANNELS', `The guide holds ${MAX_CHANNEL_NUMBER} channels and no more`);
    }
    this.#statements.run('INSERT INTO channel (number, id, read_at) VALUES (?, ?, 0)', channel.number, id);
    this.#byId.set(id, channel);
    return channel;
  }

  setReadAt(id: string, readAt: number): void {
    const { number } = this.getOrAdd(id);
    this.#statements.run('UPDATE channel SET read_at = ? WHERE number = ?', readAt, number);
    this.#byId.set(id, { number, readAt });
  }

  remove(id: string): void {
    this.#statements.run('DELETE FROM channel WHERE id = ?', id);
    this.#byId.delete(id);
  }
}
