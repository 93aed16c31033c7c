import type { Channel } from '../channel.ts';
import type { ChannelOverride } from './channel-overrides.ts';
import type { CompiledRule } from './compile-rules.ts';
import { type NumberWish, numberChannels } from './number-channels.ts';

export interface Shaping {
  readonly rules: readonly CompiledRule[];
  readonly overrideOf: (channel: string) => ChannelOverride | null;
  /** Headings inside bouquets are groups of their own. */
  readonly headingGroups: boolean;
}

export interface ShapedChannels {
  readonly channels: readonly Channel[];
  /** Not in any list; a URL that somebody has still plays. With the number of the box. */
  readonly hidden: readonly Channel[];
  readonly warnings: readonly string[];
}

/**
 * The channels as the people of the house want them. Rules work in their order, a later one over an earlier one; what was
 * set for a channel alone comes last. Ids and references stay what they are. All conditions are about the channel as
 * the box has it.
 */
export function applyRules(channels: readonly Channel[], shaping: Shaping): ShapedChannels {
  const wishes: NumberWish[] = [];
  const hidden: Channel[] = [];
  const warnings: string[] = [];
  for (const channel of channels) {
    const effect = effectOf(channel, shaping);
    const shaped = shape(channel, effect, shaping.headingGroups);
    if (effect.hidden) hidden.push(shaped);
    else wishes.push({ channel: shaped, number: effect.number, from: effect.numberFrom });
  }
  // A number that somebody gave one channel comes before one of a rule.
  const numbered = numberChannels(wishes.toSorted(bySetFirst(shaping)), (text) => warnings.push(text));
  return { channels: numbered, hidden, warnings };
}

interface Effect {
  hidden: boolean;
  name: string | null;
  number: number | null;
  numberFrom: number | null;
  group: string | null;
  logo: string | null;
}

function effectOf(channel: Channel, { rules, overrideOf }: Shaping): Effect {
  const effect: Effect = { hidden: false, name: null, number: null, numberFrom: null, group: null, logo: null };
  for (const rule of rules) {
    if (!rule.matches(channel)) continue;
    effect.hidden = rule.hide ?? effect.hidden;
    effect.name = rule.rename(channel) ?? effect.name;
    effect.number = rule.number ?? effect.number;
    effect.numberFrom = rule.numberFrom ?? effect.numberFrom;
    effect.group = rule.group ?? effect.group;
    effect.logo = rule.logo ?? effect.logo;
  }
  const set = overrideOf(channel.id);
  if (set === null) return effect;
  effect.hidden = set.hidden ?? effect.hidden;
  effect.name = set.name ?? effect.name;
  effect.number = set.number ?? effect.number;
  effect.group = set.group ?? effect.group;
  effect.logo = set.logo ?? effect.logo;
  return effect;
}

function shape(channel: Channel, effect: Effect, headingGroups: boolean): Channel {
  const group = effect.group ?? (headingGroups ? (channel.heading ?? null) : null);
  const isSame = group === null && effect.name === null && effect.logo === null;
  if (isSame) return channel;
  return {
    ...channel,
    name: effect.name === null || effect.name === '' ? channel.name : effect.name,
    group: group ?? channel.group,
    groups: group === null ? channel.groups : [...new Set([group, ...channel.groups])],
    ...(effect.logo === null ? {} : { logo: effect.logo }),
  };
}

function bySetFirst({ overrideOf }: Shaping): (one: NumberWish, other: NumberWish) => number {
  const rank = ({ channel }: NumberWish): number => (overrideOf(channel.id)?.number === undefined ? 1 : 0);
  return (one, other) => rank(one) - rank(other);
}
