import { createHash } from 'node:crypto';
import type { Channel } from '../lineup/channel.ts';

/**
 * Tvheadend knows everything by a UUID of 32 hexadecimal digits, and most things by a positive 31-bit number made of its
 * first bytes as well: HTSP and old URLs have only that. Both are made of our own ids, so they are as stable as those.
 */
export interface TvhId {
  readonly uuid: string;
  readonly number: number;
}

/** `kind` keeps things apart that have the same id of ours: `channel`, `service`, `tag`, `movie`, `timer`, `profile`. */
export function tvhId(kind: string, id: string): TvhId {
  const bytes = createHash('sha256').update(`${kind} ${id}`).digest().subarray(0, 16);
  // 0 means "none" in HTSP.
  return { uuid: bytes.toString('hex'), number: bytes.readUInt32LE(0) & 0x7fff_ffff || 1 };
}

/** A channel or a group of channels, with what Tvheadend's clients call it. */
export interface TvhChannel {
  readonly id: TvhId;
  readonly channel: Channel;
  readonly tags: readonly TvhTag[];
}

export interface TvhTag {
  readonly id: TvhId;
  readonly name: string;
  /** From 1, in the order of the lineup. */
  readonly index: number;
}

/** The channels of one lineup by all of their names. Numbers are unique: where two meet, the later one gets the next. */
export class TvhChannels {
  readonly all: readonly TvhChannel[];
  readonly tags: readonly TvhTag[];
  readonly #byUuid = new Map<string, TvhChannel>();
  readonly #byNumber = new Map<number, TvhChannel>();
  readonly #byChannelId = new Map<string, TvhChannel>();
  readonly #byChannelNumber = new Map<number, TvhChannel>();
  readonly #tags = new Map<string, TvhTag>();

  constructor(channels: readonly Channel[]) {
    const tagNumbers = new Set<number>();
    for (const name of new Set(channels.flatMap(({ groups }) => groups))) {
      const id = unique(tvhId('tag', name), (number) => tagNumbers.has(number));
      tagNumbers.add(id.number);
      this.#tags.set(name, { id, name, index: this.#tags.size + 1 });
    }
    this.tags = [...this.#tags.values()];
    this.all = channels.map((channel) => {
      const id = unique(tvhId('channel', channel.id), (number) => this.#byNumber.has(number));
      const tags = channel.groups.flatMap((name) => this.#tags.get(name) ?? []);
      const entry = { id, channel, tags };
      this.#byUuid.set(id.uuid, entry);
      this.#byNumber.set(id.number, entry);
      this.#byChannelId.set(channel.id, entry);
      this.#byChannelNumber.set(channel.number, entry);
      return entry;
    });
  }

  byUuid(uuid: string): TvhChannel | null {
    return this.#byUuid.get(uuid.toLowerCase().replaceAll('-', '')) ?? null;
  }

  byNumber(number: number): TvhChannel | null {
    return this.#byNumber.get(number) ?? null;
  }

  /** Our own id. */
  byChannelId(id: string): TvhChannel | null {
    return this.#byChannelId.get(id) ?? null;
  }

  /** The number on the remote control. */
  byChannelNumber(number: number): TvhChannel | null {
    return this.#byChannelNumber.get(number) ?? null;
  }

  byName(name: string): TvhChannel | null {
    const wanted = name.trim().toLowerCase();
    return this.all.find(({ channel }) => channel.name.toLowerCase() === wanted) ?? null;
  }

  tagByUuid(uuid: string): TvhTag | null {
    return this.tags.find((tag) => tag.id.uuid === uuid.toLowerCase().replaceAll('-', '')) ?? null;
  }

  tagByNumber(number: number): TvhTag | null {
    return this.tags.find((tag) => tag.id.number === number) ?? null;
  }

  tagByName(name: string): TvhTag | null {
    const wanted = name.trim().toLowerCase();
    return this.tags.find((tag) => tag.name.toLowerCase() === wanted) ?? null;
  }

  withTag(tag: TvhTag): readonly TvhChannel[] {
    return this.all.filter(({ tags }) => tags.includes(tag));
  }
}

/** Made once for each lineup. */
export class TvhLineup {
  readonly #lineup: { readonly channels: readonly Channel[] };
  #made: { readonly of: readonly Channel[]; readonly channels: TvhChannels } | null = null;

  constructor(lineup: { readonly channels: readonly Channel[] }) {
    this.#lineup = lineup;
  }

  get channels(): TvhChannels {
    const of = this.#lineup.channels;
    if (this.#made?.of !== of) this.#made = { of, channels: new TvhChannels(of) };
    return this.#made.channels;
  }
}

function unique(id: TvhId, isTaken: (number: number) => boolean): TvhId {
  let { number } = id;
  while (isTaken(number)) number = (number + 1) & 0x7fff_ffff || 1;
  return { ...id, number };
}
