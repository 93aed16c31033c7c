import type { Programme } from './programme.ts';

export { MemoryGuideStore } from './store/memory-store.ts';

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
  /** Changes with every change of content, and is the same after a restart: for ETags and caches. */
  readonly revision: number;
}

export interface GuideQuery {
  /**
   * Words, all of which title and episode title (with `inTexts` also descriptions) hold, whatever their case and
   * accents; the beginning of a word will do.
   */
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

/** Where a programme comes from: the receiver, or an XMLTV file of somebody else. */
export type GuideSource = 'box' | 'external';

export interface WriteOptions {
  /** Default `box`. */
  readonly source?: GuideSource;
  /**
   * Between sources: true replaces what another source has in the same time, false (the default for `external`) fills
   * only what no other source has.
   */
  readonly wins?: boolean;
}

export interface GuideStore extends GuideReader {
  /** Replaces everything known of a channel, whatever its source. */
  replaceChannel(channelId: string, programmes: readonly Programme[]): void;
  /** Adds or updates single programmes: what runs now and next, before the rest is known. */
  merge(channelId: string, programmes: readonly Programme[], options?: WriteOptions): void;
  /** Drops channels that are gone and programmes that ended before the time (Unix seconds). */
  prune(options: PruneOptions): void;
}

export interface PruneOptions {
  readonly channels: ReadonlySet<string>;
  readonly endedBeforeSeconds: number;
}

/** What a long-running writer uses: in pieces, between which the process does other things. */
export interface GradualGuideStore extends GuideStore {
  /**
   * Replaces what one source has of a channel from the first to the last of these programmes; what lies before and
   * after stays. Writes nothing where nothing changed. Programmes keep their ids by start, else by event id; a start
   * that moved by no more than `STEADY_START_SECONDS` stays where it was.
   */
  update(channelId: string, programmes: readonly Programme[], options?: WriteOptions): Promise<WriteCounts>;
  /** As `prune`. */
  pruneGradually(options: PruneOptions): Promise<void>;
  /** When the source was last asked for all of a channel, Unix seconds; 0 for never. Kept over restarts. */
  readAtSeconds(channelId: string): number;
  markRead(channelId: string, atSeconds: number): void;
}

export interface WriteCounts {
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}
