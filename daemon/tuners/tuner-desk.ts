import { setTimeout as delay } from 'node:timers/promises';
import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';
import type { StreamTarget } from '../receiver/model.ts';
import type { Arbiter, Grant } from './arbiter.ts';
import { refusalError } from './arbiter.ts';
import { serviceOf } from './box-picture.ts';
import type { BoxWatch } from './box-watch.ts';
import type { LeaseViewer, Refusal } from './state.ts';
import { type GrantReason, type LeaseRequest, step } from './transition.ts';
import type { Waker } from './waker.ts';
import { collisionText, grantText, leaseText, refusalText } from './words.ts';

/** What opening services needs of a receiver. */
export interface DeskReceiver {
  streamUrl(ref: string, options: { name?: string; signal?: AbortSignal | undefined }): Promise<StreamTarget>;
  directStream(ref: string): StreamTarget | null;
  servicePlayable(ref: string, options: { signal?: AbortSignal | undefined }): Promise<boolean>;
  zap(ref: string, options: { signal?: AbortSignal | undefined }): Promise<void>;
}

export interface DeskBox {
  readonly id: string;
  readonly name: string;
  readonly receiver: DeskReceiver;
  readonly watch: Pick<BoxWatch, 'refresh' | 'ageMs'>;
  readonly waker: Pick<Waker, 'isConfigured' | 'wake'>;
  /** In standby it is zapped to the channel first, for images that stream nothing else. */
  readonly zapInStandby: boolean;
}

export interface DeskService {
  readonly id: string;
  readonly ref: string;
  readonly name: string;
}

export interface TunerDeskOptions {
  readonly arbiter: Arbiter;
  readonly boxes: readonly DeskBox[];
  /** Ids of the boxes that have a service, the one to be preferred first, with its reference there. */
  readonly boxesOf: (service: DeskService) => readonly { readonly box: string; readonly ref: string }[];
  readonly logger: Logger;
}

/** A service's hold on a tuner, for as long as a stream of it lives. */
export interface TunerHold {
  /** Waits until it has a tuner. @throws XgError `NO_TUNER`, `RECEIVER_WAKING`, `RECEIVER_ASLEEP`; the signal's reason. */
  take(signal: AbortSignal): Promise<void>;
  /** Bytes flow. */
  live(): void;
  release(): void;
}

/** For people who ask why a channel plays, or does not. */
export interface TunerProspect {
  readonly outcome: 'running' | 'refused' | GrantReason;
  readonly transponder: string | null;
  /** That have the service, the one to be preferred first. */
  readonly boxes: readonly string[];
  /** The one whose tuner it has or would get. */
  readonly box: string | null;
  readonly text: string;
  /** The timer that will end it. */
  readonly collision: string | null;
}

interface HeldService {
  readonly leaseId: string;
  readonly service: DeskService;
  readonly onRevoked: (error: XgError) => void;
  grant: Grant | null;
  /** Bytes flow: the box has tuned it. */
  isLive: boolean;
  /** In a row, without a byte between. */
  failures: number;
}

/** A picture so old is looked at anew before anybody is refused. */
const FRESH_MS = 1_000;
/** How long that may take. */
const LOOK_MS = 2_000;
/** How long a zap waits for the same client to leave its channel before. */
const OVERLAP_MS = 1_000;
/** What the box gets to free a tuner that was left just now. */
const SETTLE_MS = 250;
/** After so many failures another box is tried. */
const FAILURES_TO_MOVE = 2;
/** How long a box may take to say where a stream is while there is another that has it too. */
const FAILOVER_MS = 1_500;
/** Gone, or not coping: another box may do better. */
const LOST_CODES = new Set(['RECEIVER_UNREACHABLE', 'RECEIVER_TIMEOUT', 'RECEIVER_BUSY']);
/** The box's own word that it could not tune. */
const NO_TUNER_CODES = new Set(['NO_TUNER', 'TUNE_FAILED', 'UPSTREAM_BAD_ANSWER']);

/** Where streams get their tuners: asks the arbiter, looks at the boxes before it says no, wakes them, and moves on. */
export class TunerDesk {
  readonly #options: TunerDeskOptions;
  readonly #boxes: ReadonlyMap<string, DeskBox>;
  /** By channel: who watches it. */
  readonly #seats = new Map<string, Map<string, LeaseViewer>>();
  /** By channel. */
  readonly #held = new Map<string, HeldService>();
  #nextLease = 1;

  constructor(options: TunerDeskOptions) {
    this.#options = options;
    this.#boxes = new Map(options.boxes.map((box) => [box.id, box]));
  }

