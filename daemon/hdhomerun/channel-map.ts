import type { Channel } from '../lineup/channel.ts';

/**
 * Transponders as the device's clients know them: frequencies of a terrestrial channel map. Ours are made up, one for
 * each transponder of the lineup, in the order of their keys: the box does not tell where it really tunes, and the clients
 * know no satellites. They are good for a scan and for tuning what it found, for as long as the lineup stays the same.
 */
export interface ChannelMap {
  /** As the clients have it. */
  readonly name: 'eu-bcast' | 'eu-cable';
  /** By frequency in Hz. */
  readonly transponders: ReadonlyMap<number, MappedTransponder>;
}

export interface MappedTransponder {
  readonly frequency: number;
  /** Of the map. */
  readonly channelNumber: number;
  /** `namespace:tsid:onid`. */
  readonly key: string;
  readonly channels: readonly Channel[];
}

/** Spec: libhdhomerun, hdhomerun_channels.c: first and last channel, frequency of the first in Hz, spacing in Hz. */
const RANGES = {
  'eu-bcast': [
    [21, 69, 474_000_000, 8_000_000],
    [5, 12, 177_500_000, 7_000_000],
  ],
  'eu-cable': [[50, 998, 50_000_000, 1_000_000]],
} as const;

export function mapChannels(channels: Iterable<Channel>): ChannelMap {
  const byKey = new Map<string, Channel[]>();
  for (const channel of channels) {
    if (channel.transponder === null) continue;
    const known = byKey.get(channel.transponder);
    if (known === undefined) byKey.set(channel.transponder, [channel]);
    else known.push(channel);
  }
  const name = byKey.size <= places('eu-bcast').length ? 'eu-bcast' : 'eu-cable';
  const free = places(name);
  const transponders = new Map<number, MappedTransponder>();
  for (const [index, [key, ofKey]] of [...byKey].sort(([one], [other]) => (one < other ? -1 : 1)).entries()) {
    const place = free[index];
    if (place !== undefined) transponders.set(place.frequency, { ...place, key, channels: ofKey });
  }
  return { name, transponders };
}

function places(name: ChannelMap['name']): { channelNumber: number; frequency: number }[] {
  return RANGES[name].flatMap(([first, last, start, spacing]) =>
    Array.from({ length: last - first + 1 }, (_, index) => ({
      channelNumber: first + index,
      frequency: start + index * spacing,
    })),
  );
}

/** Where a channel lies; null for one that is no broadcast, or beyond the map. */
export function placeOf(map: ChannelMap, channel: Channel): MappedTransponder | null {
  return [...map.transponders.values()].find(({ key }) => key === channel.transponder) ?? null;
}

/**
 * The frequency in Hz that a client names: `auto:474000000`, `auto8t:21`, `t8qam64:474000000`, `474000000`. Numbers up to
 * 999 are channels of the map. Null for anything else.
 */
export function frequencyOf(map: ChannelMap, text: string): number | null {
  const number = /^(?:[a-z0-9-]{1,32}:)?(\d{1,9})$/i.exec(text.trim())?.[1];
  if (number === undefined) return null;
  const value = Number(number);
  if (value > 999) return value;
  return places(map.name).find((place) => place.channelNumber === value)?.frequency ?? null;
}

/** The programme number (SID) of a channel; null for one that is no broadcast. */
export function programOf(channel: Channel): number | null {
  const sid = /^[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-([0-9a-f]+)$/.exec(channel.id)?.[1];
  return channel.kind !== 'dvb' || sid === undefined ? null : Number.parseInt(sid, 16);
}
