import { isDeepStrictEqual } from 'node:util';
import type { Channel, Lineup, LineupBouquet } from './channel.ts';
import { compareLineups, type LineupChange } from './lineup-changes.ts';
import { applyRules, type Shaping } from './rules/apply-rules.ts';
import type { LineupListener, LineupState } from './service.ts';
import { waitForLineup } from './wait-for-lineup.ts';

/** The lineup of one receiver, as far as the pool needs it. */
export interface BoxLineup {
  readonly box: string;
  readonly lineup: {
    readonly state: LineupState;
    onChange(listener: LineupListener): () => void;
  };
}

/** A receiver that has a channel, with the channel's reference there. */
export interface ChannelPlace {
  readonly box: string;
  readonly ref: string;
}

/** As the receivers have it. */
interface Merged {
  readonly lineup: Lineup;
  readonly places: ReadonlyMap<string, readonly ChannelPlace[]>;
}

/** As rules make it. */
interface Shaped {
  readonly lineup: Lineup;
  readonly hidden: ReadonlyMap<string, Channel>;
  readonly byId: ReadonlyMap<string, Channel>;
  readonly byNumber: ReadonlyMap<number, Channel>;
}

export interface PooledLineupOptions {
  /** Asked whenever the lineup is made. */
  readonly shaping?: () => Shaping;
  /** What changed for who uses the lineup; not called for the first one. */
  readonly onChanges?: (change: LineupChange) => void;
  readonly nowMs?: () => number;
}

const UNSHAPED: Shaping = { rules: [], overrideOf: () => null, headingGroups: false };
/** Changes that are kept to be asked for. */
const MAX_CHANGES = 20;

/**
 * The lineups of several receivers as one, with the rules of the house applied. A channel that several have is that of
 * the first; what only a later one has follows behind, with numbers of its own, so that those of the first stay what
 * people know. Hidden channels are in no list and have no number, but can be got by their id.
 */
export class PooledLineup {
  readonly #boxes: readonly BoxLineup[];
  readonly #options: PooledLineupOptions;
  readonly #listeners = new Set<LineupListener>();
  #merged: Merged = merge([]);
  #shaped: Shaped = shape(this.#merged.lineup, UNSHAPED);
  #changes: readonly LineupChange[] = [];

  /** The first one is preferred. */
  constructor(boxes: readonly BoxLineup[], options: PooledLineupOptions = {}) {
    this.#boxes = boxes;
    this.#options = options;
    for (const { lineup } of boxes) lineup.onChange(() => this.#onChange());
  }

  /** Who has which lineup, the preferred one first. */
  get boxes(): readonly BoxLineup[] {
    return this.#boxes;
  }

  /** That of the first receiver, unless another has a lineup before it does. */
  get state(): LineupState {
    const states = this.#boxes.map(({ lineup }) => lineup.state);
    const ready = states.find((state) => state.kind === 'ready');
    if (ready?.kind === 'ready') return { ...ready, lineup: this.#shaped.lineup };
    return states[0] ?? { kind: 'loading' };
  }

  get channels(): readonly Channel[] {
    return this.#shaped.lineup.channels;
  }

  get bouquets(): readonly LineupBouquet[] {
    return this.#shaped.lineup.bouquets;
  }

  get(id: string): Channel | null {
    return this.#shaped.byId.get(id) ?? null;
  }

  byNumber(number: number): Channel | null {
    return this.#shaped.byNumber.get(number) ?? null;
  }

  /** In no list, but there. */
  get hidden(): ReadonlyMap<string, Channel> {
    return this.#shaped.hidden;
  }

  /** The channel as the receiver has it, before any rule. */
  original(id: string): Channel | null {
    return this.#merged.lineup.channels.find((channel) => channel.id === id) ?? null;
  }

  /** The newest first. */
  get changes(): readonly LineupChange[] {
    return this.#changes;
  }

  /** Applies the rules again, after they changed. */
  reshape(): void {
    if (this.state.kind === 'ready') this.#shape();
  }

  /** The receivers that have a channel, the preferred one first. */
  placesOf(id: string): readonly ChannelPlace[] {
    return this.#merged.places.get(id) ?? [];
  }

  /** Calls back after every reading of any of them, at once when there is a lineup already. Returns the way to stop it. */
  onChange(listener: LineupListener): () => void {
    this.#listeners.add(listener);
    if (this.state.kind === 'ready') listener(this.#shaped.lineup);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when there is a lineup. Rejects with the signal's reason. */
  async waitForReady(options: { signal?: AbortSignal } = {}): Promise<void> {
    if (this.state.kind !== 'ready') await waitForLineup(this, options);
  }

  #onChange(): void {
    this.#merged = merge(
      this.#boxes.flatMap(({ box, lineup: { state } }) =>
        state.kind === 'ready' ? [{ box, lineup: state.lineup }] : [],
      ),
    );
    this.#shape();
  }

  #shape(): void {
    const before = this.#shaped.lineup.channels;
    const shaped = shape(this.#merged.lineup, this.#options.shaping?.() ?? UNSHAPED);
    // Who remembers what was made of a list knows it by its identity.
    const isSame = isDeepStrictEqual(before, shaped.lineup.channels);
    this.#shaped = isSame ? { ...shaped, lineup: { ...shaped.lineup, channels: before } } : shaped;
    const atMs = this.#options.nowMs?.() ?? Date.now();
    const change = before.length === 0 || isSame ? null : compareLineups(before, shaped.lineup.channels, atMs);
    if (change !== null) {
      this.#changes = [change, ...this.#changes].slice(0, MAX_CHANGES);
      this.#options.onChanges?.(change);
    }
    for (const listener of this.#listeners) listener(this.#shaped.lineup);
  }
}

function shape(lineup: Lineup, shaping: Shaping): Shaped {
  const { channels, hidden, warnings } = applyRules(lineup.channels, shaping);
  return {
    lineup: {
      ...lineup,
      channels,
      warnings: warnings.length === 0 ? lineup.warnings : [...lineup.warnings, ...warnings],
    },
    hidden: new Map(hidden.map((channel) => [channel.id, channel])),
    byId: new Map([...hidden, ...channels].map((channel) => [channel.id, channel])),
    byNumber: new Map(channels.map((channel) => [channel.number, channel])),
  };
}

function merge(boxes: readonly { readonly box: string; readonly lineup: Lineup }[]): Merged {
  const byId = new Map<string, Channel>();
  const places = new Map<string, ChannelPlace[]>();
  for (const { box, lineup } of boxes) {
    const taken = highestNumber(byId.values());
    for (const channel of lineup.channels) {
      places.set(channel.id, [...(places.get(channel.id) ?? []), { box, ref: channel.ref }]);
      if (!byId.has(channel.id)) byId.set(channel.id, { ...channel, number: taken + channel.number });
    }
  }
  const channels = [...byId.values()];
  return {
    lineup: {
      channels,
      // Bouquets of several receivers have the same references: only the first one's can be asked for.
      bouquets: boxes[0]?.lineup.bouquets ?? [],
      warnings: boxes.flatMap(({ lineup }) => lineup.warnings),
    },
    places,
  };
}

function highestNumber(channels: Iterable<Channel>): number {
  let highest = 0;
  for (const { number } of channels) highest = Math.max(highest, number);
  return highest;
}
