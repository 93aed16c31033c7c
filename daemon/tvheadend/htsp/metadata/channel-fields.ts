import type { Channel } from '../../../lineup/channel.ts';
import type { HtsMap } from '../wire/message.ts';

const CONTENT_TV = 1;
const CONTENT_RADIO = 2;

export interface ChannelNumbers {
  channel(id: string): number;
  tag(group: string): number;
}

export interface ChannelPresent {
  readonly nowId: number | null;
  readonly nextId: number | null;
}

/** The fields of channelAdd and channelUpdate. */
export function channelFields(
  channel: Channel,
  numbers: ChannelNumbers,
  present: ChannelPresent,
  iconUrl: string,
): HtsMap {
  return {
    channelId: numbers.channel(channel.id),
    channelIdStr: channel.id,
    channelNumber: channel.number,
    channelNumberMinor: 0,
    channelName: channel.name,
    channelIcon: iconUrl,
    eventId: present.nowId ?? undefined,
    nextEventId: present.nextId ?? undefined,
    services: [serviceFields(channel)],
    tags: channel.groups.map((group) => numbers.tag(group)),
  };
}

function serviceFields(channel: Channel): HtsMap {
  return {
    name: channel.name,
    type: serviceType(channel),
    content: channel.radio ? CONTENT_RADIO : CONTENT_TV,
    providername: channel.provider ?? undefined,
  };
}

function serviceType({ radio, definition }: Channel): string {
  if (radio) return 'Radio';
  return definition === 'uhd' ? 'UHDTV' : definition === 'hd' ? 'HDTV' : 'SDTV';
}

/** The fields of tagAdd and tagUpdate; without members in the first round, when clients know no channel yet. */
export function tagFields(name: string, index: number, tagId: number, members: readonly number[] | null): HtsMap {
  return { tagId, tagName: name, tagIndex: index, tagTitledIcon: 0, members: members ?? undefined };
}
