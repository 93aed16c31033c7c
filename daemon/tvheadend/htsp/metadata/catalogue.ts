import type { Programme } from '../../../guide/programme.ts';
import type { Channel } from '../../../lineup/channel.ts';
import { tvhId } from '../../ids.ts';
import type { HtspServices } from '../server/services.ts';
import type { HtsMap } from '../wire/message.ts';
import { channelFields, tagFields } from './channel-fields.ts';
import { eventFields } from './event-fields.ts';

/** Where a client reaches the web server. */
export interface ClientView {
  readonly webUrl: string;
}

/** Channels, groups and programmes as messages, with the numbers that clients know them by. */
export class Catalogue {
  readonly #services: Pick<HtspServices, 'numbers' | 'guide'>;

  constructor(services: Pick<HtspServices, 'numbers' | 'guide'>) {
    this.#services = services;
  }

  /** Of a channel that has left the lineup, the number that it would have. */
  channelNumber(id: string): number {
    return this.#services.numbers.channels.byChannelId(id)?.id.number ?? tvhId('channel', id).number;
  }

  tagNumber(group: string): number {
    return this.#services.numbers.channels.tagByName(group)?.id.number ?? tvhId('tag', group).number;
  }

  /** Null for a number that no channel of the lineup has. */
  channelOf(number: number): Channel | null {
    return this.#services.numbers.channels.byNumber(number)?.channel ?? null;
  }

  channel(channel: Channel, view: ClientView): HtsMap {
    const now = Date.now() / 1000;
    const window = { fromSeconds: now, toSeconds: now + 86_400 };
    const [first, second] = take(this.#services.guide.programmes(channel.id, window), 2);
    const isOn = first !== undefined && first.startSeconds <= now;
    const present = {
      nowId: isOn ? first.id : null,
      nextId: (isOn ? second : first)?.id ?? null,
    };
    const numbers = { channel: (id: string) => this.channelNumber(id), tag: (group: string) => this.tagNumber(group) };
    return channelFields(channel, numbers, present, `${view.webUrl}/logos/${channel.id}.png`);
  }

  /** Every group with its members, in the lineup's order. */
  tags(): { readonly name: string; readonly members: readonly number[] }[] {
    const members = new Map<string, number[]>();
    for (const { id, tags } of this.#services.numbers.channels.all) {
      for (const { name } of tags) {
        const list = members.get(name) ?? [];
        members.set(name, list);
        list.push(id.number);
      }
    }
    return [...members].map(([name, list]) => ({ name, members: list }));
  }

  tag(name: string, index: number, members: readonly number[] | null): HtsMap {
    return tagFields(name, index, this.tagNumber(name), members);
  }

  event(programme: Programme, nextId: number | null): HtsMap {
    return eventFields(programme, this.channelNumber(programme.channelId), nextId);
  }

  /** The programme after another one on its channel. */
  nextOf(programme: Programme): number | null {
    const window = { fromSeconds: programme.stopSeconds, toSeconds: programme.stopSeconds + 86_400 };
    return take(this.#services.guide.programmes(programme.channelId, window), 1)[0]?.id ?? null;
  }
}

export function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  if (count <= 0) return taken;
  for (const item of items) {
    taken.push(item);
    if (taken.length >= count) break;
  }
  return taken;
}
