import { STATUS_CODES } from 'node:http';
import type { Context, Middleware } from 'koa';
import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';

/** Statuses of the codes whose messages may be shown; other parts of the daemon add theirs (`ErrorStatusTable`). */
export type ErrorStatusTable = Readonly<Record<string, number>>;

export const HTTP_ERROR_STATUS: ErrorStatusTable = {
  CHANNEL_UNKNOWN: 404,
  LOGO_UNKNOWN: 404,
  PLAYLIST_UNKNOWN: 404,
  PLAYLIST_OPTION: 400,
  HTTP_HOST: 400,
  GUIDE_QUERY: 400,
  GUIDE_MAPPING: 400,
  GUIDE_MAPPING_SIZE: 413,
  GUIDE_MAPPING_WRITE: 500,
  GROUP_UNKNOWN: 404,
  PROFILE_UNKNOWN: 400,
  PROFILE_OPTION: 400,
  HDHR_DISABLED: 404,
  HDHR_DEVICE_UNKNOWN: 404,
  HDHR_FAVORITE: 400,
  HDHR_POST: 400,
  HDHR_CROSS_SITE: 403,
  LOGO_BUSY: 503,
  LINEUP_NOT_READY: 503,
  LINEUP_EMPTY: 503,
  LINEUP_NO_BOUQUET: 503,
  RECEIVER_UNREACHABLE: 502,
  RECEIVER_TLS: 502,
  RECEIVER_AUTH: 502,
  RECEIVER_FORBIDDEN: 502,
  RECEIVER_REDIRECT: 502,
  RECEIVER_NOT_FOUND: 502,
  RECEIVER_NOT_OPENWEBIF: 502,
  RECEIVER_BAD_ANSWER: 502,
  RECEIVER_BAD_REFERENCE: 502,
  RECEIVER_TOO_LARGE: 502,
  RECEIVER_REFUSED: 502,
  RECEIVER_TIMEOUT: 504,
  RECEIVER_BUSY: 503,
  RECEIVER_BUDGET: 503,
};

/** Causes that lie with a client that went away; they are no errors of ours. */
const CLIENT_GONE = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ECANCELED']);

export function isClientGone(error: unknown): boolean {
  return CLIENT_GONE.has(errorCode(error));
}

/**
 * Turns what a handler throws, and any status of 400 and above without a body, into `application/problem+json`.
 * Messages of known codes are shown; anything else is logged and becomes a bare 500. After the headers were sent
 * nothing is written: the connection is closed.
 *
 * Spec: RFC 9457, 3 The Problem Details JSON Object; `code` is our extension member.
 */
export function problemMiddleware(options: { logger: Logger; statuses: ErrorStatusTable }): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (ctx.res.destroyed) {
        options.logger.debug({ err: error, path: ctx.path }, 'client went away');
        return;
      }
      const known = error instanceof XgError ? options.statuses[error.code] : undefined;
      const status = known ?? koaStatus(error);
      if (status >= 500 && known === undefined) options.logger.error({ err: error, path: ctx.path }, 'request failed');
      if (ctx.headerSent) {
        ctx.res.destroy();
        return;
      }
      const detail = known === undefined ? null : errorMessage(error);
      writeProblem(ctx, status, {
        code: known === undefined ? null : errorCode(error),
        detail,
        retryAfterSeconds: retryAfterSeconds(error),
      });
      return;
    }
    if (ctx.status >= 400 && ctx.body === undefined && !ctx.headerSent && ctx.respond !== false) {
      writeProblem(ctx, ctx.status, { code: null, detail: null });
    }
  };
}

export function writeProblem(
  ctx: Context,
  status: number,
  problem: { code: string | null; detail: string | null; retryAfterSeconds?: number | null },
): void {
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    ...(problem.detail === null ? {} : { detail: problem.detail }),
    ...(problem.code === null ? {} : { code: problem.code }),
  };
  ctx.status = status;
  if (status === 503) ctx.set('Retry-After', String(problem.retryAfterSeconds ?? RETRY_AFTER_SECONDS));
  ctx.set('Cache-Control', 'no-store');
  ctx.type = 'application/problem+json';
  ctx.body = JSON.stringify(body);
}

/** Where the error does not say when it is worth trying again. */
const RETRY_AFTER_SECONDS = 5;

/** When it is worth trying again; null where the error does not say. */
export function retryAfterSeconds(error: unknown): number | null {
  const seconds = error instanceof XgError ? error.data['retryAfterSeconds'] : null;
  return typeof seconds === 'number' && Number.isInteger(seconds) && seconds > 0 ? seconds : null;
}

/** Koa's own errors (a malformed path, say) carry a status and say whether it may be shown. */
function koaStatus(error: unknown): number {
  if (!(error instanceof Error) || !('status' in error) || !('expose' in error)) return 500;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
