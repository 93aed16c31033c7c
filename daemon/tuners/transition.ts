import type { BoxPicture, TunedService } from './box-picture.ts';
import { deliveryOf } from './demodulators.ts';
import {
  fitsBox,
  isImminent,
  leasesOf,
  type Occupancy,
  occupancyAt,
  occupancyNow,
  ownServices,
  TIMER_LEAD_MS,
  unknownUses,
} from './occupancy.ts';
import {
  type BoxState,
  type Collision,
  classRank,
  type Lease,
  type LeaseClass,
  type LeaseViewer,
  leaseRank,
  type Refusal,
  type RefusalReason,
  type Revocation,
  type TunerState,
} from './state.ts';

export interface LeaseRequest {
  readonly id: string;
  readonly service: TunedService;
  /** Boxes that have the service, the one to be preferred first. */
  readonly boxes: readonly string[];
  readonly viewers: readonly LeaseViewer[];
  /** Boxes that say of themselves that they have a tuner for it: more is not to be known where ours are counted wrong. */
  readonly playable?: readonly string[];
}

/** What happens. */
export type TunerEvent =
  | { readonly kind: 'picture'; readonly box: string; readonly picture: BoxPicture }
  | { readonly kind: 'lost'; readonly box: string; readonly why: string }
  /** Also for a lease that there is: it is asked for anew, and may move to another box. */
  | { readonly kind: 'request'; readonly request: LeaseRequest }
  | { readonly kind: 'viewers'; readonly id: string; readonly viewers: readonly LeaseViewer[] }
  | { readonly kind: 'release'; readonly id: string }
  /** Time has passed. */
  | { readonly kind: 'tick' };

/** What is to be done about it. */
export type TunerAction =
  | {
      readonly kind: 'granted';
      readonly lease: Lease;
      readonly why: GrantReason;
      /** It gets a tuner that was left just now, which the box may not have noticed yet. */
      readonly justFreed: boolean;
    }
  | { readonly kind: 'refused'; readonly id: string; readonly refusal: Refusal }
  | { readonly kind: 'revoked'; readonly lease: Lease; readonly why: Revocation }
  /** The lease's collision has come, changed or gone. */
  | { readonly kind: 'warned'; readonly lease: Lease };

/**
 * - `no-tuner-needed`: it is no broadcast
 * - `shared`: its transponder is received already
 * - `free`: a tuner is free
 * - `preempted`: somebody had to give way
 * - `box-says-so`: by our count none is free, but the box says that it has one
 */
export type GrantReason = 'no-tuner-needed' | 'shared' | 'free' | 'preempted' | 'box-says-so';

export interface TunerStep {
  readonly state: TunerState;
  readonly actions: readonly TunerAction[];
}

/** How long a box may still tell of a stream that we have closed. */
const ENDED_MS = 5_000;
/** How long a box may take to free the tuner of a stream that was closed. */
const CLOSING_MS = 1_000;
const MIN_RETRY_SECONDS = 5;
const MAX_RETRY_SECONDS = 300;
/** When nothing says when a tuner will be free: those who zap leave one soon. */
const USUAL_RETRY_SECONDS = 10;

/** The one function that changes the state. */
export function step(state: TunerState, event: TunerEvent, nowMs: number): TunerStep {
  const ended = state.ended.filter((end) => end.untilMs > nowMs);
  const changed = apply({ ...state, ended }, event, nowMs);
  return settle(changed, nowMs);
}

/** When something will have to be done without a further event; null when there is nothing to come. */
export function nextDueMs(state: TunerState): number | null {
  const due = state.leases.flatMap((lease) => (lease.collision === null ? [] : [lease.collision.atMs]));
  return due.length === 0 ? null : Math.min(...due);
}

function apply(state: TunerState, event: TunerEvent, nowMs: number): TunerStep {
  switch (event.kind) {
    case 'picture':
      return quiet(
        changeBox(state, event.box, (box) => ({
          ...box,
          ...othersIn(state, box, event.picture),
          lost: null,
          tellsTelevision: box.tellsTelevision || event.picture.television?.hasTuner === true,
        })),
      );
    case 'lost':
      return quiet(changeBox(state, event.box, (box) => ({ ...box, lost: event.why })));
    case 'viewers':
      return quiet(changeLease(state, event.id, (lease) => ({ ...lease, viewers: event.viewers })));
    case 'release':
      return quiet(endLeases(state, (lease) => lease.id === event.id, nowMs));
    case 'request':
      return request(
        endLeases(state, (lease) => lease.id === event.request.id, nowMs),
        event.request,
        nowMs,
      );
    case 'tick':
      return quiet(state);
  }
}

