import type { Programme } from '../../../guide/programme.ts';
import type { GuideReader } from '../../../guide/store.ts';

/** What has changed in the guide of one channel. */
export interface GuideChange {
  readonly channelId: string;
  readonly added: readonly Programme[];
  readonly updated: readonly Programme[];
  readonly deletedIds: readonly number[];
}

export type JournalListener = (change: GuideChange) => void;

/**
 * Turns "the guide of this channel has changed" into what was added, changed and deleted: worked out once, for all
 * clients that follow it. Holds the guide as it was, by reference, and only while somebody listens.
 */
export class GuideJournal {
  readonly #guide: GuideReader;
  readonly #channels: () => readonly { readonly id: string }[];
  readonly #listeners = new Set<JournalListener>();
  readonly #changedAt = new Map<string, number>();
  readonly #startedAt = nowSeconds();
  readonly #unsubscribe: () => void;
  #before = new Map<string, readonly Programme[]>();

  constructor(guide: GuideReader, channels: () => readonly { readonly id: string }[]) {
    this.#guide = guide;
    this.#channels = channels;
    this.#unsubscribe = guide.onChange((touched) => this.#onChange(touched));
  }

  /** Unix seconds when a channel's guide changed last, as far as this process has seen. */
  changedAt(channelId: string): number {
    return this.#changedAt.get(channelId) ?? this.#startedAt;
  }

  listen(listener: JournalListener): () => void {
    if (this.#listeners.size === 0) {
      this.#before = new Map(this.#channels().map(({ id }) => [id, [...this.#guide.programmes(id)]]));
    }
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#before = new Map();
    };
  }

  close(): void {
    this.#unsubscribe();
    this.#listeners.clear();
    this.#before = new Map();
  }

  #onChange(touched: ReadonlySet<string>): void {
    const now = nowSeconds();
    for (const channelId of touched) {
      this.#changedAt.set(channelId, now);
      if (this.#listeners.size === 0) continue;
      const before = this.#before.get(channelId) ?? [];
      const after = [...this.#guide.programmes(channelId)];
      this.#before.set(channelId, after);
      const change = compare(channelId, before, after);
      if (change === null) continue;
      for (const listener of [...this.#listeners]) listener(change);
    }
  }
}

function compare(channelId: string, before: readonly Programme[], after: readonly Programme[]): GuideChange | null {
  const old = new Map(before.map((programme) => [programme.id, programme]));
  const added: Programme[] = [];
  const updated: Programme[] = [];
  for (const programme of after) {
    const was = old.get(programme.id);
    old.delete(programme.id);
    if (was === undefined) added.push(programme);
    else if (!isSame(was, programme)) updated.push(programme);
  }
  const deletedIds = [...old.keys()];
  return added.length + updated.length + deletedIds.length === 0 ? null : { channelId, added, updated, deletedIds };
}

function isSame(one: Programme, other: Programme): boolean {
  return (
    one.stopSeconds === other.stopSeconds &&
    one.title === other.title &&
    one.shortDescription === other.shortDescription &&
    one.longDescription === other.longDescription &&
    one.genreId === other.genreId &&
    (one.details === other.details || JSON.stringify(one.details) === JSON.stringify(other.details))
  );
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
