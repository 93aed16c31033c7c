import type { Channel } from '../../lineup/channel.ts';
import { NameIndex } from './name-index.ts';
import type { ExternalChannel } from './xmltv-reader.ts';

/** How a channel found its counterpart. `user`: by the configuration or by what was confirmed; `none`: by nothing. */
export type MatchedBy = 'user' | 'id' | 'name' | 'similar-name' | 'none';

export interface ChannelMatch {
  readonly channelId: string;
  readonly channelName: string;
  /** Of the external guide; null where nothing fits, or the user said that nothing does. */
  readonly xmltvId: string | null;
  readonly by: MatchedBy;
  /** 0 to 1. */
  readonly score: number;
  /** The next best, best first, at most five: for who reviews. */
  readonly candidates: readonly { readonly xmltvId: string; readonly name: string; readonly score: number }[];
}

/** By channel id or name; null: none. */
export type MappingChoices = ReadonlyMap<string, string | null>;

/** From this score on a similar name is taken without asking; below, candidates are shown from the other one on. */
const SURE = 0.86;
const POSSIBLE = 0.45;
/** A second channel that fits as well makes either unsure. */
const MARGIN = 0.04;
const MAX_CANDIDATES = 5;

/**
 * Finds the counterpart of each channel: what the user said first, then the same id, the same name, the same name but
 * for definition, country and accents, and last a name that is similar beyond doubt.
 */
export function matchChannels(
  channels: readonly Channel[],
  external: readonly ExternalChannel[],
  choices: MappingChoices,
): ChannelMatch[] {
  const byId = new Map(external.map((one) => [one.id.toLowerCase(), one]));
  const byName = new Map<string, ExternalChannel>();
  const index = new NameIndex();
  for (const channel of external) {
    for (const name of channel.names.length > 0 ? channel.names : [channel.id.replace(/\.[a-z]{2,3}$/i, '')]) {
      if (/^\d{1,5}$/.test(name)) continue; // a number on somebody's remote control
      const lower = name.toLowerCase();
      if (!byName.has(lower)) byName.set(lower, channel);
      index.add(channel.id, name);
    }
  }
  return channels.map((channel) => match(channel, { byId, byName, index }, choices));
}

function match(
  channel: Channel,
  external: {
    readonly byId: ReadonlyMap<string, ExternalChannel>;
    readonly byName: ReadonlyMap<string, ExternalChannel>;
    readonly index: NameIndex;
  },
  choices: MappingChoices,
): ChannelMatch {
  const base = { channelId: channel.id, channelName: channel.name };
  const chosen = choices.get(channel.id) ?? choices.get(channel.name.toLowerCase());
  const candidates = external.index.find(channel.name, { least: POSSIBLE, most: MAX_CANDIDATES });
  if (chosen !== undefined || choices.get(channel.id) === null || choices.get(channel.name.toLowerCase()) === null) {
    return { ...base, xmltvId: chosen ?? null, by: 'user', score: chosen == null ? 0 : 1, candidates };
  }
  const sameId = external.byId.get(channel.id.toLowerCase());
  if (sameId !== undefined) return { ...base, xmltvId: sameId.id, by: 'id', score: 1, candidates };
  const sameName = external.byName.get(channel.name.toLowerCase());
  if (sameName !== undefined) return { ...base, xmltvId: sameName.id, by: 'name', score: 1, candidates };
  const [best, second] = candidates;
  if (best !== undefined && best.score >= SURE && (second === undefined || best.score - second.score >= MARGIN)) {
    return { ...base, xmltvId: best.xmltvId, by: 'similar-name', score: best.score, candidates };
  }
  return { ...base, xmltvId: null, by: 'none', score: best?.score ?? 0, candidates };
}
