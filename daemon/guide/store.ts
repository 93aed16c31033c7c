import type { Programme } from './programme.ts';

/** Reading the guide. The order within a channel is by start. */
export interface GuideReader {
  /** Programmes of one channel that overlap the window (Unix seconds); no window gives all. */
  programmes(channelId: string, window?: { fromSeconds: number; toSeconds: number }): Iterable<Programme>;
  /** How many programmes are there in all. */
  readonly size: number;
  /** Changes with every change of content: for ETags and caches. */
  readonly revision: number;
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
    this.#size += programmes.length - (this.#byChannel.get(channelId)?.length ?? 0);
    if (programmes.length === 0) this.#byChannel.delete(channelId);
    else this.#byChannel.set(channelId, programmes);
    this.#revision++;
  }
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
