import { XgError } from '#shared/errors.ts';
import { sourceService } from '../../../streams/source-service.ts';
import { Catalogue } from '../metadata/catalogue.ts';
import { type Answer, DONE, type Method } from '../server/method.ts';
import type { Session } from '../server/session.ts';
import { WatchedChannel } from '../server/watched-channel.ts';
import type { Arguments } from '../wire/arguments.ts';
import { profileNamed } from './system.ts';

export const SUBSCRIPTION_METHODS: Readonly<Record<string, Method>> = {
  subscribe: { isOpen: false, run: subscribe },
  unsubscribe: { isOpen: false, run: unsubscribe },
  subscriptionChangeWeight: { isOpen: false, run: changeWeight },
  subscriptionFilterStream: { isOpen: false, run: filterStreams },
  subscriptionSpeed: { isOpen: false, run: setSpeed },
  subscriptionSkip: { isOpen: false, run: skip },
  /** The older name of the same. */
  subscriptionSeek: { isOpen: false, run: skip },
  subscriptionLive: { isOpen: false, run: goLive },
};

/** At once by one client: the one it shows, and those it tunes ahead. */
const MAX_SUBSCRIPTIONS = 10;
const USUAL_WEIGHT = 100;

/** The answer comes before anything of the subscription itself. */
function subscribe(session: Session, args: Arguments): Answer {
  const { services, watched } = session;
  const id = args.need('subscriptionId');
  const channel = new Catalogue(services).channelOf(args.need('channelId'));
  if (channel === null) throw new XgError('CHANNEL_UNKNOWN', 'Channel does not exist');
  if (watched.has(id)) throw new XgError('HTSP_ARGUMENT', 'Subscription ID already exists');
  if (watched.size >= MAX_SUBSCRIPTIONS) throw new XgError('HTSP_LIMIT', 'Too many subscriptions of one client');
  const wanted = args.text('profile') ?? '';
  const profile = profileNamed(services.profiles.names, wanted) ?? services.settings.profile;
  const is90khz = args.flag('90khz');
  const normalized = args.flag('normts');
  const timeshiftSeconds = Math.min(args.number('timeshiftPeriod') ?? 0, services.settings.timeshiftMinutes * 60);
  const weight = args.number('weight') || USUAL_WEIGHT;
  const watch = new WatchedChannel(session, {
    id,
    unit: is90khz ? '90khz' : 'microseconds',
    normalized,
    channel,
    service: sourceService(channel),
    variant: services.profiles.resolve({ profile }),
    weight,
    queueDepth: Math.max(0, args.number('queueDepth') ?? 0),
    timeshiftSeconds,
  });
  watched.set(id, watch);
  return {
    fields: {
      '90khz': is90khz ? 1 : undefined,
      normts: normalized ? 1 : undefined,
      timeshiftPeriod: timeshiftSeconds > 0 ? timeshiftSeconds : undefined,
      weight,
    },
    after: () => watch.start(),
  };
}

function unsubscribe(session: Session, args: Arguments): Answer {
  const id = args.need('subscriptionId');
  const watch = session.watched.get(id);
  if (watch === undefined) return DONE;
  session.watched.delete(id);
  watch.close();
  return { fields: {}, after: () => session.send('subscriptionStop', { subscriptionId: id }) };
}

function changeWeight(session: Session, args: Arguments): Answer {
  watchOf(session, args).setWeight(args.number('weight') || USUAL_WEIGHT);
  return DONE;
}

/** Tracks that the client does not show need not be sent. */
function filterStreams(session: Session, args: Arguments): Answer {
  const { subscription } = watchOf(session, args);
  subscription.filter(args.numbers('enable') ?? [], args.numbers('disable') ?? []);
  return DONE;
}

function setSpeed(session: Session, args: Arguments): Answer {
  const { subscription } = watchOf(session, args);
  const speed = Math.max(-3_200, Math.min(3_200, Math.round(args.number('speed') ?? 100)));
  return { fields: {}, after: () => subscription.setSpeed(speed) };
}

/** By time; positions in bytes are none that anybody could know here. */
function skip(session: Session, args: Arguments): Answer {
  const { subscription } = watchOf(session, args);
  const time = args.number('time');
  if (time === null) throw new XgError('HTSP_ARGUMENT', 'Missing or invalid field "time"');
  return { fields: {}, after: () => subscription.skip({ time, isAbsolute: args.flag('absolute') }) };
}

function goLive(session: Session, args: Arguments): Answer {
  const { subscription } = watchOf(session, args);
  return { fields: {}, after: () => subscription.skip(null) };
}

function watchOf(session: Session, args: Arguments): WatchedChannel {
  const watch = session.watched.get(args.need('subscriptionId'));
  if (watch === undefined) throw new XgError('HTSP_ARGUMENT', 'Subscription does not exist');
  return watch;
}
