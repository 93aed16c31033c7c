import type { Router } from '@koa/router';
import { renderStartPage, START_PAGE_CSP } from '../web/start-page.ts';
import { requestBaseUrl } from './base-url.ts';
import type { AppDeps } from './deps.ts';
import { readiness } from './readiness.ts';

export function mountStartPage(router: Router, deps: AppDeps): void {
  router.get('/', async (ctx) => {
    const { components } = readiness(deps);
    ctx.set('Content-Security-Policy', START_PAGE_CSP);
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Referrer-Policy', 'no-referrer');
    ctx.set('Cache-Control', 'no-store');
    ctx.type = 'html';
    ctx.body = renderStartPage({
      baseUrl: requestBaseUrl(ctx, deps.publicUrl),
      version: deps.version,
      hdhomerun: deps.hdhomerun.enabled ? { deviceId: deps.hdhomerun.devices.first.identity.deviceId } : null,
      receiverAddress: deps.receiver?.address ?? null,
      found: deps.receiver === null && ctx.method === 'GET' ? ((await deps.discover?.()) ?? []) : [],
      lineup: components.lineup,
      transcoder: components.transcoder,
      guide: { programmes: deps.guide.size, progress: deps.guide.progress },
      channels: deps.lineup.channels,
    });
  });
}
