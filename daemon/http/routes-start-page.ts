import type { Router } from '@koa/router';
import { renderStartPage, START_PAGE_CSP } from '../web/start-page.ts';
import { requestBaseUrl } from './base-url.ts';
import type { AppDeps } from './deps.ts';
import { readiness } from './readiness.ts';

export function mountStartPage(router: Router, deps: AppDeps): void {
  router.get('/', (ctx) => {
    const { components } = readiness(deps);
    ctx.set('Content-Security-Policy', START_PAGE_CSP);
    ctx.set('X-Content-Type-Options', 'nosniff');
    ctx.set('Referrer-Policy', 'no-referrer');
    ctx.set('Cache-Control', 'no-store');
    ctx.type = 'html';
    ctx.body = renderStartPage({
      baseUrl: requestBaseUrl(ctx, deps.publicUrl),
      version: deps.version,
      hdhomerun: deps.hdhomerun.enabled ? { deviceId: deps.hdhomerun.identity.deviceId } : null,
      receiverAddress: deps.receiver?.address ?? null,
      lineup: components.lineup,
      transcoder: components.transcoder,
      guide: { programmes: deps.guide.size, progress: deps.guide.progress },
      channels: deps.lineup.channels,
    });
  });
}
