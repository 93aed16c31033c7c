import type { Channel, Lineup, LineupBouquet } from './channel.ts';
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

interface Merged {
  readonly lineup: Lineup;
  readonly byId: ReadonlyMap<string, Channel>;
  readonly byNumber: ReadonlyMap<number, Channel>;
  readonly places: ReadonlyMap<string, readonly ChannelPlace[]>;
}

/**
 * The lineups of several receivers as one. A channel that several have is that of the first; what only a later one has
 * follows behind, with numbers of its own, so that those of the first stay what people know.
 */
export class PooledLineup {
  readonly #boxes: readonly BoxLineup[];
  readonly #listeners = new Set<LineupListener>();
  #merged: Merged = merge([]);

  /** The first one is preferred. */
  constructor(boxes: readonly BoxLineup[]) {
    this.#boxes = boxes;
    for (const { lineup } of boxes) lineup.onChange(() => this.#onChange());
  }

  /** That of the first receiver, unless another has a lineup before it does. */
  get state(): LineupState {
    const states = this.#boxes.map(({ lineup }) => lineup.state);
    const ready = states.find((state) => state.kind === 'ready');
    if (ready?.kind === 'ready') return { ...ready, lineup: this.#merged.lineup };
    return states[0] ?? { kind: 'loading' };
  }

  get channels(): readonly Channel[] {
    return this.#merged.lineup.channels;
  }

  get bouquets(): readonly LineupBouquet[] {
    return this.#merged.lineup.bouquets;
  }

  get(id: string): Channel | null {
    return this.#merged.byId.get(id) ?? null;
  }

  byNumber(number: number): Channel | null {
    return this.#merged.byNumber.get(number) ?? null;
  }

  /** The receivers that have a channel, the preferred one first. */
  placesOf(id: string): readonly ChannelPlace[] {
    return this.#merged.places.get(id) ?? [];
  }

  /** Calls back after every reading of any of them, at once when there is a lineup already. Returns the way to stop it. */
  onChange(listener: LineupListener): () => void {
    this.#listeners.add(listener);
    if (this.state.kind === 'ready') listener(this.#merged.lineup);
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
    for (const listener of this.#listeners) listener(this.#merged.lineup);
  }
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
    byId,
    byNumber: new Map(channels.map((channel) => [channel.number, channel])),
    places,
  };
}

function highestNumber(channels: Iterable<Channel>): number {
  let highest = 0;
  for (const { number } of channels) highest = Math.max(highest, number);
  return highest;
}
