import type { Router } from '@koa/router';
import { XgError } from '#shared/errors.ts';
import type { AppDeps } from './deps.ts';
import { LogoCache } from './logo-cache.ts';

/** `/logos/<id>.png`: the receiver's picon of a channel, passed through and kept in memory. */
export function mountLogos(router: Router, deps: AppDeps): void {
  let cache: LogoCache | null = null;
  router.get('/logos/:file', async (ctx) => {
    const id = /^([0-9a-z-]{1,64})\.png$/.exec(ctx.params['file'] ?? '')?.[1];
    const channel = id === undefined ? null : deps.lineup.get(id);
    if (cache === null && deps.receiver !== null) cache = new LogoCache(deps.receiver);
    const picon = channel === null || cache === null ? null : await cache.get(channel);
    if (picon === null) throw new XgError('LOGO_UNKNOWN', 'There is no logo of that name');
    ctx.set('Content-Type', picon.contentType);
    ctx.set('Cache-Control', 'public, max-age=86400');
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.body = picon.bytes;
  });
}
