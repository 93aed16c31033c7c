import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { XgError } from '#shared/errors.ts';
import { discoverAnswer, lineupAnswer, lineupStatusAnswer } from '../hdhomerun/answers.ts';
import { requestBaseUrl } from './base-url.ts';
import type { AppDeps } from './deps.ts';

/** The HDHomeRun device's HTTP face, first form. Its stream addresses are mounted with the streams. */
export function mountHdhomerun(router: Router, deps: AppDeps): void {
  const answer = (path: string, build: (ctx: Context) => unknown): void => {
    router.get(path, (ctx) => {
      if (!deps.hdhomerun.enabled) {
        throw new XgError('HDHR_DISABLED', 'The HDHomeRun face is switched off (XG2G_HDHR_ENABLED)');
      }
      ctx.set('Cache-Control', 'no-cache');
      ctx.set('Content-Type', 'application/json; charset=utf-8');
      ctx.body = JSON.stringify(build(ctx));
    });
  };
  answer('/discover.json', (ctx) =>
    discoverAnswer({
      name: deps.hdhomerun.name,
      identity: deps.hdhomerun.identity,
      tunerCount: deps.hdhomerun.tunerCount(),
      baseUrl: requestBaseUrl(ctx, deps.publicUrl),
    }),
  );
  // Empty, not an error, while there is no lineup: a client that gets an error here forgets the device.
  answer('/lineup.json', (ctx) => lineupAnswer(deps.lineup.channels, requestBaseUrl(ctx, deps.publicUrl)));
  answer('/lineup_status.json', lineupStatusAnswer);
}
