import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { StreamLease } from '../../../streams/stream-manager.ts';
import type { AccessUnit } from '../demux/access-unit.ts';
import type { Track } from '../demux/track.ts';
import { NORMAL_SPEED } from '../timeshift/tape-player.ts';
import type { TapeHold } from '../timeshift/tapes.ts';
import { Timeshift } from '../timeshift/timeshift.ts';
import type { HtsMap } from '../wire/message.ts';
import type { LiveProgramme, LiveProgrammes } from './live-programme.ts';
import type { MediaQueue } from './media-queue.ts';
import { type ClientClock, clientTime, muxPacket, ticksOf } from './mux-packet.ts';
import { StartGate } from './start-gate.ts';
import { type SourceInfo, startFields } from './start-message.ts';
import { isFinal, statusFields } from './status-words.ts';

/** What a subscription's client asked for. */
export interface SubscriptionWishes {
  readonly id: number;
  readonly unit: ClientClock['unit'];
  /** Times begin with 0. */
  readonly normalized: boolean;
  /** How far back its client may go; 0 for none. */
  readonly timeshiftSeconds: number;
}

export interface SubscriptionOptions {
  readonly wishes: SubscriptionWishes;
  readonly programmes: LiveProgrammes;
  readonly queue: MediaQueue;
  /** Opens the stream, or joins it. */
  readonly open: (signal: AbortSignal) => Promise<StreamLease>;
  /** Keeps the programme's past. */
  readonly record: (programme: LiveProgramme, onChange: () => void) => TapeHold;
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
/** More tracks than a programme has. */
const MAX_DISABLED = 64;
/** What of the past waits for a client at most. */
const REPLAY_QUEUE_BYTES = 512 * 1024;

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
  #tracks: readonly Track[] = [];
  #timeshift: Timeshift | null = null;
  /** Of its first unit; kept when the stream is opened again, so that times go on. */
  #baseTicks: number | null = null;
  #isStarted = false;
  readonly #disabled = new Set<number>();
  /** Of the live unit to come. */
  #nextSequence = 0;
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
      onUnit: (unit, sequence) => this.#onUnit(unit, sequence),
      onEnd: (error) => this.#onEnd(error),
    });
    const { wishes, record, send } = this.#options;
    if (wishes.timeshiftSeconds > 0) {
      this.#timeshift = new Timeshift({
        programme,
        record: (onChange) => record(programme, onChange),
        periodTicks: wishes.timeshiftSeconds * 90_000,
        onUnit: (unit) => this.#replay(unit),
        onCut: () => this.#cut(),
        onLive: (sequence) => this.#follow(programme, sequence),
        onSpeed: (speed) => send('subscriptionSpeed', { speed }),
      });
    }
    const { tracks } = programme;
    if (tracks === null) return;
    this.#onTracks(tracks);
    this.#follow(programme, programme.joinSequence);
  }

  /** Everything from a unit on that is kept in memory, and then what comes. */
  #follow(programme: LiveProgramme, from: number): void {
    this.#nextSequence = from;
    for (const unit of programme.since(from) ?? []) {
      this.#nextSequence++;
      this.#deliver(unit, true);
    }
    this.#options.onQueued();
  }

  /** Tracks by number that are sent again, and that are not sent any more. */
  filter(enable: readonly number[], disable: readonly number[]): void {
    for (const track of enable) this.#disabled.delete(track);
    for (const track of disable.slice(0, MAX_DISABLED)) this.#disabled.add(track);
  }

  /** 0 stops, 100 is normal, more is faster, less than 0 backwards. */
  setSpeed(speed: number): void {
    const now = this.#timeshift?.setSpeed(speed, this.#nextSequence) ?? NORMAL_SPEED;
    this.#options.send('subscriptionSpeed', { speed: now });
  }

  /** To a time of the client's, or so far from where it is; null goes back to what is live. */
  skip(to: { readonly time: number; readonly isAbsolute: boolean } | null): void {
    const { send } = this.#options;
    const clock = this.#clock;
    if (this.#timeshift === null || clock === null) {
      send('subscriptionSkip', { error: 1 });
      return;
    }
    if (to === null) {
      this.#timeshift.goLive();
      send('subscriptionSkip', { live: 1 });
      return;
    }
    const target = to.isAbsolute
      ? ticksOf(to.time, clock)
      : this.#timeshift.positionDts + ticksOf(to.time, { ...clock, baseTicks: 0 });
    const reached = this.#timeshift.skip(Math.max(target, clock.baseTicks));
    if (reached === null) send('subscriptionSkip', { error: 1 });
    else send('subscriptionSkip', { absolute: 1, time: clientTime(reached, clock) });
    this.#timeshift.afterSkip();
  }

  /** Each second, where time-shift was asked for. */
  reportTimeshift(): void {
    const clock = this.#clock;
    const status = this.#timeshift?.status ?? null;
    if (status === null || clock === null || !this.isRunning) return;
    this.#options.send('timeshiftStatus', {
      full: status.isFull ? 1 : 0,
      shift: Math.max(0, clientTime(status.shiftTicks, { ...clock, baseTicks: 0 })),
      start: status.startDts === null ? undefined : Math.max(0, clientTime(status.startDts, clock)),
      end: status.endDts === null ? undefined : Math.max(0, clientTime(status.endDts, clock)),
    });
  }

  get #clock(): ClientClock | null {
    const { unit } = this.#options.wishes;
    return this.#baseTicks === null ? null : { unit, baseTicks: this.#baseTicks };
  }

  #onTracks(tracks: readonly Track[]): void {
    this.#tracks = tracks;
    this.#disabled.clear();
    this.#timeshift?.goLive();
    if (this.#isStarted) this.#options.send('subscriptionStop', {});
    this.#isStarted = true;
    this.#gate = new StartGate(tracks);
    this.#options.send('subscriptionStart', startFields(tracks, this.#options.source()));
  }

  #onUnit(unit: AccessUnit, sequence: number): void {
    if (this.#timeshift?.isShifted === true) return;
    this.#nextSequence = sequence + 1;
    this.#deliver(unit);
    this.#options.onQueued();
  }

  /** A unit of the past: waits for room instead of being left out. */
  #replay(unit: AccessUnit): boolean {
    if (this.queue.bytes > REPLAY_QUEUE_BYTES) return false;
    this.#deliver(unit);
    this.#options.onQueued();
    return true;
  }

  /** What waits is not wanted any more, and what follows begins anew. */
  #cut(): void {
    this.queue.clear();
    this.#gate = new StartGate(this.#tracks);
  }

  #deliver(unit: AccessUnit, isNeeded = false): void {
    if (this.#gate?.passes(unit) !== true || this.#disabled.has(unit.track)) return;
    const { wishes, queue } = this.#options;
    this.#baseTicks ??= wishes.normalized ? (this.#gate.firstDts ?? unit.dts) : 0;
    queue.push(muxPacket(unit, wishes.id, { unit: wishes.unit, baseTicks: this.#baseTicks }), isNeeded);
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
    this.#timeshift?.close();
    this.#timeshift = null;
    this.#leave?.();
    this.#leave = null;
    this.#lease?.release();
    this.#lease = null;
    this.#gate = null;
  }
}
