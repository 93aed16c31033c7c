import type { Context } from 'koa';
import { errorCode, XgError } from '#shared/errors.ts';
import type { Timer } from '../../recordings/recordings.ts';
import { eventIds, movieByAnyId, timerByUuid, timerWish, uuids } from '../../tvheadend/http/dvr.ts';
import { tvhId } from '../../tvheadend/ids.ts';
import { requireWrite } from '../access/gate.ts';
import type { TvhCall } from './api.ts';
import type { TvheadendDeps } from './deps.ts';

/** What changes something. Clients of Tvheadend know no token: a named user will do. */
export function dvrCalls(deps: TvheadendDeps): Readonly<Record<string, TvhCall>> {
  const writing =
    (call: TvhCall): TvhCall =>
    (args, ctx: Context) => {
      requireWrite(ctx, { users: true });
      return call(args, ctx);
    };
  const forEach =
    (act: (uuid: string) => Promise<void>): TvhCall =>
    async (args) => {
      for (const uuid of uuids(args)) await act(uuid);
      return {};
    };
  return {
    'dvr/entry/create': writing(async (args) => {
      const timer = await deps.recordings.addTimer(timerWish(args, deps.tvh.channels));
      return { uuid: uuidOf(timer) };
    }),
    'dvr/entry/create_by_event': writing(async (args) => {
      const made: string[] = [];
      for (const id of eventIds(args)) made.push(uuidOf(await addByEvent(deps, id)));
      return { uuid: made };
    }),
    'dvr/entry/cancel': writing(forEach((uuid) => deleteTimer(deps, uuid))),
    'dvr/entry/stop': writing(forEach((uuid) => deleteTimer(deps, uuid))),
    'dvr/entry/remove': writing(
      forEach(async (uuid) => {
        const movie = movieByAnyId(uuid, deps.recordings.movies);
        if (movie === null) await deleteTimer(deps, uuid);
        else await deps.recordings.deleteMovie(movie.id);
      }),
    ),
  };
}

function uuidOf({ id }: Timer): string {
  return tvhId('timer', id).uuid;
}

async function addByEvent({ guide, recordings }: TvheadendDeps, id: number): Promise<Timer> {
  const programme = guide.programme(id);
  if (programme === null) throw new XgError('EVENT_UNKNOWN', `There is no event ${id} (any more)`);
  const { channelId, eventId, title, shortDescription, startSeconds, stopSeconds } = programme;
  try {
    if (eventId > 0) return await recordings.addEventTimer({ channelId, eventId });
  } catch (error) {
    // The box may have forgotten an event that our guide still has.
    if (errorCode(error) !== 'RECEIVER_REFUSED') throw error;
  }
  const times = { beginSeconds: startSeconds, endSeconds: stopSeconds };
  return recordings.addTimer({ channelId, title, description: shortDescription, ...times });
}

/** A recording that runs ends and keeps what it has. */
async function deleteTimer({ recordings }: TvheadendDeps, uuid: string): Promise<void> {
  const timer = timerByUuid(uuid, recordings.timers);
  if (timer === null) throw new XgError('TIMER_UNKNOWN', 'There is no such recording (any more)');
  await recordings.deleteTimer(timer.id);
}