  /** Somebody watches a channel, in whatever profile, until the returned function is called. */
  sit(channel: string, viewer: LeaseViewer): () => void {
    const seats = this.#seats.get(channel) ?? new Map<string, LeaseViewer>();
    this.#seats.set(channel, seats);
    seats.set(viewer.id, viewer);
    this.#tellViewers(channel);
    return () => {
      if (!seats.delete(viewer.id)) return;
      if (seats.size === 0 && this.#seats.get(channel) === seats) this.#seats.delete(channel);
      this.#tellViewers(channel);
    };
  }

  /** `onRevoked`: the tuner was given to somebody else; the stream has to end with this error. */
  hold(service: DeskService, onRevoked: (error: XgError) => void): TunerHold {
    const held: HeldService = {
      leaseId: `${service.id}/${this.#nextLease++}`,
      service,
      onRevoked,
      grant: null,
      isLive: false,
      failures: 0,
    };
    this.#held.set(service.id, held);
    return {
      take: (signal) => this.#take(held, signal),
      live: () => {
        held.isLive = true;
        held.failures = 0;
      },
      release: () => {
        if (this.#held.get(service.id) === held) this.#held.delete(service.id);
        this.#options.arbiter.release(held.leaseId);
      },
    };
  }

  /**
   * Where a service is to be had: on the box whose tuner it holds. When that box does not answer, or was tried in vain,
   * on the next one that has the service and a tuner for it.
   *
   * @throws XgError of the receiver; `NO_TUNER`; the signal's reason.
   */
  async streamUrl(service: DeskService, signal: AbortSignal): Promise<StreamTarget> {
    const held = this.#held.get(service.id);
    const tried = new Set<string>();
    // Its box was lost, and somebody else had the tuner before it came back.
    if (held?.grant === null) this.#ask(held, []);
    if (held?.grant != null && held.failures >= FAILURES_TO_MOVE) {
      held.failures = 0;
      tried.add(held.grant.box);
      this.#move(held, tried);
    }
    for (;;) {
      const places = this.#options.boxesOf(service);
      const box = held?.grant?.box ?? places[0]?.box;
      const place = places.find((one) => one.box === box) ?? places[0];
      const desk = place === undefined ? undefined : this.#boxes.get(place.box);
      if (place === undefined || desk === undefined) throw noReceiver(service);
      tried.add(desk.id);
      const hasOther = places.some((one) => !tried.has(one.box));
      const limit = hasOther ? AbortSignal.any([signal, AbortSignal.timeout(FAILOVER_MS)]) : signal;
      try {
        return await desk.receiver.streamUrl(place.ref, { name: service.name, signal: limit });
      } catch (error) {
        signal.throwIfAborted();
        const isLost = limit.aborted || LOST_CODES.has(errorCode(error));
        if (isLost) this.#options.arbiter.lost(desk.id, limit.aborted ? 'it took too long' : errorMessage(error));
        if (!isLost || held?.grant == null || !hasOther || !this.#move(held, tried)) throw error;
      }
    }
  }

  /** On the plain stream server of the box whose tuner it holds, without asking; null where there is no such thing. */
  directUrl(service: DeskService): StreamTarget | null {
    const places = this.#options.boxesOf(service);
    const box = this.boxOf(service.id);
    const place = places.find((one) => one.box === box) ?? places[0];
    return place === undefined ? null : (this.#boxes.get(place.box)?.receiver.directStream(place.ref) ?? null);
  }

  /** Where a channel was found it was not to be had. */
  failed(channel: string): void {
    const held = this.#held.get(channel);
    if (held === undefined) return;
    held.isLive = false;
    held.failures++;
  }

  /** The box that holds the tuner of a channel; null when there is none. */
  boxOf(channel: string): string | null {
    return this.#held.get(channel)?.grant?.box ?? null;
  }

  /** Who watches a channel through us, in whatever profile. */
  viewersOf(channel: string): LeaseViewer[] {
    return [...(this.#seats.get(channel)?.values() ?? [])];
  }

  /** What would be decided about a service now, and why not; nothing is granted. Null where it would get a tuner. */
  refusalOf(service: DeskService, viewers: readonly LeaseViewer[] = this.viewersOf(service.id)): XgError | null {
    const refusal = this.refusalFor(service, viewers);
    return refusal === null ? null : refusalError(refusal);
  }

  /** The same, before it is put into words. */
  refusalFor(service: DeskService, viewers: readonly LeaseViewer[]): Refusal | null {
    const { arbiter } = this.#options;
    const { actions } = step(
      arbiter.state,
      { kind: 'request', request: this.#request(`${service.id}/trial`, service, viewers) },
      arbiter.nowMs,
    );
    for (const action of actions) if (action.kind === 'refused') return action.refusal;
    return null;
  }

  /** Looks at the boxes that have a service, if that was not done a moment ago. */
  async look(service: DeskService): Promise<void> {
    await this.#look(this.#options.boxesOf(service).map((place) => place.box));
  }

  /** What would come of it if somebody asked for a service now. Nothing is granted. */
  prospect(service: DeskService): TunerProspect {
    const held = this.#held.get(service.id);
    const { arbiter, boxesOf } = this.#options;
    const { transponder } = serviceOf(service.ref, service.name);
    const common = { transponder, boxes: boxesOf(service).map((place) => place.box) };
    if (held?.grant != null) {
      const lease = arbiter.state.leases.find((one) => one.id === held.leaseId);
      const collision = lease?.collision == null ? null : collisionText(lease.collision);
      const text = `it runs already: ${lease === undefined ? service.name : leaseText(lease)}`;
      return { ...common, outcome: 'running', box: held.grant.box, text, collision };
    }
    const viewer: LeaseViewer = { id: 'trial', class: 'interactive', name: 'a viewer', address: null };
    const { actions } = step(
      arbiter.state,
      { kind: 'request', request: this.#request(`${service.id}/trial`, service, [viewer]) },
      arbiter.nowMs,
    );
    for (const action of actions) {
      if (action.kind === 'refused') {
        return { ...common, outcome: 'refused', box: null, text: refusalText(action.refusal), collision: null };
      }
      if (action.kind !== 'granted') continue;
      const gone = actions.flatMap((one) => (one.kind === 'revoked' ? [leaseText(one.lease)] : []));
      const warned = actions.findLast((one) => one.kind === 'warned' && one.lease.id === action.lease.id);
      const collision = warned?.kind === 'warned' ? warned.lease.collision : null;
      return {
        ...common,
        outcome: action.why,
        box: action.lease.box,
        text: gone.length === 0 ? grantText(action.why) : `${grantText(action.why)}: ${gone.join('; ')}`,
        collision: collision === null ? null : collisionText(collision),
      };
    }
    return { ...common, outcome: 'refused', box: null, text: 'no decision was made', collision: null };
  }

  /** A box said that it could not tune: the reason in words, if looking at it gives one. Else the error as it was. */
  async explainFailure(error: unknown, service: DeskService): Promise<unknown> {
    if (!(error instanceof XgError) || !NO_TUNER_CODES.has(error.code)) return error;
    await this.#look(this.#options.boxesOf(service).map((place) => place.box));
    const refusal = this.refusalOf(service);
    return refusal === null ? error : new XgError('NO_TUNER', refusal.message, { cause: error, data: refusal.data });
  }

  async #take(held: HeldService, signal: AbortSignal): Promise<void> {
    const grant = await this.#grant(held, signal);
    const desk = this.#boxes.get(grant.box);
    if (desk === undefined) return;
    if (desk.waker.isConfigured && this.#mayBeAsleep(desk)) await desk.waker.wake(signal);
    if (desk.zapInStandby) await this.#zap(desk, held.service, signal);
    if (grant.justFreed) await delay(SETTLE_MS, undefined, { signal });
  }

  async #grant(held: HeldService, signal: AbortSignal): Promise<Grant> {
    const attempt = (playable: readonly string[] = []): Grant | null => {
      try {
        return this.#ask(held, playable);
      } catch (error) {
        if (errorCode(error) !== 'NO_TUNER') throw error;
        return null;
      }
    };
    const places = this.#options.boxesOf(held.service);
    const soon = attempt();
    if (soon !== null) return soon;
    // Before anybody is refused: what we know may be old, or our count wrong.
    await this.#look(places.map((place) => place.box));
    signal.throwIfAborted();
    const fresh = attempt();
    if (fresh !== null) return fresh;
    const playable = await this.#playable(places, signal);
    const believed = playable.length === 0 ? null : attempt(playable);
    if (believed !== null) return believed;
    await this.#overlap(held.service, signal);
    return this.#ask(held, []);
  }

  #ask(held: HeldService, playable: readonly string[]): Grant {
    const viewers = this.viewersOf(held.service.id);
    const request = this.#request(held.leaseId, held.service, viewers, playable);
    held.grant = null;
    held.grant = this.#options.arbiter.request(request, (error) => {
      held.grant = null;
      held.onRevoked(error);
    });
    return held.grant;
  }

  /** To another box than those that were tried. False when none has the service and a tuner. */
  #move(held: HeldService, tried: ReadonlySet<string>): boolean {
    const { arbiter, boxesOf, logger } = this.#options;
    const before = held.grant?.box;
    const request = this.#request(held.leaseId, held.service, this.viewersOf(held.service.id));
    const boxes = boxesOf(held.service).flatMap(({ box }) => (tried.has(box) ? [] : [box]));
    if (boxes.length === 0 || before === undefined) return false;
    const onRevoked = (error: XgError): void => {
      held.grant = null;
      held.onRevoked(error);
    };
    try {
      held.grant = arbiter.request({ ...request, boxes }, onRevoked);
    } catch {
      // None of them has a tuner: it stays where it was, for when that box is back.
      try {
        held.grant = arbiter.request({ ...request, boxes: [before] }, onRevoked);
      } catch {
        held.grant = null; // somebody else has it by now; the next opening asks anew
      }
      return false;
    }
    logger.warn(
      { channel: held.service.id, from: before, to: held.grant.box },
      `${held.service.name} moves to another receiver`,
    );
    return true;
  }

  #request(
    id: string,
    service: DeskService,
    viewers: readonly LeaseViewer[],
    playable: readonly string[] = [],
  ): LeaseRequest {
    const { transponder } = serviceOf(service.ref, service.name);
    return {
      id,
      service: { id: service.id, name: service.name, transponder },
      boxes: this.#options.boxesOf(service).map((place) => place.box),
      viewers,
      playable,
    };
  }

  #mayBeAsleep(desk: DeskBox): boolean {
    const box = this.#options.arbiter.state.boxes.find((one) => one.id === desk.id);
    return (
      box === undefined || box.lost !== null || box.picture === null || box.picture.standby || desk.watch.ageMs > 60_000
    );
  }

  async #zap(desk: DeskBox, service: DeskService, signal: AbortSignal): Promise<void> {
    await desk.watch.refresh({ maxAgeMs: FRESH_MS });
    const { picture } = this.#options.arbiter.state.boxes.find((one) => one.id === desk.id) ?? { picture: null };
    if (picture?.standby !== true) return; // somebody may be watching
    const place = this.#options.boxesOf(service).find((one) => one.box === desk.id);
    if (place !== undefined) await desk.receiver.zap(place.ref, { signal });
  }

