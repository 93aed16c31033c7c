import { setTimeout as delay } from 'node:timers/promises';
import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { LeaseViewer } from '../../tuners/state.ts';
import type { Ring } from '../ring.ts';
import type { SourceService } from '../source-stream.ts';
import type { StreamLease } from '../stream-manager.ts';
import type { CardLease, CardTuners } from './busy-cards.ts';
import { fitsChannel } from './card-programme.ts';

/**
 * How a visit ends.
 * - `channel`: a tuner is there, and bytes flow
 * - `other-form`: the same, but the channel is not what the card was made after: players had better begin anew
 * - `expired`: nobody looks at a card for so long
 * - `failed`: the channel can't be had for another reason than a tuner
 */
export type CardVisitEnd =
  | { readonly kind: 'channel' | 'other-form'; readonly lease: StreamLease }
  | { readonly kind: 'expired' }
  | { readonly kind: 'failed'; readonly error: XgError };

export interface CardVisitOptions {
  readonly card: CardLease;
  readonly service: SourceService;
  readonly viewer: LeaseViewer;
  readonly tuners: CardTuners;
  /** Opens the channel for this viewer. @throws XgError */
  readonly join: (signal: AbortSignal) => Promise<StreamLease>;
  readonly logger: Logger;
  /** When the viewer left. */
  readonly signal: AbortSignal;
  /** Default half an hour. */
  readonly maxMs?: number;
}

const MAX_MS = 30 * 60_000;
/** Without word from the receivers they are looked at so often: their television and recordings tell nobody. */
const LOOK_MS = 10_000;
/** After an attempt that failed. */
const PAUSE_MS = 3_000;
/** How long a channel that flows may take to show a picture before it is handed over without. */
const PICTURE_MS = 5_000;
/** Behind the first picture, so that players have something to fill their buffers with. */
const BEHIND_MS = 500;
/** Worth another attempt. */
const PASSING = new Set([
  'NO_TUNER',
  'TUNER_TAKEN',
  'TUNE_FAILED',
  'TUNE_TIMEOUT',
  'OPEN_TIMEOUT',
  'RECEIVER_BUSY',
  'RECEIVER_TIMEOUT',
  'RECEIVER_UNREACHABLE',
  'UPSTREAM_UNREACHABLE',
  'UPSTREAM_CLOSED',
  'UPSTREAM_BAD_ANSWER',
  'UPSTREAM_STALLED',
]);

/** While somebody looks at a card: waits for a tuner, opens the channel with it, and says when that can be shown. */
export async function visitCard(options: CardVisitOptions): Promise<CardVisitEnd> {
  const { signal, card } = options;
  const limit = AbortSignal.timeout(options.maxMs ?? MAX_MS);
  const both = AbortSignal.any([signal, limit]);
  try {
    for (;;) {
      await tunerFor(options, both);
      const lease = await attempt(options, both);
      if (lease === null) {
        await delay(PAUSE_MS, undefined, { signal: both });
        continue;
      }
      try {
        await picture(lease.ring, both);
      } catch (error) {
        lease.release();
        throw error;
      }
      const { pmt } = lease.ring;
      return { kind: pmt === null || fitsChannel(card.plan, pmt) ? 'channel' : 'other-form', lease };
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (limit.aborted) return { kind: 'expired' };
    return { kind: 'failed', error: asError(error) };
  }
}

/** Waits until one is to be had, by all that is known. */
async function tunerFor({ tuners, service, viewer }: CardVisitOptions, signal: AbortSignal): Promise<void> {
  const isFree = (): boolean => tuners.refusalLines(service, viewer) === null;
  while (!isFree()) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const unsubscribe = tuners.onChange(() => {
      if (isFree()) resolve();
    });
    const timer = new AbortController();
    const wait = AbortSignal.any([signal, timer.signal]);
    try {
      await Promise.race([promise, delay(LOOK_MS, undefined, { signal: wait })]);
    } finally {
      unsubscribe();
      timer.abort();
    }
    if (!isFree()) await tuners.look(service);
    signal.throwIfAborted();
  }
}

/** Null where it is worth another attempt. */
async function attempt({ join, logger }: CardVisitOptions, signal: AbortSignal): Promise<StreamLease | null> {
  try {
    return await join(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!PASSING.has(errorCode(error))) throw error;
    logger.debug({ code: errorCode(error) }, `card stays: ${errorMessage(error)}`);
    return null;
  }
}

/** The card stays until the channel has something to show. */
async function picture(ring: Ring, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    if (ring.newestAccessPoint !== null || ring.closed !== null) resolve();
  };
  const unsubscribe = ring.subscribe(look);
  look();
  const timer = new AbortController();
  try {
    await Promise.race([promise, delay(PICTURE_MS, undefined, { signal: AbortSignal.any([signal, timer.signal]) })]);
  } finally {
    unsubscribe();
    timer.abort();
  }
  await delay(BEHIND_MS, undefined, { signal });
}

function asError(error: unknown): XgError {
  return error instanceof XgError ? error : new XgError('INTERNAL', errorMessage(error), { cause: error });
}
