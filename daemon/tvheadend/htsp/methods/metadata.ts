import { XgError } from '#shared/errors.ts';
import { Catalogue } from '../metadata/catalogue.ts';
import { MetadataFeed } from '../metadata/metadata-feed.ts';
import type { Answer, Method } from '../server/method.ts';
import type { Session } from '../server/session.ts';
import type { Arguments } from '../wire/arguments.ts';

export const METADATA_METHODS: Readonly<Record<string, Method>> = {
  enableAsyncMetadata: { isOpen: false, run: enableAsyncMetadata },
  getChannel: { isOpen: false, run: getChannel },
  getTicket: { isOpen: false, run: getTicket },
};

/** The answer comes first; what it asks for follows. Asked again, it begins anew. */
function enableAsyncMetadata(session: Session, args: Arguments): Answer {
  session.feed?.close();
  const feed = new MetadataFeed(session, {
    epg: args.flag('epg'),
    epgMaxTime: args.number('epgMaxTime') || null,
    lastUpdate: args.number('lastUpdate') || null,
  });
  session.feed = feed;
  return { fields: {}, after: () => feed.start() };
}

function getChannel(session: Session, args: Arguments): Answer {
  const catalogue = new Catalogue(session.services);
  const channel = catalogue.channelOf(args.need('channelId'));
  if (channel === null) throw new XgError('CHANNEL_UNKNOWN', 'Channel does not exist');
  return { fields: catalogue.channel(channel, { webUrl: session.services.webUrl(session.connection.localAddress) }) };
}

/** A path of the web server for a channel or a recording, with what opens it. */
function getTicket(session: Session, args: Arguments): Answer {
  const { services } = session;
  const dvrId = args.number('dvrId');
  const path = dvrId === null ? channelPath(session, args.need('channelId')) : `/dvrfile/${dvrId}`;
  return { fields: { path, ticket: services.tickets.issue(path) } };
}

function channelPath(session: Session, number: number): string {
  const channel = new Catalogue(session.services).channelOf(number);
  if (channel === null) throw new XgError('CHANNEL_UNKNOWN', 'Channel does not exist');
  return `/stream/channelid/${number}`;
}