  async #look(boxes: readonly string[]): Promise<void> {
    const looks = boxes.flatMap((id) => this.#boxes.get(id)?.watch.refresh({ maxAgeMs: FRESH_MS }) ?? []);
    await Promise.race([Promise.all(looks), delay(LOOK_MS, undefined, { ref: false })]);
  }

  /** Boxes that say they have a tuner. Only asked when all that is ours runs: else the box counts too few. */
  async #playable(places: readonly { box: string; ref: string }[], signal: AbortSignal): Promise<string[]> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(FRESH_MS)]);
    const answers = places.map(async ({ box, ref }) => {
      const held = [...this.#held.values()].filter((one) => one.grant?.box === box);
      if (held.some((one) => !one.isLive)) return [];
      try {
        const isPlayable = await this.#boxes.get(box)?.receiver.servicePlayable(ref, { signal: limit });
        return isPlayable === true ? [box] : [];
      } catch {
        return []; // old images do not know the call: our own count stands
      }
    });
    const found = (await Promise.all(answers)).flat();
    signal.throwIfAborted();
    return found;
  }

  /** Players open the next channel before they close the one before: they get a moment to do so. */
  async #overlap(service: DeskService, signal: AbortSignal): Promise<void> {
    const { arbiter } = this.#options;
    const addresses = new Set(this.viewersOf(service.id).flatMap((viewer) => viewer.address ?? []));
    const isSame = (viewer: LeaseViewer): boolean => viewer.address !== null && addresses.has(viewer.address);
    if (!arbiter.state.leases.some((lease) => lease.viewers.some(isSame))) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const unsubscribe = arbiter.onChange(() => {
      if (this.refusalOf(service) === null) resolve();
    });
    try {
      await Promise.race([promise, delay(OVERLAP_MS, undefined, { signal })]);
    } finally {
      unsubscribe();
    }
  }

  #tellViewers(channel: string): void {
    const held = this.#held.get(channel);
    if (held?.grant != null) this.#options.arbiter.viewers(held.leaseId, this.viewersOf(channel));
  }
}

function noReceiver(service: DeskService): XgError {
  return new XgError('NO_TUNER', `No receiver has ${service.name}`);
}
