import type { Context } from 'koa';
import { errorCode, errorMessage, type XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { CardClient, CardSystem, CardVisit } from '../streams/card/card-system.ts';
import type { StreamVariant } from '../streams/profiles.ts';
import type { SourceService } from '../streams/source-stream.ts';
import type { StreamLease } from '../streams/stream-manager.ts';
import type { StreamMetrics } from '../streams/stream-metrics.ts';
import { Viewer, type ViewerEnd } from '../streams/viewer.ts';
import { ZapTrace } from '../streams/zap-trace.ts';
import type { LeaseViewer } from '../tuners/state.ts';
import type { StreamSource } from './routes-streams.ts';
import type { ZapReporter } from './zap-reporter.ts';

export interface WatchingOptions {
  readonly ctx: Context;
  readonly streams: StreamSource;
  readonly cards?: Pick<CardSystem, 'wants' | 'open'>;
  readonly metrics: StreamMetrics;
  readonly logger: Logger;
  readonly service: SourceService;
  readonly variant: StreamVariant;
  readonly viewer: LeaseViewer;
  readonly client: CardClient;
  readonly zap: ZapReporter;
  /** Aborted when the client hangs up. */
  readonly gone: AbortSignal;
  /** When the stream ends by itself; null: never. */
  readonly durationMs?: number | null;
  /** Once, at the end. */
  readonly onClose?: () => void;
}

/**
 * What a client is shown:
 * - `channel`: what it asked for
 * - `card`: why it has to wait for it
 * - `between`: its channel has lost its tuner, a card is being made
 */
type Shown =
  | { readonly name: 'channel'; readonly lease: StreamLease }
  | { readonly name: 'card'; readonly visit: CardVisit }
  | { readonly name: 'between' };

/** Jellyfin compares this type, ignoring case. */
const STREAM_TYPE = 'video/mp2t';
/** Errors that a card explains. */
const TUNER_CODES = new Set(['NO_TUNER', 'TUNER_TAKEN']);

/** One client's connection from its first byte to its last, whatever it is shown. */
export class Watching {
  readonly #options: WatchingOptions;
  readonly #startedAt = performance.now();
  #shown: Shown = { name: 'between' };
  #viewer: Viewer | null = null;
  #over: NodeJS.Timeout | undefined;

  constructor(options: WatchingOptions) {
    this.#options = options;
  }

  /** A card instead of this error; null where there is none to be had, or none is wanted. */
  async cardFor(error: unknown): Promise<CardVisit | null> {
    const { cards, client, service, variant, viewer, gone } = this.#options;
    if (cards === undefined || !TUNER_CODES.has(errorCode(error)) || gone.aborted) return null;
    if (viewer.class === 'background' && client.wish !== '1') return null;
    if (!cards.wants(client)) return null;
    const visit = await cards.open(service, variant, viewer);
    if (!gone.aborted) return visit;
    visit?.release();
    return null;
  }

  /** Sends the head of the response, and the stream from now on. */
  begin(shown: Exclude<Shown, { name: 'between' }>): void {
    const { ctx, metrics, variant, zap, logger } = this.#options;
    // Live: no ranges, whatever the client asks for. No chunks: some set-top boxes take them for a part of the stream.
    ctx.set('Accept-Ranges', 'none');
    ctx.set('Content-Type', STREAM_TYPE);
    ctx.respond = false;
    ctx.res.useChunkedEncodingByDefault = false;
    this.#shown = shown;
    metrics.viewers.inc({ profile: variant.profile });
    const { durationMs = null } = this.#options;
    if (durationMs !== null) this.#over = setTimeout(() => this.#viewer?.finish(), durationMs);
    this.#viewer = new Viewer({
      ring: shown.name === 'channel' ? shown.lease.ring : shown.visit.ring,
      out: ctx.res,
      listener: {
        onSkip: (bytes) => {
          metrics.skips.inc();
          metrics.skippedBytes.inc(bytes);
        },
        onFirstBytes: () => {
          if (shown.name === 'channel') zap.firstBytes(logger);
        },
        onStreamEnd: () => this.#onStreamEnd(),
        onClose: (bytes, reason) => this.#onClose(bytes, reason),
      },
    });
    if (shown.name === 'card') void this.#visit(shown.visit);
  }

  /** True where the client is to wait for what comes next. */
  #onStreamEnd(): boolean {
    if (this.#shown.name !== 'channel') return false;
    const { lease } = this.#shown;
    const error = lease.ring.closed?.error ?? null;
    if (error === null || !TUNER_CODES.has(error.code) || this.#options.cards === undefined) return false;
    void this.#toCard(lease, error);
    return true;
  }

  async #toCard(lease: StreamLease, error: XgError): Promise<void> {
    this.#shown = { name: 'between' };
    lease.release();
    const visit = await this.cardFor(error);
    if (visit === null) {
      this.#viewer?.finish();
      return;
    }
    this.#shown = { name: 'card', visit };
    this.#viewer?.goOnWith(visit.ring);
    await this.#visit(visit);
  }

  async #visit(visit: CardVisit): Promise<void> {
    const { streams, service, variant, viewer, gone, logger, metrics } = this.#options;
    logger.info('shown a card: no tuner');
    try {
      const outcome = await visit.outcome(
        (signal) => streams.join(service, variant, signal, new ZapTrace(), viewer),
        gone,
      );
      if (gone.aborted) {
        if ('lease' in outcome) outcome.lease.release();
        gone.throwIfAborted();
      }
      metrics.busyCardViews.inc({ end: outcome.kind });
      if (outcome.kind === 'channel') {
        this.#shown = { name: 'channel', lease: outcome.lease };
        this.#viewer?.goOnWith(outcome.lease.ring);
        logger.info('the card gives way to the channel');
      } else {
        const reason = outcome.kind === 'failed' ? outcome.error.message : outcome.kind;
        logger.info({ reason }, 'the card ends');
        if (outcome.kind === 'other-form') outcome.lease.release();
        this.#viewer?.finish();
      }
    } catch (error) {
      if (!gone.aborted) logger.error({ err: error }, errorMessage(error));
      metrics.busyCardViews.inc({ end: 'left' });
    } finally {
      visit.release();
    }
  }

  #onClose(bytes: number, reason: ViewerEnd): void {
    const { metrics, variant, zap, logger } = this.#options;
    const { profile } = variant;
    metrics.viewers.dec({ profile });
    metrics.bytes.inc({ profile }, bytes);
    metrics.viewerEnds.inc({ reason });
    const lease = this.#shown.name === 'channel' ? this.#shown.lease : null;
    lease?.release();
    clearTimeout(this.#over);
    this.#options.onClose?.();
    zap.closed(logger);
    const seconds = Math.round((performance.now() - this.#startedAt) / 1000);
    logger.info({ bytes, seconds, reason, cause: lease?.ring.closed?.error?.code }, 'viewer left');
  }
}
