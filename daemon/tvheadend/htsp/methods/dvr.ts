import { errorMessage, XgError } from '#shared/errors.ts';
import type { Recordings, TimerWish } from '../../../recordings/recordings.ts';
import { Catalogue } from '../metadata/catalogue.ts';
import type { DvrItem } from '../metadata/dvr-fields.ts';
import { itemNumber } from '../metadata/dvr-fields.ts';
import { dvrItem } from '../metadata/dvr-items.ts';
import type { Answer, Method } from '../server/method.ts';
import type { Session } from '../server/session.ts';
import type { Arguments } from '../wire/arguments.ts';

export const DVR_METHODS: Readonly<Record<string, Method>> = {
  addDvrEntry: method(addDvrEntry),
  updateDvrEntry: method(updateDvrEntry),
  cancelDvrEntry: method(removeDvrEntry),
  deleteDvrEntry: method(removeDvrEntry),
  stopDvrEntry: method(stopDvrEntry),
  // The receiver marks no advertisements.
  getDvrCutpoints: { isOpen: false, run: () => ({ fields: { cutpoints: [] } }) },
  addAutorecEntry: method(noRules),
  updateAutorecEntry: method(noRules),
  deleteAutorecEntry: method(noRules),
  addTimerecEntry: method(noRules),
  updateTimerecEntry: method(noRules),
  deleteTimerecEntry: method(noRules),
};

type DvrMethod = (session: Session, recordings: Recordings, args: Arguments) => Promise<Answer>;

/** Clients show `error` to their user: the receiver's own words, where it has some. */
function method(run: DvrMethod): Method {
  return {
    isOpen: false,
    run: async (session, args) => {
      const { recordings } = session.services;
      if (recordings === null) return failed('There is no receiver that records');
      try {
        return await run(session, recordings, args);
      } catch (error) {
        if (!(error instanceof XgError)) throw error;
        return failed(errorMessage(error));
      }
    },
  };
}

function failed(error: string): Answer {
  return { fields: { success: 0, error } };
}

const SUCCEEDED: Answer = { fields: { success: 1 } };

async function addDvrEntry(session: Session, recordings: Recordings, args: Arguments): Promise<Answer> {
  const wish = wishOf(session, args);
  const options = { signal: session.gone };
  const hasMargins = args.number('startExtra') !== null || args.number('stopExtra') !== null;
  const timer =
    wish.eventId === null || wish.eventId === undefined || hasMargins
      ? await recordings.addTimer(wish, options)
      : await recordings.addEventTimer({ channelId: wish.channelId, eventId: wish.eventId }, options);
  return { fields: { success: 1, id: itemNumber({ kind: 'timer', timer }) } };
}

/** A programme of the guide, or a channel with times. Margins are given in minutes. */
function wishOf(session: Session, args: Arguments): TimerWish {
  const { guide } = session.services;
  const catalogue = new Catalogue(session.services);
  const eventId = args.number('eventId');
  const programme = eventId ? guide.programme(eventId) : null;
  if (eventId && programme === null) throw new XgError('EVENT_UNKNOWN', 'Event does not exist');
  const channelId = programme?.channelId ?? catalogue.channelOf(args.need('channelId'))?.id;
  if (channelId === undefined) throw new XgError('CHANNEL_UNKNOWN', 'Channel does not exist');
  const start = programme?.startSeconds ?? args.need('start');
  const stop = programme?.stopSeconds ?? args.need('stop');
  return {
    channelId,
    title: args.text('title') ?? programme?.title ?? '',
    description: args.text('description') ?? programme?.shortDescription ?? '',
    beginSeconds: start - minutes(args, 'startExtra'),
    endSeconds: stop + minutes(args, 'stopExtra'),
    eventId: programme?.eventId ?? null,
  };
}

/** In seconds. */
function minutes(args: Arguments, name: string): number {
  const value = args.number(name) ?? 0;
  return Math.round(Math.max(0, Math.min(24 * 60, value))) * 60;
}

async function updateDvrEntry(session: Session, recordings: Recordings, args: Arguments): Promise<Answer> {
  const item = itemOf(recordings, args);
  // How far somebody has watched is nothing that the receiver keeps.
  if (item.kind === 'movie') return SUCCEEDED;
  const { timer } = item;
  const channelNumber = args.number('channelId');
  const channel = channelNumber ? new Catalogue(session.services).channelOf(channelNumber) : null;
  const enabled = args.number('enabled');
  const start = args.number('start');
  const stop = args.number('stop');
  await recordings.changeTimer(timer.id, {
    ...(args.text('title') === null ? {} : { title: args.text('title') ?? '' }),
    ...(args.text('description') === null ? {} : { description: args.text('description') ?? '' }),
    ...(channel === null ? {} : { channelId: channel.id }),
    ...(start === null ? {} : { beginSeconds: start - minutes(args, 'startExtra') }),
    ...(stop === null ? {} : { endSeconds: stop + minutes(args, 'stopExtra') }),
    ...(enabled === null ? {} : { enabled: enabled !== 0 }),
  });
  return SUCCEEDED;
}

async function removeDvrEntry(session: Session, recordings: Recordings, args: Arguments): Promise<Answer> {
  const item = itemOf(recordings, args);
  const options = { signal: session.gone };
  if (item.kind === 'timer') await recordings.deleteTimer(item.timer.id, options);
  else await recordings.deleteMovie(item.movie.id, options);
  return SUCCEEDED;
}

/** Ends a recording that runs; what was recorded stays. */
async function stopDvrEntry(_session: Session, recordings: Recordings, args: Arguments): Promise<Answer> {
  const item = itemOf(recordings, args);
  if (item.kind === 'movie') return SUCCEEDED;
  await recordings.changeTimer(item.timer.id, { endSeconds: Math.floor(Date.now() / 1000) });
  return SUCCEEDED;
}

function itemOf(recordings: Recordings, args: Arguments): DvrItem {
  const item = dvrItem(recordings, args.need('id'));
  if (item === null) throw new XgError('TIMER_UNKNOWN', 'DVR entry not found');
  return item;
}

async function noRules(): Promise<Answer> {
  return failed('The receiver has no recording rules. Set a timer for a programme, or use its AutoTimer');
}
