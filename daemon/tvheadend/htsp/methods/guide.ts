import { XgError } from '#shared/errors.ts';
import type { Programme } from '../../../guide/programme.ts';
import type { Channel } from '../../../lineup/channel.ts';
import { Catalogue, take } from '../metadata/catalogue.ts';
import type { Answer, Method } from '../server/method.ts';
import type { Session } from '../server/session.ts';
import type { Arguments } from '../wire/arguments.ts';
import type { HtsMap } from '../wire/message.ts';

/** An answer holds no more programmes. */
const MAX_EVENTS = 5_000;
const EPG_OBJECT_BROADCAST = 1;

export const GUIDE_METHODS: Readonly<Record<string, Method>> = {
  getEvent: { isOpen: false, run: getEvent },
  getEvents: { isOpen: false, run: getEvents },
  epgQuery: { isOpen: false, run: epgQuery },
  getEpgObject: { isOpen: false, run: getEpgObject },
};

function getEvent(session: Session, args: Arguments): Answer {
  const catalogue = new Catalogue(session.services);
  const programme = programmeOf(session, args.need('eventId'));
  return { fields: catalogue.event(programme, catalogue.nextOf(programme)) };
}

/** From an event, or what is on now, so many more of its channel; without a channel of all of them. */
function getEvents(session: Session, args: Arguments): Answer {
  const catalogue = new Catalogue(session.services);
  const eventId = args.number('eventId');
  const channelNumber = args.number('channelId');
  const maxTime = args.number('maxTime') || Number.MAX_SAFE_INTEGER;
  const following = args.number('numFollowing') || MAX_EVENTS;
  const first = eventId ? programmeOf(session, eventId) : null;
  const channels = channelNumber ? [channelOf(catalogue, channelNumber)] : channelsFor(session, first);
  const events: HtsMap[] = [];
  for (const channel of channels) {
    const from = first?.startSeconds ?? Date.now() / 1000;
    const window = { fromSeconds: from, toSeconds: maxTime + 1 };
    const list = take(session.services.guide.programmes(channel.id, window), following + (first === null ? 0 : 1));
    for (const [index, programme] of list.entries()) {
      if (events.length >= MAX_EVENTS) break;
      events.push(catalogue.event(programme, list[index + 1]?.id ?? catalogue.nextOf(programme)));
    }
  }
  return { fields: { events } };
}

function channelsFor(session: Session, first: Programme | null): readonly Channel[] {
  const { lineup } = session.services;
  if (first === null) return lineup.channels;
  const own = lineup.get(first.channelId);
  return own === null ? [] : [own];
}

/** A search. The text is a regular expression to Tvheadend; here words are found as they are. */
function epgQuery(session: Session, args: Arguments): Answer {
  const catalogue = new Catalogue(session.services);
  const channelNumber = args.number('channelId');
  const tagId = args.number('tagId');
  const contentType = args.number('contentType');
  const channelIds = channelNumber
    ? [channelOf(catalogue, channelNumber).id]
    : tagId
      ? session.services.lineup.channels
          .filter((channel) => channel.groups.some((group) => catalogue.tagNumber(group) === tagId))
          .map((channel) => channel.id)
      : undefined;
  const found = [
    ...session.services.guide.search({
      text: plainText(args.needText('query')),
      inTexts: args.flag('fulltext'),
      ...(channelIds === undefined ? {} : { channelIds }),
      ...(contentType ? { genreLevel1: contentType > 15 ? contentType >> 4 : contentType } : {}),
      fromSeconds: Date.now() / 1000,
      limit: 1_000,
    }),
  ].filter(durationFilter(args));
  if (args.flag('full')) {
    return { fields: { events: found.map((programme) => catalogue.event(programme, catalogue.nextOf(programme))) } };
  }
  return { fields: { eventIds: found.map(({ id }) => id) } };
}

/** What people type is text; what clients add around it are anchors and wild cards. */
function plainText(query: string): string {
  return query
    .replace(/^\^|\$$/g, '')
    .replace(/\.\*/g, '')
    .replace(/\\(.)/g, '$1')
    .slice(0, 200);
}

function durationFilter(args: Arguments): (programme: Programme) => boolean {
  const min = args.number('minduration') ?? 0;
  const max = args.number('maxduration') || Number.MAX_SAFE_INTEGER;
  return ({ startSeconds, stopSeconds }) => {
    const duration = stopSeconds - startSeconds;
    return duration >= min && duration <= max;
  };
}

function getEpgObject(session: Session, args: Arguments): Answer {
  const id = args.need('id');
  const type = args.number('type') ?? EPG_OBJECT_BROADCAST;
  const programme = type === EPG_OBJECT_BROADCAST ? session.services.guide.programme(id) : null;
  if (programme === null) throw new XgError('EVENT_UNKNOWN', 'Unknown EPG object');
  const catalogue = new Catalogue(session.services);
  const fields = catalogue.event(programme, catalogue.nextOf(programme));
  return { fields: { id, type: EPG_OBJECT_BROADCAST, ...fields } };
}

function programmeOf(session: Session, id: number): Programme {
  const programme = session.services.guide.programme(id);
  if (programme === null) throw new XgError('EVENT_UNKNOWN', 'Event does not exist');
  return programme;
}

function channelOf(catalogue: Catalogue, number: number): Channel {
  const channel = catalogue.channelOf(number);
  if (channel === null) throw new XgError('CHANNEL_UNKNOWN', 'Channel does not exist');
  return channel;
}
