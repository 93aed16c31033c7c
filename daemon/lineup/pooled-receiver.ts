import type { EpgEvent, Picon } from '../receiver/model.ts';
import { channelId, parseServiceReference } from '../receiver/service-reference.ts';
import type { ChannelPlace } from './pooled-lineup.ts';

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What guide and logos need of a receiver. */
export interface ChannelReceiver {
  readonly address: string;
  epgNowNext(bouquetRef: string, options: CallOptions): Promise<EpgEvent[]>;
  epgMulti(bouquetRef: string, options: CallOptions & { minutes: number }): Promise<EpgEvent[]>;
  epgService(ref: string, options: CallOptions): Promise<EpgEvent[]>;
  picon(ref: string, options: CallOptions & { name: string }): Promise<Picon | null>;
}

export interface PooledReceiverOptions {
  readonly first: ChannelReceiver;
  /** By id. */
  readonly receivers: ReadonlyMap<string, ChannelReceiver>;
  readonly placesOf: (channel: string) => readonly ChannelPlace[];
}

/** Asks for guide and logo of a channel where the channel comes from. */
export class PooledReceiver implements ChannelReceiver {
  readonly #options: PooledReceiverOptions;

  constructor(options: PooledReceiverOptions) {
    this.#options = options;
  }

  get address(): string {
    return this.#options.first.address;
  }

  epgNowNext(bouquetRef: string, options: CallOptions): Promise<EpgEvent[]> {
    return this.#options.first.epgNowNext(bouquetRef, options);
  }

  epgMulti(bouquetRef: string, options: CallOptions & { minutes: number }): Promise<EpgEvent[]> {
    return this.#options.first.epgMulti(bouquetRef, options);
  }

  epgService(ref: string, options: CallOptions): Promise<EpgEvent[]> {
    return this.#of(ref).epgService(ref, options);
  }

  picon(ref: string, options: CallOptions & { name: string }): Promise<Picon | null> {
    return this.#of(ref).picon(ref, options);
  }

  #of(ref: string): ChannelReceiver {
    const parsed = parseServiceReference(ref);
    const box = parsed === null ? undefined : this.#options.placesOf(channelId(parsed))[0]?.box;
    return (box === undefined ? undefined : this.#options.receivers.get(box)) ?? this.#options.first;
  }
}