const quiet = (state: TunerState): TunerStep => ({ state, actions: [] });

function request(state: TunerState, wish: LeaseRequest, nowMs: number): TunerStep {
  const known = wish.boxes.flatMap((id) => state.boxes.find((box) => box.id === id) ?? []);
  // A box that does not answer is asked only where there is no other: it may be back.
  const boxes = [...known.filter((box) => box.lost === null), ...known.filter((box) => box.lost !== null)];
  const { transponder } = wish.service;
  const grant = (box: BoxState, why: GrantReason, from: TunerState = state): TunerStep => {
    const lease: Lease = {
      id: wish.id,
      service: wish.service,
      box: box.id,
      viewers: wish.viewers,
      sinceMs: nowMs,
      collision: null,
    };
    const justFreed = why !== 'shared' && !fitsBesideEnded(from, box, lease.service, nowMs);
    return {
      state: { ...from, leases: [...from.leases, lease] },
      actions: [{ kind: 'granted', lease, why, justFreed }],
    };
  };
  const [first] = boxes;
  if (first !== undefined && transponder === null) return grant(first, 'no-tuner-needed');
  if (transponder === null) return refuse(state, wish, [], nowMs);

  for (const box of boxes) {
    if (occupancyNow(state, box, nowMs).transponders.has(transponder)) return grant(box, 'shared');
  }
  for (const box of boxes) {
    if (fitsBox(box, withTransponder(occupancyNow(state, box, nowMs), transponder), keepFree(box)))
      return grant(box, 'free');
  }
  for (const box of boxes) if (wish.playable?.includes(box.id) === true) return grant(box, 'box-says-so');
  for (const box of boxes) {
    const victims = victimsFor(state, box, (rest) => withTransponder(occupancyNow(rest, box, nowMs), transponder), {
      below: Math.max(leaseRank(wish), classRank('background')),
      spare: keepFree(box),
    });
    if (victims === null) continue;
    const why: Revocation = {
      cause: 'viewer',
      service: wish.service,
      class: strongestClass(wish.viewers),
      who: wish.viewers[0]?.name ?? 'a viewer',
    };
    const { state: rest, actions } = revoke(state, victims, why, nowMs);
    const granted = grant(box, 'preempted', rest);
    return { state: granted.state, actions: [...actions, ...granted.actions] };
  }
  return refuse(state, wish, boxes, nowMs);
}

/** What holds at all times: television and timers get their tuners, and leases know of what will end them. */
function settle({ state: start, actions: before }: TunerStep, nowMs: number): TunerStep {
  let state = start;
  const actions = [...before];
  for (const box of state.boxes) {
    const step = protectBox(state, box, nowMs);
    state = step.state;
    actions.push(...step.actions);
  }
  for (const box of state.boxes) {
    const step = foresee(state, box, nowMs);
    state = step.state;
    actions.push(...step.actions);
  }
  return { state, actions };
}

/** Ends leases that are in the way of the television or of a timer that is about to take its tuner. */
function protectBox(state: TunerState, box: BoxState, nowMs: number): TunerStep {
  if (box.picture === null || leasesOf(state, box).length === 0) return quiet(state);
  const above = Number.POSITIVE_INFINITY;
  const victims = victimsFor(state, box, (rest) => occupancyNow(rest, box, nowMs), { below: above, spare: 0 });
  if (victims === null || victims.length === 0) return quiet(state);
  const timer = box.picture.upcoming.find((claim) => isImminent(claim, nowMs));
  const { television } = box.picture;
  if (timer !== undefined) return revoke(state, victims, { cause: 'timer', timer }, nowMs);
  if (television === null) return quiet(state); // others have taken what we have: the box will tell who has to go
  if (television.hasTuner) return quiet(state);
  return revoke(state, victims, { cause: 'television', service: television }, nowMs);
}

