import type { BoxPicture, TimerClaim, TunedService } from './box-picture.ts';

/**
 * Who wants a tuner, the least first. The box's own television and its recordings are above all of them: no lease of ours
 * ever costs them a tuner.
 */
export const LEASE_CLASSES = ['background', 'interactive', 'recording'] as const;
export type LeaseClass = (typeof LEASE_CLASSES)[number];

/** Somebody to whom the bytes of a lease flow. */
export interface LeaseViewer {
  readonly id: string;
  readonly class: LeaseClass;
  /** For people: `Kodi at 192.168.1.5`. */
  readonly name: string;
  /** Null where there is none. */
  readonly address: string | null;
}

/** A timer that will take the tuner of a lease. */
export interface Collision {
  readonly timer: TimerClaim;
  /** When the lease has to go. */
  readonly atMs: number;
}

/** A service of ours that the box tunes for us. Without viewers it lingers, and is anybody's who wants its tuner. */
export interface Lease {
  readonly id: string;
  readonly service: TunedService;
  readonly box: string;
  readonly viewers: readonly LeaseViewer[];
  readonly sinceMs: number;
  readonly collision: Collision | null;
}

export interface BoxState {
  readonly id: string;
  /** For people: its model, or its address before that is known. */
  readonly name: string;
  /** Tuners that stay free for the television while the box is not in standby. */
  readonly keepFree: number;
  /** The last one; null before the first. */
  readonly picture: BoxPicture | null;
  /** Why it cannot be reached; null while it can, as far as is known. */
  readonly lost: string | null;
  /** Tuners that were busy in the picture beyond all that it names and all that was ours. */
  readonly unknownUses: number;
  /** It has been seen to tell a tuner of its television: so when it tells none, the television has none. */
  readonly tellsTelevision: boolean;
}

/** Everything that decisions are made from. */
export interface TunerState {
  readonly boxes: readonly BoxState[];
  readonly leases: readonly Lease[];
  /** Services of ours that ended a moment ago, which a box may still tell of as streams. */
  readonly ended: readonly { readonly service: TunedService; readonly box: string; readonly untilMs: number }[];
}

/** Why a lease was taken away. */
export type Revocation =
  | { readonly cause: 'timer'; readonly timer: TimerClaim }
  | { readonly cause: 'television'; readonly service: TunedService }
  | { readonly cause: 'viewer'; readonly service: TunedService; readonly class: LeaseClass; readonly who: string };

/** Why there is none. */
export interface Refusal {
  readonly service: TunedService;
  /** By box that has the service, in order. */
  readonly boxes: readonly { readonly box: BoxState; readonly reason: RefusalReason }[];
  readonly retryAfterSeconds: number;
}

export type RefusalReason =
  /** All tuners that could receive it are in use by these. */
  | { readonly kind: 'full'; readonly uses: readonly TunerUse[]; readonly tuners: number }
  /** Its tuners do not receive what the service is broadcast over. */
  | { readonly kind: 'no-such-tuner' }
  | { readonly kind: 'kept-free'; readonly uses: readonly TunerUse[]; readonly tuners: number }
  | { readonly kind: 'lost'; readonly why: string };

/** One transponder in use, and for whom. */
export interface TunerUse {
  /** Null for a tuner that is busy with something the box does not tell. */
  readonly transponder: string | null;
  readonly by: readonly TunerUser[];
}

export type TunerUser =
  | { readonly kind: 'television'; readonly service: TunedService }
  | { readonly kind: 'recording'; readonly timer: TimerClaim }
  | { readonly kind: 'timer'; readonly timer: TimerClaim }
  | { readonly kind: 'other-stream'; readonly service: TunedService }
  | { readonly kind: 'lease'; readonly lease: Lease };

/** Ranks by which one has to give way to another; a lease that lingers has the lowest. */
export const RANK_LINGERING = 0;

export function classRank(leaseClass: LeaseClass): number {
  return LEASE_CLASSES.indexOf(leaseClass) + 1;
}

export function leaseRank(lease: Pick<Lease, 'viewers'>): number {
  return Math.max(RANK_LINGERING, ...lease.viewers.map((viewer) => classRank(viewer.class)));
}

export function leaseClass(lease: Pick<Lease, 'viewers'>): LeaseClass | 'lingering' {
  return LEASE_CLASSES[leaseRank(lease) - 1] ?? 'lingering';
}
