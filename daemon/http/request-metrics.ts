import type { Middleware } from 'koa';
import type { Logger } from '#shared/observability/logger.ts';
import { createCounter, createHistogram, type Registry } from '#shared/observability/metrics.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Counts requests by method, route pattern and status. The labels are bounded: a path that no route matches is `none`.
 * The time is until the headers, because a stream's body lasts for hours.
 */
export function requestMetrics(options: { registry: Registry; logger: Logger }): Middleware {
  const requests = createCounter(options.registry, 'xg2g_http_requests_total', 'HTTP requests by route and status', [
    'method',
    'route',
    'status',
  ]);
  const seconds = createHistogram(
    options.registry,
    'xg2g_http_response_start_seconds',
    'Time until the response headers, by route',
    [0.001, 0.005, 0.02, 0.1, 0.5, 2, 6],
    ['route'],
  );
  return async (ctx, next) => {
    const startMs = performance.now();
    try {
      await next();
    } finally {
      const pattern: unknown = ctx['_matchedRoute'];
      const route = typeof pattern === 'string' ? pattern : 'none';
      const method = METHODS.has(ctx.method) ? ctx.method : 'other';
      const tookSeconds = (performance.now() - startMs) / 1000;
      requests.inc({ method, route, status: String(ctx.status) });
      seconds.observe({ route }, tookSeconds);
      options.logger.debug({ method, path: ctx.path, status: ctx.status, client: ctx.ip, tookSeconds }, 'request');
    }
  };
}
