import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { StreamLease } from '../../../streams/stream-manager.ts';
import type { AccessUnit } from '../demux/access-unit.ts';
import type { Track } from '../demux/track.ts';
import type { HtsMap } from '../wire/message.ts';
import type { LiveProgramme, LiveProgrammes } from './live-programme.ts';
import type { MediaQueue } from './media-queue.ts';
import { type ClientClock, muxPacket } from './mux-packet.ts';
import { StartGate } from './start-gate.ts';
import { type SourceInfo, startFields } from './start-message.ts';
import { isFinal, statusFields } from './status-words.ts';

/** What a subscription's client asked for. */
export interface SubscriptionWishes {
  readonly id: number;
  readonly unit: ClientClock['unit'];
  /** Times begin with 0. */
  readonly normalized: boolean;
}

export interface SubscriptionOptions {
  readonly wishes: SubscriptionWishes;
  readonly programmes: LiveProgrammes;
  readonly queue: MediaQueue;
  /** Opens the stream, or joins it. */
  readonly open: (signal: AbortSignal) => Promise<StreamLease>;
  readonly source: () => SourceInfo;
  /** A message of its own, behind the packets that wait. */
  readonly send: (method: string, fields: HtsMap) => void;
  /** There is something in the queue. */
  readonly onQueued: () => void;
  readonly logger: Logger;
}

/** How long an opening may take before clients take it for dead, in seconds. */
const GRACE_SECONDS = 20;
/** A channel that could not be had is asked for again, for as long as somebody wants it. */
const RETRY_MS = 3_000;

/**
 * One channel for one client. `opening` waits for the stream; `running` hands its units on; `waiting` was refused, or has
 * lost its stream, and tries again after a while; `closed` for good.
 */
export class Subscription {
  readonly #options: SubscriptionOptions;
  readonly #closed = new AbortController();
  #state: 'opening' | 'running' | 'waiting' | 'closed' = 'opening';
  #lease: StreamLease | null = null;
  #leave: (() => void) | null = null;
  #retry: NodeJS.Timeout | null = null;
  #gate: StartGate | null = null;
  /** Of its first unit; kept when the stream is opened again, so that times go on. */
  #baseTicks: number | null = null;
  #isStarted = false;
  #lastError = '';

  constructor(options: SubscriptionOptions) {
    this.#options = options;
  }

  get id(): number {
    return this.#options.wishes.id;
  }

  get queue(): MediaQueue {
    return this.#options.queue;
  }

  get isRunning(): boolean {
    return this.#state === 'running';
  }

  start(): void {
    this.#options.send('subscriptionGrace', { graceTimeout: GRACE_SECONDS });
    void this.#open();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#closed.abort(new XgError('STREAM_CLOSED', 'the subscription was ended'));
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#release();
    this.queue.clear();
  }

  async #open(): Promise<void> {
    const { open, programmes } = this.#options;
    const { signal } = this.#closed;
    try {
      const lease = await open(signal);
      if (signal.aborted) {
        lease.release();
        return;
      }
      this.#lease = lease;
      this.#state = 'running';
      this.#lastError = '';
      this.#options.send('subscriptionStatus', statusFields(null));
      this.#join(programmes.of(lease.ring));
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  #join(programme: LiveProgramme): void {
    this.#leave = programme.listen({
      onTracks: (tracks) => this.#onTracks(tracks),
      onUnit: (unit) => this.#onUnit(unit),
      onEnd: (error) => this.#onEnd(error),
    });
    const { tracks } = programme;
    if (tracks === null) return;
    this.#onTracks(tracks);
    for (const unit of programme.since(programme.joinSequence) ?? []) this.#deliver(unit);
    this.#options.onQueued();
  }

  #onTracks(tracks: readonly Track[]): void {
    if (this.#isStarted) this.#options.send('subscriptionStop', {});
    this.#isStarted = true;
    this.#gate = new StartGate(tracks);
    this.#options.send('subscriptionStart', startFields(tracks, this.#options.source()));
  }

  #onUnit(unit: AccessUnit): void {
    this.#deliver(unit);
    this.#options.onQueued();
  }

  #deliver(unit: AccessUnit): void {
    if (this.#gate?.passes(unit) !== true) return;
    const { wishes, queue } = this.#options;
    this.#baseTicks ??= wishes.normalized ? (this.#gate.firstDts ?? unit.dts) : 0;
    queue.push(muxPacket(unit, wishes.id, { unit: wishes.unit, baseTicks: this.#baseTicks }));
  }

  #onEnd(error: XgError | null): void {
    this.#leave = null;
    this.#release();
    if (this.#state === 'closed') return;
    this.#fail(error ?? new XgError('UPSTREAM_CLOSED', 'the stream has ended'));
  }

  #fail(error: unknown): void {
    const { logger, send } = this.#options;
    if (this.#isStarted) {
      this.#isStarted = false;
      send('subscriptionStop', statusFields(error));
    }
    send('subscriptionStatus', statusFields(error));
    if (errorCode(error) !== this.#lastError) {
      logger.info({ code: errorCode(error) }, `HTSP subscription without a stream: ${errorMessage(error)}`);
    }
    this.#lastError = errorCode(error);
    this.#state = 'waiting';
    if (isFinal(error)) return;
    this.#retry = setTimeout(() => {
      if (this.#state !== 'waiting') return;
      this.#state = 'opening';
      void this.#open();
    }, RETRY_MS);
  }

  #release(): void {
    this.#leave?.();
    this.#leave = null;
    this.#lease?.release();
    this.#lease = null;
    this.#gate = null;
  }
}
