import { Router } from '@koa/router';
import Koa from 'koa';
import { ACCESS_ERROR_STATUS, accessGate } from './access/gate.ts';
import type { AppDeps } from './deps.ts';
import { type ErrorStatusTable, HTTP_ERROR_STATUS, isClientGone, problemMiddleware } from './problem.ts';
import { requestMetrics } from './request-metrics.ts';
import { mountApi } from './routes-api.ts';
import { mountGuide } from './routes-guide.ts';
import { mountHdhomerun } from './routes-hdhomerun.ts';
import { mountHealth } from './routes-health.ts';
import { mountLists } from './routes-lists.ts';
import { mountLogos } from './routes-logos.ts';
import { mountStartPage } from './routes-start-page.ts';

export type { AppDeps } from './deps.ts';

/**
 * The HTTP face: every route of the daemon in one Koa application. Routers answer HEAD where they answer GET.
 * `errorStatuses` adds codes to those whose message a client may see.
 */
export function createApp(deps: AppDeps, options: { errorStatuses?: ErrorStatusTable } = {}): Koa {
  const app = new Koa();
  app.silent = true; // Koa's own error printing; `error` below goes to our logger
  app.on('error', (error: unknown) => {
    if (isClientGone(error)) deps.logger.debug({ err: error }, 'client went away');
    else deps.logger.error({ err: error }, 'response failed');
  });

  const router = createRoutes(deps);
  const statuses = { ...HTTP_ERROR_STATUS, ...ACCESS_ERROR_STATUS, ...options.errorStatuses };
  app.use(requestMetrics({ registry: deps.registry, logger: deps.logger }));
  app.use(problemMiddleware({ logger: deps.logger, statuses }));
  const onRefused = (client: string): void =>
    deps.logger.warn({ client }, 'refused: this address is in none of access.networks');
  app.use(accessGate({ onRefused, ...deps.access }));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

/** All routes, without what stands before them. */
export function createRoutes(deps: AppDeps): Router {
  const router = new Router();
  // First, because a face may know some of the names under a path that another one has for itself.
  for (const mount of deps.mount ?? []) mount(router);
  mountHealth(router, deps);
  mountLists(router, deps);
  mountGuide(router, deps);
  mountLogos(router, deps);
  mountHdhomerun(router, deps);
  mountApi(router, deps);
  mountStartPage(router, deps);
  return router;
}
