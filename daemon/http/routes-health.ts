import type { Router } from '@koa/router';
import type { AppDeps } from './deps.ts';
import { readiness } from './readiness.ts';

/** `/healthz`: the process serves. `/readyz`: a player would get a channel. `/metrics`: Prometheus text. */
export function mountHealth(router: Router, deps: AppDeps): void {
  router.get('/healthz', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', (ctx) => {
    const state = readiness(deps);
    ctx.set('Cache-Control', 'no-store');
    if (!state.ready) ctx.set('Retry-After', '5');
    ctx.status = state.ready ? 200 : 503;
    ctx.body = state;
  });
  router.get('/metrics', async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Content-Type', deps.registry.contentType);
    ctx.body = await deps.registry.metrics();
  });
}