/** Tells leases which timer will end them, and when. */
function foresee(state: TunerState, box: BoxState, nowMs: number): TunerStep {
  const collisions = new Map<string, Collision>();
  let staying: readonly Lease[] = leasesOf(state, box);
  for (const timer of box.picture?.upcoming ?? []) {
    if (isImminent(timer, nowMs)) continue;
    const victims = victimsFor({ ...state, leases: staying }, box, (rest) => occupancyAt(rest, box, timer, nowMs), {
      below: Number.POSITIVE_INFINITY,
      spare: 0,
    });
    for (const lease of victims ?? []) collisions.set(lease.id, { timer, atMs: timer.prepareMs - TIMER_LEAD_MS });
    staying = staying.filter((lease) => !collisions.has(lease.id));
  }
  const actions: TunerAction[] = [];
  const leases = state.leases.map((lease) => {
    const collision = collisions.get(lease.id) ?? null;
    if (lease.box !== box.id || sameCollision(lease.collision, collision)) return lease;
    const changed = { ...lease, collision };
    actions.push({ kind: 'warned', lease: changed });
    return changed;
  });
  return { state: { ...state, leases }, actions };
}

function sameCollision(one: Collision | null, other: Collision | null): boolean {
  return one?.atMs === other?.atMs && one?.timer.name === other?.timer.name;
}

/**
 * The leases to end so that all that `occupancyOf` counts fits the box: those of as few transponders as need be, the
 * lowest rank first, then the fewest viewers, then the youngest. Empty when it fits as it is; null when ending leases
 * below that rank does not help.
 */
function victimsFor(
  state: TunerState,
  box: BoxState,
  occupancyOf: (state: TunerState) => Occupancy,
  { below, spare }: { below: number; spare: number },
): Lease[] | null {
  const without = (gone: readonly Lease[]): TunerState => ({
    ...state,
    leases: state.leases.filter((lease) => !gone.includes(lease)),
  });
  const fitsWithout = (gone: readonly Lease[]): boolean => fitsBox(box, occupancyOf(without(gone)), spare);
  if (fitsWithout([])) return [];
  const groups = [...Map.groupBy(leasesOf(state, box), (lease) => lease.service.transponder)]
    .filter(([, leases]) => Math.max(...leases.map(leaseRank)) < below)
    // Where others use the transponder as well, ending ours frees no tuner.
    .filter(([key, leases]) => key !== null && !occupancyOf(without(leases)).transponders.has(key))
    .map(([, leases]) => leases)
    .sort((one, other) => cost(one) - cost(other) || youngest(other) - youngest(one));
  const alone = groups.find((group) => fitsWithout(group));
  if (alone !== undefined) return alone;
  let gone: Lease[][] = [];
  for (const group of groups) {
    gone.push(group);
    if (!fitsWithout(gone.flat())) continue;
    for (const spared of gone.toReversed()) {
      const fewer = gone.filter((one) => one !== spared);
      if (fitsWithout(fewer.flat())) gone = fewer;
    }
    return gone.flat();
  }
  return null;
}

const VIEWER_BOUND = 10_000;

function cost(leases: readonly Lease[]): number {
  const viewers = leases.reduce((sum, lease) => sum + lease.viewers.length, 0);
  return Math.max(...leases.map(leaseRank)) * VIEWER_BOUND + Math.min(viewers, VIEWER_BOUND - 1);
}

function youngest(leases: readonly Lease[]): number {
  return Math.max(...leases.map((lease) => lease.sinceMs));
}

function revoke(state: TunerState, victims: readonly Lease[], why: Revocation, nowMs: number): TunerStep {
  return {
    state: endLeases(state, (lease) => victims.includes(lease), nowMs),
    actions: victims.map((lease) => ({ kind: 'revoked', lease, why })),
  };
}

function refuse(state: TunerState, wish: LeaseRequest, boxes: readonly BoxState[], nowMs: number): TunerStep {
  const reasons = boxes.map((box) => ({ box, reason: refusalReason(state, box, wish.service, nowMs) }));
  const retryAfterSeconds = retryAfter(boxes, nowMs);
  return {
    state,
    actions: [{ kind: 'refused', id: wish.id, refusal: { service: wish.service, boxes: reasons, retryAfterSeconds } }],
  };
}

