import type { Programme } from './programme.ts';

/** Reading the guide. The order within a channel is by start. */
export interface GuideReader {
  /** Programmes of one channel that overlap the window (Unix seconds); no window gives all. */
  programmes(channelId: string, window?: { fromSeconds: number; toSeconds: number }): Iterable<Programme>;
  /** By the guide's own number; null for what is not there (any more). */
  programme(id: number): Programme | null;
  /** What matches, by start then channel, at most `limit`. */
  search(query: GuideQuery): Iterable<Programme>;
  /** Calls back after every change of content with the channels it touched. Returns the way to stop it. */
  onChange(listener: (channels: ReadonlySet<string>) => void): () => void;
  /** How many programmes are there in all. */
  readonly size: number;
  /** Changes with every change of content: for ETags and caches. */
  readonly revision: number;
}

export interface GuideQuery {
  /** Words that title, episode title or (with `inTexts`) descriptions hold, whatever their case. */
  readonly text?: string;
  readonly inTexts?: boolean;
  readonly channelIds?: readonly string[];
  /** content_nibble_level_1 of the genre. */
  readonly genreLevel1?: number;
  /** Unix seconds; programmes that overlap the window. */
  readonly fromSeconds?: number;
  readonly toSeconds?: number;
  readonly limit: number;
  readonly offset?: number;
}

export interface GuideStore extends GuideReader {
  /** Replaces everything known of a channel. */
  replaceChannel(channelId: string, programmes: readonly Programme[]): void;
  /** Adds or updates single programmes by their start: what runs now and next, before the rest is known. */
  merge(channelId: string, programmes: readonly Programme[]): void;
  /** Drops channels that are gone and programmes that ended before the time (Unix seconds). */
  prune(options: { channels: ReadonlySet<string>; endedBeforeSeconds: number }): void;
}

/** The guide in memory, for as long as the process lives. */
export class MemoryGuideStore implements GuideStore {
  readonly #byChannel = new Map<string, readonly Programme[]>();
  readonly #byId = new Map<number, Programme>();
  readonly #listeners = new Set<(channels: ReadonlySet<string>) => void>();
  #lastId = 0;
  #size = 0;
  #revision = 0;

  get size(): number {
    return this.#size;
  }

  get revision(): number {
    return this.#revision;
  }

  *programmes(channelId: string, window?: { fromSeconds: number; toSeconds: number }): Generator<Programme> {
    for (const programme of this.#byChannel.get(channelId) ?? []) {
      if (window !== undefined && programme.stopSeconds <= window.fromSeconds) continue;
      if (window !== undefined && programme.startSeconds >= window.toSeconds) break;
      yield programme;
    }
  }

  programme(id: number): Programme | null {
    return this.#byId.get(id) ?? null;
  }

  search(query: GuideQuery): Programme[] {
    const channels = query.channelIds ?? [...this.#byChannel.keys()];
    const window = { fromSeconds: query.fromSeconds ?? 0, toSeconds: query.toSeconds ?? Number.MAX_SAFE_INTEGER };
    const offset = query.offset ?? 0;
    return channels
      .flatMap((channelId) => [...this.programmes(channelId, window)])
      .filter((programme) => matches(programme, query))
      .sort((left, right) => left.startSeconds - right.startSeconds || left.channelId.localeCompare(right.channelId))
      .slice(offset, offset + query.limit);
  }

  onChange(listener: (channels: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  replaceChannel(channelId: string, programmes: readonly Programme[]): void {
    this.#set(channelId, tidy(programmes));
  }

  merge(channelId: string, programmes: readonly Programme[]): void {
    if (programmes.length === 0) return;
    const fresh = tidy(programmes);
    // What a new programme overlaps was another schedule.
    const kept = (this.#byChannel.get(channelId) ?? []).filter((old) =>
      fresh.every((next) => next.stopSeconds <= old.startSeconds || next.startSeconds >= old.stopSeconds),
    );
    this.#set(channelId, tidy([...kept, ...fresh]));
  }

  prune(options: { channels: ReadonlySet<string>; endedBeforeSeconds: number }): void {
    for (const [channelId, programmes] of this.#byChannel) {
      const kept = options.channels.has(channelId)
        ? programmes.filter((programme) => programme.stopSeconds > options.endedBeforeSeconds)
        : [];
      if (kept.length !== programmes.length) this.#set(channelId, kept);
    }
  }

  #set(channelId: string, programmes: readonly Programme[]): void {
    const before = this.#byChannel.get(channelId) ?? [];
    const ids = new Map(before.map(({ startSeconds, id }) => [startSeconds, id]));
    const stored = programmes.map((programme) => ({
      ...programme,
      id: ids.get(programme.startSeconds) ?? ++this.#lastId,
    }));
    for (const { id } of before) this.#byId.delete(id);
    for (const programme of stored) this.#byId.set(programme.id, programme);
    this.#size += stored.length - before.length;
    if (stored.length === 0) this.#byChannel.delete(channelId);
    else this.#byChannel.set(channelId, stored);
    this.#revision++;
    for (const listener of this.#listeners) listener(new Set([channelId]));
  }
}

function matches(programme: Programme, query: GuideQuery): boolean {
  if (query.genreLevel1 !== undefined && programme.genreId >> 4 !== query.genreLevel1) return false;
  if (query.text === undefined) return true;
  const { title, shortDescription, longDescription, details } = programme;
  const texts = query.inTexts === true ? [shortDescription, longDescription] : [];
  return [title, details.subtitle, ...texts].join('\n').toLowerCase().includes(query.text.toLowerCase());
}

/** By start, one programme per start, none running into the next: clients want a schedule without overlaps. */
function tidy(programmes: readonly Programme[]): Programme[] {
  const sorted = [...programmes].sort((left, right) => left.startSeconds - right.startSeconds);
  const tidied: Programme[] = [];
  for (const programme of sorted) {
    const previous = tidied.at(-1);
    if (previous !== undefined && previous.startSeconds === programme.startSeconds) continue;
    if (previous !== undefined && previous.stopSeconds > programme.startSeconds) {
      tidied[tidied.length - 1] = { ...previous, stopSeconds: programme.startSeconds };
    }
    tidied.push(programme);
  }
  return tidied;
}
