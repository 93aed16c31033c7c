import type { Router } from '@koa/router';
import { z } from 'zod';
import { XgError } from '#shared/errors.ts';
import type { Catchup } from '../playlist/catchup.ts';
import type { ErrorStatusTable } from './problem.ts';

export const CATCHUP_ERROR_STATUS: ErrorStatusTable = { CATCHUP_QUERY: 400, NOT_RECORDED: 404 };

const LAST_SECOND = 253_402_300_799; // of the year 9999
const querySchema = z.object({
  utc: z.coerce.number().int().min(0).max(LAST_SECOND),
  duration: z.preprocess(
    (value) => (value === '' ? undefined : value),
    z.coerce.number().int().min(1).max(604_800).optional(),
  ),
});

/** `/catchup/<channel>.ts?utc=&duration=`: the recording of what ran then. Its margins are played along. */
export function mountCatchup(router: Router, catchup: Catchup): void {
  router.get('/catchup/:file', (ctx) => {
    const channelId = /^(.+)\.ts$/.exec(ctx.params['file'] ?? '')?.[1];
    const query = querySchema.safeParse(ctx.query);
    if (channelId === undefined || !query.success) {
      throw new XgError(
        'CATCHUP_QUERY',
        'Catching up wants /catchup/<channel>.ts?utc=<begin>&duration=<seconds>, with the begin in Unix seconds',
      );
    }
    const { utc, duration } = query.data;
    const movie = catchup.find(channelId, utc, duration ?? null);
    if (movie === null) {
      const then = new Date(utc * 1_000).toISOString();
      throw new XgError('NOT_RECORDED', `No receiver has recorded what ran on this channel at ${then}`);
    }
    ctx.set('Cache-Control', 'no-store');
    ctx.redirect(`/dvrfile/${movie.id}`);
  });
}