function refusalReason(state: TunerState, box: BoxState, service: TunedService, nowMs: number): RefusalReason {
  if (box.lost !== null) return { kind: 'lost', why: box.lost };
  const tuners = box.picture?.tuners ?? [];
  const delivery = deliveryOf(service.transponder ?? '');
  if (!tuners.some((deliveries) => deliveries.includes(delivery))) return { kind: 'no-such-tuner' };
  const now = occupancyNow(state, box, nowMs);
  const fits = fitsBox(box, withTransponder(now, service.transponder ?? ''));
  return { kind: fits ? 'kept-free' : 'full', uses: now.uses, tuners: tuners.length };
}

/** The end of the recording that ends first, if that is what is in the way. */
function retryAfter(boxes: readonly BoxState[], nowMs: number): number {
  const ends = boxes.flatMap((box) => (box.picture?.recordings ?? []).map((timer) => timer.endMs - nowMs));
  const onlyRecordings = boxes.every(
    (box) => (box.picture?.recordings.length ?? 0) >= (box.picture?.tuners.length ?? 0),
  );
  if (ends.length === 0 || !onlyRecordings) return USUAL_RETRY_SECONDS;
  return Math.min(MAX_RETRY_SECONDS, Math.max(MIN_RETRY_SECONDS, Math.ceil(Math.min(...ends) / 1000)));
}

function strongestClass(viewers: readonly LeaseViewer[]): LeaseClass {
  const [first, ...rest] = viewers.map((viewer) => viewer.class);
  return rest.reduce((best, one) => (classRank(one) > classRank(best) ? one : best), first ?? 'background');
}

/** While the television may want one. */
function keepFree(box: BoxState): number {
  return box.picture?.standby === false ? box.keepFree : 0;
}

function withTransponder(occupancy: Occupancy, transponder: string): Occupancy {
  return { ...occupancy, transponders: new Set([...occupancy.transponders, transponder]) };
}

/** Whether the tuners would do if what has just ended still held theirs. */
function fitsBesideEnded(state: TunerState, box: BoxState, service: TunedService, nowMs: number): boolean {
  if (service.transponder === null) return true;
  const just = state.ended.filter((end) => end.box === box.id && end.untilMs > nowMs + ENDED_MS - CLOSING_MS);
  const occupancy = just.reduce(
    (sum, end) => (end.service.transponder === null ? sum : withTransponder(sum, end.service.transponder)),
    withTransponder(occupancyNow(state, box, nowMs), service.transponder),
  );
  return fitsBox(box, occupancy);
}

/**
 * The picture with the streams of others alone: ours, and those that were ours a moment before, are counted as leases. What
 * was found of an answer is kept as long as that answer is: later on nobody knows what was ours when it was given.
 */
function othersIn(state: TunerState, box: BoxState, picture: BoxPicture): Pick<BoxState, 'picture' | 'unknownUses'> {
  if (box.picture?.tunersAtMs === picture.tunersAtMs) {
    return { picture: { ...picture, streams: box.picture.streams }, unknownUses: box.unknownUses };
  }
  const own = new Set(ownServices(state, box, picture.tunersAtMs).map((service) => service.id));
  const streams = picture.streams.filter((service) => !own.has(service.id));
  return { picture: { ...picture, streams }, unknownUses: unknownUses(state, box, picture) };
}

function changeBox(state: TunerState, id: string, change: (box: BoxState) => BoxState): TunerState {
  return { ...state, boxes: state.boxes.map((box) => (box.id === id ? change(box) : box)) };
}

function changeLease(state: TunerState, id: string, change: (lease: Lease) => Lease): TunerState {
  return { ...state, leases: state.leases.map((lease) => (lease.id === id ? change(lease) : lease)) };
}

function endLeases(state: TunerState, isOver: (lease: Lease) => boolean, nowMs: number): TunerState {
  const over = state.leases.filter(isOver);
  if (over.length === 0) return state;
  const ended = over.map(({ service, box }) => ({ service, box, untilMs: nowMs + ENDED_MS }));
  return {
    ...state,
    leases: state.leases.filter((lease) => !isOver(lease)),
    ended: [...state.ended.filter((end) => !over.some((lease) => lease.service.id === end.service.id)), ...ended],
  };
}
