import type { Channel } from '../channel.ts';

/** A channel with the number somebody wants for it. */
export interface NumberWish {
  readonly channel: Channel;
  /** Exactly this one; null for that of the box. */
  readonly number: number | null;
  /** The next free one from here on; `number` comes first. */
  readonly from: number | null;
}

/**
 * Gives every channel a number of its own. Wished numbers come first, in the order of the wishes. A channel that loses
 * its number to a wish takes the one that the other gave up, so that two change places; where that is taken too it
 * follows behind the last. The result is in the order of the numbers.
 */
export function numberChannels(wishes: readonly NumberWish[], onWarning: (text: string) => void): Channel[] {
  const taken = new Map<number, Channel>();
  const numbers = new Map<Channel, number>();
  const take = (channel: Channel, number: number): void => {
    taken.set(number, channel);
    numbers.set(channel, number);
  };
  for (const { channel, number } of wishes) {
    if (number === null) continue;
    const holder = taken.get(number);
    if (holder === undefined) take(channel, number);
    else onWarning(`"${channel.name}" cannot have the number ${number}: "${holder.name}" has it`);
  }
  const next = new Map<number, number>();
  for (const { channel, from } of wishes) {
    if (from === null || numbers.has(channel)) continue;
    let number = next.get(from) ?? from;
    while (taken.has(number)) number++;
    next.set(from, number + 1);
    take(channel, number);
  }
  const displaced: Channel[] = [];
  for (const { channel } of wishes) {
    if (numbers.has(channel)) continue;
    if (taken.has(channel.number)) displaced.push(channel);
    else take(channel, channel.number);
  }
  let highest = 0;
  for (const number of taken.keys()) highest = Math.max(highest, number);
  for (const channel of displaced) {
    const given = taken.get(channel.number)?.number;
    take(channel, given !== undefined && !taken.has(given) ? given : ++highest);
    highest = Math.max(highest, numbers.get(channel) ?? 0);
  }
  return wishes
    .map(({ channel }) => ({ ...channel, number: numbers.get(channel) ?? channel.number }))
    .sort((one, other) => one.number - other.number);
}
