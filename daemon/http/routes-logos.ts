import { createHash } from 'node:crypto';
import type { Router } from '@koa/router';
import { XgError } from '#shared/errors.ts';
import type { AppDeps } from './deps.ts';
import { LogoCache } from './logo-cache.ts';

/** `/logos/<id>.png`: the logo set for a channel or the receiver's picon, passed through and kept. */
export function mountLogos(router: Router, deps: AppDeps): void {
  let cache = deps.logos ?? null;
  router.get('/logos/:file', async (ctx) => {
    const id = /^([0-9a-z-]{1,64})\.png$/.exec(ctx.params['file'] ?? '')?.[1];
    const channel = id === undefined ? null : deps.lineup.get(id);
    if (cache === null && deps.receiver !== null) cache = new LogoCache(deps.receiver);
    const picon = channel === null || cache === null ? null : await cache.get(channel);
    if (picon === null) throw new XgError('LOGO_UNKNOWN', 'There is no logo of that name');
    ctx.set('Content-Type', picon.contentType);
    ctx.set('Cache-Control', 'public, max-age=86400');
    ctx.set('X-Content-Type-Options', 'nosniff');
    // A vector picture may hold a script, which must not run as ours.
    if (picon.contentType === 'image/svg+xml') {
      ctx.set('Content-Security-Policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox");
    }
    ctx.etag = createHash('sha1').update(picon.bytes).digest('base64url');
    ctx.lastModified = new Date(picon.fetchedAtMs);
    ctx.status = 200;
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = picon.bytes;
  });
}
