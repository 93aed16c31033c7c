import type { BoxPicture, TimerClaim, TunedService } from './box-picture.ts';
import { fitsTuners } from './demodulators.ts';
import type { BoxState, Lease, TunerState, TunerUse, TunerUser } from './state.ts';

/** How long before a timer takes its tuner one is kept for it, and those in its way end. */
export const TIMER_LEAD_MS = 5_000;

/** Who uses which transponder of a box. */
export interface Occupancy {
  readonly uses: readonly TunerUse[];
  /** Of those that are known. */
  readonly transponders: ReadonlySet<string>;
  /** Tuners that are busy with something nobody tells. */
  readonly unknown: number;
}

/** What the box's tuners do now, with the timers that are about to begin: what it tells, and what we do ourselves. */
export function occupancyNow(state: TunerState, box: BoxState, nowMs: number): Occupancy {
  const imminent = (box.picture?.upcoming ?? []).filter((timer) => isImminent(timer, nowMs));
  return occupancy(box, leasesOf(state, box), imminent, nowMs);
}

/** The same as it will be when this timer takes its tuner, if those who watch now still do. */
export function occupancyAt(state: TunerState, box: BoxState, timer: TimerClaim, nowMs: number): Occupancy {
  const claims = (box.picture?.upcoming ?? []).filter(
    (other) => other.prepareMs <= timer.prepareMs && timer.prepareMs < other.endMs,
  );
  return occupancy(box, leasesOf(state, box), claims, Math.max(nowMs, timer.prepareMs));
}

export function isImminent(timer: TimerClaim, nowMs: number): boolean {
  return timer.prepareMs - TIMER_LEAD_MS <= nowMs && nowMs < timer.endMs;
}

export function leasesOf(state: TunerState, box: Pick<BoxState, 'id'>): Lease[] {
  return state.leases.filter((lease) => lease.box === box.id);
}

/** Whether the box can receive all that, with `spare` tuners left over. A box that does not tell its tuners can. */
export function fitsBox(box: BoxState, { transponders, unknown }: Occupancy, spare = 0): boolean {
  const { picture } = box;
  if (picture === null || picture.tuners.length === 0) return true;
  return fitsTuners(picture.tuners, transponders, unknown + spare);
}

function occupancy(box: BoxState, leases: readonly Lease[], claims: readonly TimerClaim[], atMs: number): Occupancy {
  const users = new Map<string, TunerUser[]>();
  const add = (transponder: string | null, user: TunerUser): void => {
    if (transponder !== null) users.set(transponder, [...(users.get(transponder) ?? []), user]);
  };
  for (const lease of leases) add(lease.service.transponder, { kind: 'lease', lease });
  const { picture } = box;
  if (picture !== null) {
    const zap = claims.findLast((claim) => claim.zapOnly);
    const { television } = picture;
    // Without a tuner although it is on: it wants one.
    if (television !== null && zap === undefined && (television.hasTuner || box.tellsTelevision)) {
      add(television.transponder, { kind: 'television', service: television });
    }
    for (const timer of picture.recordings) {
      if (timer.endMs > atMs) add(timer.service.transponder, { kind: 'recording', timer });
    }
    for (const timer of claims) add(timer.service.transponder, { kind: 'timer', timer });
    for (const service of picture.streams) add(service.transponder, { kind: 'other-stream', service });
  }
  return {
    uses: [
      ...[...users].map(([transponder, by]) => ({ transponder, by })),
      ...Array.from({ length: box.unknownUses }, () => ({ transponder: null, by: [] })),
    ],
    transponders: new Set(users.keys()),
    unknown: box.unknownUses,
  };
}

/** Services that the box may tell of as streams because of us. */
export function ownServices(state: TunerState, box: Pick<BoxState, 'id'>, pictureMs: number): TunedService[] {
  return [
    ...leasesOf(state, box).map((lease) => lease.service),
    ...state.ended.filter((end) => end.box === box.id && end.untilMs >= pictureMs).map((end) => end.service),
  ];
}

/** Tuners that are busy in a picture beyond all that it names and all that is ours. */
export function unknownUses(state: TunerState, box: Pick<BoxState, 'id'>, picture: BoxPicture): number {
  const { television, recordings, streams, tunersAtMs, busyTuners } = picture;
  const named = [
    ...(television?.hasTuner === true ? [television] : []),
    ...recordings.map((timer) => timer.service),
    ...streams,
    ...ownServices(state, box, tunersAtMs),
  ];
  const known = new Set(named.map((service) => service.transponder).filter((key) => key !== null));
  return Math.max(0, busyTuners - known.size);
}
