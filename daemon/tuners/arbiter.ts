import type { Clock } from '#shared/clock.ts';
import { XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { BoxPicture } from './box-picture.ts';
import { type Lease, type LeaseViewer, leaseClass, type Refusal, type Revocation, type TunerState } from './state.ts';
import {
  type GrantReason,
  type LeaseRequest,
  nextDueMs,
  step,
  type TunerAction,
  type TunerEvent,
} from './transition.ts';
import { collisionText, refusalText, revocationText } from './words.ts';

export interface ArbiterBox {
  readonly id: string;
  readonly name: string;
  /** Tuners that stay free for the television while the box is not in standby. */
  readonly keepFree: number;
}

export interface ArbiterOptions {
  readonly boxes: readonly ArbiterBox[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onRefused?: (refusal: Refusal) => void;
  readonly onRevoked?: (lease: Lease, why: Revocation) => void;
}

export interface Grant {
  readonly box: string;
  readonly why: GrantReason;
  /** The tuner was left just now: give the box a moment. */
  readonly justFreed: boolean;
}

/** Longest time that a timer of the process is set for; longer waits are made of several. */
const MAX_ALARM_MS = 3_600_000;

/** Holds the state, carries out what the transitions say, and wakes up when a lease has to end. */
export class Arbiter {
  readonly #options: ArbiterOptions;
  readonly #revokers = new Map<string, (error: XgError) => void>();
  readonly #listeners = new Set<() => void>();
  #state: TunerState;
  #cancelAlarm: (() => void) | null = null;

  constructor(options: ArbiterOptions) {
    this.#options = options;
    this.#state = {
      boxes: options.boxes.map((box) => ({
        ...box,
        picture: null,
        lost: null,
        unknownUses: 0,
        tellsTelevision: false,
      })),
      leases: [],
      ended: [],
    };
  }

  get state(): TunerState {
    return this.#state;
  }

  get nowMs(): number {
    return this.#options.clock.nowMs();
  }

  /** Calls back after every change until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Grants a lease, or moves one that there is. `onRevoked` is called when it is taken away again, with the error for its
   * viewers.
   *
   * @throws XgError `NO_TUNER` with the reason in words and `retryAfterSeconds` in its data.
   */
  request(request: LeaseRequest, onRevoked: (error: XgError) => void): Grant {
    this.#revokers.delete(request.id);
    const actions = this.#apply({ kind: 'request', request });
    for (const action of actions) {
      if (action.kind === 'refused') throw refusalError(action.refusal);
      if (action.kind === 'granted') {
        // The same step may have taken it back: a timer begins just now.
        const revoked = actions.find((other) => other.kind === 'revoked' && other.lease.id === request.id);
        if (revoked?.kind === 'revoked') throw revocationError(revoked.lease, revoked.why);
        this.#revokers.set(request.id, onRevoked);
        return { box: action.lease.box, why: action.why, justFreed: action.justFreed };
      }
    }
    throw new XgError('NO_TUNER', `No decision was made about ${request.service.name}`);
  }

  release(id: string): void {
    this.#revokers.delete(id);
    if (this.#state.leases.some((lease) => lease.id === id)) this.#apply({ kind: 'release', id });
  }

  viewers(id: string, viewers: readonly LeaseViewer[]): void {
    this.#apply({ kind: 'viewers', id, viewers });
  }

  observe(box: string, picture: BoxPicture): void {
    this.#apply({ kind: 'picture', box, picture });
  }

  /** What people call the box. */
  rename(box: string, name: string): void {
    this.#state = {
      ...this.#state,
      boxes: this.#state.boxes.map((one) => (one.id === box ? { ...one, name } : one)),
    };
  }

  lost(box: string, why: string): void {
    this.#apply({ kind: 'lost', box, why });
  }

  close(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    this.#listeners.clear();
    this.#revokers.clear();
  }

  #apply(event: TunerEvent): readonly TunerAction[] {
    const { state, actions } = step(this.#state, event, this.#options.clock.nowMs());
    this.#state = state;
    this.#setAlarm();
    for (const action of actions) this.#carryOut(action);
    for (const listener of [...this.#listeners]) listener();
    return actions;
  }

  #carryOut(action: TunerAction): void {
    const { logger, onRefused, onRevoked } = this.#options;
    switch (action.kind) {
      case 'granted':
        logger.debug(
          { channel: action.lease.service.id, receiver: action.lease.box, why: action.why },
          `tuner granted for ${action.lease.service.name}`,
        );
        return;
      case 'refused':
        onRefused?.(action.refusal);
        return;
      case 'revoked': {
        const { lease, why } = action;
        const error = revocationError(lease, why);
        logger.warn(
          { channel: lease.service.id, receiver: lease.box, cause: why.cause, class: leaseClass(lease) },
          error.message,
        );
        onRevoked?.(lease, why);
        const revoke = this.#revokers.get(lease.id);
        this.#revokers.delete(lease.id);
        revoke?.(error);
        return;
      }
      case 'warned':
        if (action.lease.collision === null) return;
        logger.info(
          { channel: action.lease.service.id, receiver: action.lease.box, endsAtMs: action.lease.collision.atMs },
          `${action.lease.service.name} will end: ${collisionText(action.lease.collision)}`,
        );
        return;
    }
  }

  #setAlarm(): void {
    this.#cancelAlarm?.();
    this.#cancelAlarm = null;
    const dueMs = nextDueMs(this.#state);
    if (dueMs === null) return;
    const { clock } = this.#options;
    const waitMs = Math.min(MAX_ALARM_MS, Math.max(0, dueMs - clock.nowMs()));
    this.#cancelAlarm = clock.after(waitMs, () => this.#apply({ kind: 'tick' }));
  }
}

export function refusalError(refusal: Refusal): XgError {
  const { retryAfterSeconds, service } = refusal;
  return new XgError('NO_TUNER', refusalText(refusal), { data: { channel: service.id, retryAfterSeconds } });
}

function revocationError(lease: Lease, why: Revocation): XgError {
  return new XgError('TUNER_TAKEN', revocationText(lease, why), {
    data: { channel: lease.service.id, cause: why.cause },
  });
}
