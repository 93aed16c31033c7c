import type { DemoService } from '../lineup/services.ts';

/** 0 waiting, 1 prepared (the tuner is taken), 2 running, 3 ended. */
export type TimerState = 0 | 1 | 2 | 3;

/** What a client says of a timer. Times are Unix seconds. */
export interface TimerRequest {
  readonly service: DemoService;
  readonly begin: number;
  readonly end: number;
  readonly name: string;
  readonly description: string;
  readonly disabled: boolean;
  /** Only zaps there when it begins. */
  readonly justplay: boolean;
  /** 0 nothing, 1 standby, 2 deep standby, 3 automatic. */
  readonly afterevent: number;
  readonly dirname: string;
  readonly tags: string;
  /** Bits of the week's days, Monday 1; 0 once. Kept and told, not carried out. */
  readonly repeated: number;
  readonly eit: number;
}

export interface Timer extends TimerRequest {
  state: TimerState;
  /** Of the recording, once it runs. */
  filename: string | null;
  log: string;
  /** Seconds that it waits before it asks for a tuner once more; 0 while it has not failed. */
  backoff: number;
  /** Unix seconds of that. */
  retryAt: number;
}

/** As it stands in the list before anything has happened. */
export const waiting = (request: TimerRequest): Timer => ({
  ...request,
  state: 0,
  filename: null,
  log: '',
  backoff: 0,
  retryAt: 0,
});

/** A timer is known by these. */
export interface TimerIdentity {
  readonly ref: string;
  readonly begin: number;
  readonly end: number;
}

const overlaps = (a: TimerRequest, b: TimerRequest): boolean => a.begin < b.end && b.begin < a.end;
const records = (timer: TimerRequest): boolean => !timer.disabled && !timer.justplay;

/** Timers that stand against a wish because there are not enough tuners for all of them at one time; [] when it fits. */
export function conflictsOf(wish: TimerRequest, timers: readonly Timer[], tuners: number): Timer[] {
  if (!records(wish)) return [];
  const rivals = timers.filter((timer) => records(timer) && timer.state !== 3 && overlaps(timer, wish));
  const begins = [wish.begin, ...rivals.map((timer) => Math.max(timer.begin, wish.begin))];
  for (const at of begins) {
    const there = rivals.filter((timer) => timer.begin <= at && at < timer.end);
    const transponders = new Set([wish, ...there].map((timer) => timer.service.transponder.key));
    if (transponders.size > tuners) {
      return there.filter((timer) => timer.service.transponder.key !== wish.service.transponder.key);
    }
  }
  return [];
}
