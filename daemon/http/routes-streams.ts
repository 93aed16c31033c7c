import { randomUUID } from 'node:crypto';
import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { Channel } from '../lineup/channel.ts';
import type { CardSystem } from '../streams/card/card-system.ts';
import { clientName } from '../streams/client-kind.ts';
import type { Decider } from '../streams/decision.ts';
import type { StreamVariant } from '../streams/profiles.ts';
import type { Ring } from '../streams/ring.ts';
import { sourceService } from '../streams/source-service.ts';
import type { SourceService } from '../streams/source-stream.ts';
import type { StreamLease } from '../streams/stream-manager.ts';
import type { StreamMetrics } from '../streams/stream-metrics.ts';
import type { ZapTrace } from '../streams/zap-trace.ts';
import type { LeaseClass, LeaseViewer } from '../tuners/state.ts';
import type { LineupView } from './deps.ts';
import type { ErrorStatusTable } from './problem.ts';
import { variantWishes } from './variant-wishes.ts';
import { Watching } from './watching.ts';
import { ZapReporter } from './zap-reporter.ts';

/** Jellyfin compares this type, ignoring case. */
const STREAM_TYPE = 'video/mp2t';

/** Statuses of what opening a stream can end with. */
export const STREAM_ERROR_STATUS: ErrorStatusTable = {
  TUNE_FAILED: 503,
  TUNE_TIMEOUT: 503,
  NO_TUNER: 503,
  TUNER_TAKEN: 503,
  RECEIVER_WAKING: 503,
  RECEIVER_ASLEEP: 503,
  PRIORITY_UNKNOWN: 400,
  NO_PROGRAM: 503,
  SCRAMBLED: 503,
  NO_AUDIO: 503,
  OPEN_TIMEOUT: 503,
  ENCODER_BUSY: 503,
  TRANSCODER_DOWN: 503,
  STOPPING: 503,
  UPSTREAM_UNREACHABLE: 502,
  UPSTREAM_AUTH: 502,
  UPSTREAM_BAD_ANSWER: 502,
  UPSTREAM_BAD_URL: 502,
  UPSTREAM_CLOSED: 502,
  UPSTREAM_STALLED: 504,
  NOT_PLAYABLE: 501,
};

/** What the routes need of the streams. */
export interface StreamSource {
  join(
    service: SourceService,
    variant: StreamVariant,
    signal: AbortSignal,
    trace: ZapTrace,
    viewer: LeaseViewer,
  ): Promise<StreamLease>;
}

export interface StreamRouteDeps {
  readonly lineup: Pick<LineupView, 'state' | 'get' | 'byNumber' | 'channels'>;
  readonly streams: StreamSource;
  readonly decider: Pick<Decider, 'decide'>;
  /** Without it a refusal is always an error. */
  readonly cards?: Pick<CardSystem, 'wants' | 'open'>;
  readonly metrics: StreamMetrics;
  readonly logger: Logger;
}

/** `/stream/<id>.ts`. HEAD answers from the lineup and takes no tuner. */
export function mountStreams(router: Router, deps: StreamRouteDeps): void {
  router.get('/stream/:file', async (ctx) => {
    const id = /^(.+)\.ts$/.exec(String(ctx.params['file']))?.[1] ?? null;
    await serveChannel(ctx, deps, id === null ? null : deps.lineup.get(id));
  });
}

/** What a face understands of the request in its own way; else the query says it in ours. */
export interface ServeOptions {
  readonly wishes?: Readonly<Record<string, string>>;
  readonly leaseClass?: LeaseClass;
  /** It has words of its own for a refusal: a card is only for who asks for one. */
  readonly isDevice?: boolean;
  /** When the stream ends by itself; null: never. */
  readonly durationMs?: number | null;
  readonly onJoined?: (ring: Ring) => void;
  /** Once, however it went; also when nothing was joined. Not for HEAD. */
  readonly onClose?: () => void;
}

/**
 * Plays a channel to whoever asked.
 *
 * @throws XgError `LINEUP_NOT_READY`, `CHANNEL_UNKNOWN`, and what joining a stream throws.
 */
export async function serveChannel(
  ctx: Context,
  deps: StreamRouteDeps,
  channel: Channel | null,
  options: ServeOptions = {},
): Promise<void> {
  if (channel === null) {
    if (deps.lineup.state.kind !== 'ready') throw new XgError('LINEUP_NOT_READY', 'There are no channels yet');
    throw new XgError('CHANNEL_UNKNOWN', `There is no channel at ${ctx.path}; /playlist.m3u lists all of them`);
  }
  const { variant, why } = deps.decider.decide(
    options.wishes ?? variantWishes(ctx),
    ctx.get('user-agent') || null,
    channel.id,
  );
  const { profile } = variant;
  const viewer = viewerOf(ctx, options.leaseClass ?? priorityOf(ctx));
  const service = sourceService(channel);
  ctx.set('Content-Type', STREAM_TYPE);
  ctx.set('Cache-Control', 'no-store');
  ctx.status = 200;
  if (ctx.method === 'HEAD') return;

  const zap = new ZapReporter({ metrics: deps.metrics, profile });
  const logger = deps.logger.child({ channel: channel.id, service: channel.name, profile, client: ctx.ip });
  logger.debug({ why }, 'profile decided');
  const gone = new AbortController();
  const onClose = (): void => gone.abort(new XgError('ECANCELED', 'the client went away'));
  ctx.res.once('close', onClose);
  const client = { userAgent: ctx.get('user-agent') || null, wish: cardWish(ctx), isDevice: options.isDevice === true };
  const watching = new Watching({
    ...deps,
    ...options,
    ctx,
    service,
    variant,
    viewer,
    zap,
    logger,
    gone: gone.signal,
    client,
  });
  try {
    const lease = await deps.streams.join(service, variant, gone.signal, zap.trace, viewer);
    zap.joined();
    options.onJoined?.(lease.ring);
    watching.begin({ name: 'channel', lease });
  } catch (error) {
    zap.failed(logger, error, gone.signal.aborted);
    const visit = await watching.cardFor(error);
    if (visit === null) {
      options.onClose?.();
      ctx.remove('Content-Type');
      throw error;
    }
    watching.begin({ name: 'card', visit });
  }
}

/** `?card=1` shows a card where an error would be sent, `?card=0` never does. */
function cardWish(ctx: Context): string | null {
  return [ctx.query['card'] ?? []].flat()[0] ?? null;
}

function viewerOf(ctx: Context, leaseClass: LeaseClass): LeaseViewer {
  const address = ctx.ip.replace(/^::ffff:/, '');
  return { id: randomUUID(), class: leaseClass, name: clientName(ctx.get('user-agent') || null, address), address };
}

/**
 * `?priority=background` is for what can wait, such as a recorder that takes what is free: anybody else may
 * have its tuner.
 *
 * @throws XgError `PRIORITY_UNKNOWN`
 */
function priorityOf(ctx: Context): LeaseClass {
  const priority = [ctx.query['priority'] ?? []].flat()[0] ?? 'interactive';
  const leaseClass = PRIORITIES.find((name) => name === priority);
  if (leaseClass === undefined) {
    const text = `There is no priority "${priority.slice(0, 40)}"; there are: ${PRIORITIES.join(', ')}`;
    throw new XgError('PRIORITY_UNKNOWN', text);
  }
  return leaseClass;
}

const PRIORITIES: readonly LeaseClass[] = ['interactive', 'background'];
