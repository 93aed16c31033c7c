import type { About, BoxTimer, StatusInfo } from '../receiver/model.ts';
import { channelId, parseServiceReference, transponderKey } from '../receiver/service-reference.ts';
import { type Delivery, deliveriesOf } from './demodulators.ts';

/** A service as far as tuners are concerned. */
export interface TunedService {
  /** The channel's id. */
  readonly id: string;
  readonly name: string;
  /** `namespace:tsid:onid`; null: needs no tuner. */
  readonly transponder: string | null;
}

/** A timer that will want a tuner, or has one. Times are Unix milliseconds. */
export interface TimerClaim {
  readonly service: TunedService;
  readonly name: string;
  readonly prepareMs: number;
  readonly beginMs: number;
  readonly endMs: number;
  /** Changes the channel of the television instead of recording. */
  readonly zapOnly: boolean;
}

/** What a box told of itself, at one moment. */
export interface BoxPicture {
  readonly atMs: number;
  /** When it told of its tuners and streams, which it is asked less often. */
  readonly tunersAtMs: number;
  /** By tuner what it can receive; empty while the box does not tell its tuners. */
  readonly tuners: readonly (readonly Delivery[])[];
  /** Tuners that the box says are in use, by whomever. */
  readonly busyTuners: number;
  readonly standby: boolean;
  /** What the television shows; null in standby and for what is no broadcast. */
  readonly television: (TunedService & { readonly hasTuner: boolean }) | null;
  /** Readers of the stream server: we and others. */
  readonly streams: readonly TunedService[];
  /** Recordings that have their tuner. */
  readonly recordings: readonly TimerClaim[];
  /** Timers to come, the next one first. */
  readonly upcoming: readonly TimerClaim[];
}

/** Timers further away do not matter to anybody who watches now. */
const HORIZON_MS = 24 * 3_600_000;

/** Puts the three answers together. */
export function boxPicture(
  answers: { about: About; status: StatusInfo; timers: readonly BoxTimer[] },
  nowMs: number,
  tunersAtMs = nowMs,
): BoxPicture {
  const { about, status, timers } = answers;
  const claims = timers.filter((timer) => !timer.disabled).map((timer) => ({ timer, claim: claimOf(timer) }));
  const isRunning = ({ timer, claim }: (typeof claims)[number]): boolean => {
    if (claim.zapOnly) return false;
    if (timer.state === null) return claim.prepareMs <= nowMs && nowMs < claim.endMs;
    return timer.state === 'running' || timer.state === 'prepared';
  };
  const isUpcoming = ({ timer, claim }: (typeof claims)[number]): boolean => {
    // A zap that has been done shows in what the television shows.
    const over = timer.state === 'ended' || claim.endMs <= nowMs || (claim.zapOnly && claim.beginMs <= nowMs);
    return !over && claim.prepareMs < nowMs + HORIZON_MS;
  };
  return {
    atMs: nowMs,
    tunersAtMs,
    tuners: about.tuners.map((tuner) => deliveriesOf(tuner.type)),
    busyTuners: about.tuners.filter((tuner) => `${tuner.live}${tuner.recording}${tuner.stream}` !== '').length,
    standby: status.standby,
    television: televisionOf(about, status),
    streams: about.streams.map((stream) => serviceOf(stream.ref, stream.name)),
    recordings: claims.filter(isRunning).map(({ claim }) => claim),
    upcoming: claims
      .filter((one) => !isRunning(one) && isUpcoming(one))
      .map(({ claim }) => claim)
      .sort((one, other) => one.prepareMs - other.prepareMs),
  };
}

function televisionOf(about: About, status: StatusInfo): BoxPicture['television'] {
  if (status.standby || status.currentService === null) return null;
  const service = serviceOf(status.currentService.ref, status.currentService.name);
  return service.transponder === null
    ? null
    : { ...service, hasTuner: about.tuners.some((tuner) => tuner.live !== '') };
}

export function serviceOf(ref: string, name: string): TunedService {
  const parsed = parseServiceReference(ref);
  return parsed === null
    ? { id: ref, name, transponder: null }
    : { id: channelId(parsed), name: name || parsed.name, transponder: transponderKey(parsed) };
}

function claimOf(timer: BoxTimer): TimerClaim {
  return {
    service: serviceOf(timer.ref, timer.serviceName),
    name: timer.name,
    prepareMs: timer.prepareSeconds * 1000,
    beginMs: timer.beginSeconds * 1000,
    endMs: timer.endSeconds * 1000,
    zapOnly: timer.zapOnly,
  };
}
