import type { Router } from '@koa/router';
import type { ErrorStatusTable } from '../problem.ts';
import { mountTvheadendApi } from './api.ts';
import type { TvheadendDeps } from './deps.ts';
import { mountTvheadendLists } from './lists.ts';
import { mountTvheadendStreams } from './streams.ts';

export const TVHEADEND_ERROR_STATUS: ErrorStatusTable = {
  TVH_ARGUMENT: 400,
  TVH_PROFILE: 404,
  EVENT_UNKNOWN: 404,
  COMET_BUSY: 503,
};

/** The HTTP face of a Tvheadend server: for clients, players and scripts that know one. */
export function mountTvheadend(router: Router, deps: TvheadendDeps): void {
  mountTvheadendLists(router, deps);
  mountTvheadendStreams(router, deps);
  mountTvheadendApi(router, deps);
}
