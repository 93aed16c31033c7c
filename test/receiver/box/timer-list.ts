import { conflictsOf, type Timer, type TimerIdentity, type TimerRequest, waiting } from './timer.ts';

export interface TimerListOptions {
  readonly tuners: number;
  /** Before the beginning, when the tuner is taken. Enigma2: 20 s. */
  readonly prepareSeconds: number;
  /** Until the second try for a tuner; twice as long before each one more, at most twenty times. Enigma2: 5 s. */
  readonly retrySeconds: number;
  /** Takes the tuner. False: none is to be had now. */
  readonly onPrepare: (timer: Timer, isFirstTry: boolean) => boolean;
  readonly onStart: (timer: Timer) => void;
  /** Also when it is deleted while it runs. */
  readonly onEnd: (timer: Timer) => void;
}

export type TimerAnswer =
  | { readonly ok: true; readonly timer: Timer }
  | { readonly ok: false; readonly message: string; readonly conflicts: readonly Timer[] };

const MAX_WAIT_MS = 3_600_000;
/** Times the first wait. Enigma2: 100 s. */
const MAX_BACKOFF = 20;
const refused = (message: string, conflicts: readonly Timer[] = []): TimerAnswer => ({ ok: false, message, conflicts });
const nowSeconds = (): number => Date.now() / 1000;

/** The box's timers, carried out when their time has come. */
export class TimerList {
  readonly #options: TimerListOptions;
  #timers: Timer[] = [];
  #alarm: NodeJS.Timeout | null = null;
  #running = true;

  constructor(options: TimerListOptions) {
    this.#options = options;
  }

  /** In the order of their beginning, as the box lists them. */
  get all(): readonly Timer[] {
    return this.#timers.toSorted((a, b) => a.begin - b.begin);
  }

  add(request: TimerRequest, allowDuplicate = false): TimerAnswer {
    if (request.end <= request.begin) return refused('End time is before begin time');
    if (request.end <= nowSeconds()) return refused('End time is in the past');
    if (!allowDuplicate && this.#find({ ref: request.service.ref, begin: request.begin, end: request.end }) !== null) {
      return refused('Timer already exists!');
    }
    const conflicts = conflictsOf(request, this.#timers, this.#options.tuners);
    if (conflicts.length > 0) {
      return refused(`Conflicting Timer(s) detected! ${conflicts.map((timer) => timer.name).join(' / ')}`, conflicts);
    }
    const timer = waiting(request);
    this.#timers.push(timer);
    this.#advance();
    return { ok: true, timer };
  }

  remove(identity: TimerIdentity): TimerAnswer {
    const timer = this.#find(identity);
    if (timer === null) return refused('No matching Timer found');
    this.#timers = this.#timers.filter((other) => other !== timer);
    this.#stop(timer);
    this.#advance();
    return { ok: true, timer };
  }

  /** A timer that runs keeps its recording, only its end changes. */
  change(identity: TimerIdentity, request: TimerRequest): TimerAnswer {
    const old = this.#find(identity);
    if (old === null) return refused(`Could not find timer '${request.name}' with given start and end time!`);
    const others = this.#timers.filter((timer) => timer !== old);
    const conflicts = conflictsOf(request, others, this.#options.tuners);
    if (conflicts.length > 0) return refused(`Timer ${request.name} not saved: conflict`, conflicts);
    if (old.state !== 0 && old.state !== 3) Object.assign(old, { end: request.end, name: request.name });
    else this.#timers = [...others, waiting(request)];
    this.#advance();
    const timer = this.#find({ ref: request.service.ref, begin: request.begin, end: request.end }) ?? old;
    return { ok: true, timer };
  }

  toggle(identity: TimerIdentity): TimerAnswer {
    const timer = this.#find(identity);
    if (timer === null) return refused('No matching Timer found');
    return this.change(identity, { ...timer, disabled: !timer.disabled });
  }

  /** Removes what has ended. */
  cleanUp(): void {
    this.#timers = this.#timers.filter((timer) => timer.state !== 3);
  }

  /** The box is without power: what runs ends, nothing begins. */
  suspend(): void {
    this.#running = false;
    if (this.#alarm !== null) clearTimeout(this.#alarm);
    for (const timer of this.#timers) {
      if (timer.state !== 1 && timer.state !== 2) continue;
      this.#options.onEnd(timer);
      timer.state = 0; // it goes on when the box is back in time
    }
  }

  resume(): void {
    this.#running = true;
    this.#advance();
  }

  #find({ ref, begin, end }: TimerIdentity): Timer | null {
    return this.#timers.find((one) => one.service.ref === ref && one.begin === begin && one.end === end) ?? null;
  }

  #stop(timer: Timer): void {
    if (timer.state === 1 || timer.state === 2) this.#options.onEnd(timer);
    timer.state = 3;
  }

  /** Brings every timer to where it is by now, and sets the alarm for the next change. */
  #advance(): void {
    if (!this.#running) return;
    const now = nowSeconds();
    for (const timer of this.#timers) {
      if (timer.disabled) continue;
      if (timer.state !== 3 && timer.end <= now) this.#stop(timer);
      if (timer.state === 0 && this.#prepareAt(timer) <= now) this.#prepare(timer, now);
      if (timer.state === 1 && timer.begin <= now) {
        timer.state = 2;
        this.#options.onStart(timer);
      }
    }
    if (this.#alarm !== null) clearTimeout(this.#alarm);
    const next = Math.min(...this.#timers.map((timer) => this.#nextChange(timer)));
    if (next === Number.POSITIVE_INFINITY) return;
    this.#alarm = setTimeout(() => this.#advance(), Math.min(MAX_WAIT_MS, Math.max(0, next * 1000 - Date.now()) + 1));
  }

  #prepare(timer: Timer, now: number): void {
    if (this.#options.onPrepare(timer, timer.backoff === 0)) {
      timer.state = 1;
      timer.backoff = 0;
      return;
    }
    const { retrySeconds } = this.#options;
    timer.backoff = timer.backoff === 0 ? retrySeconds : Math.min(MAX_BACKOFF * retrySeconds, 2 * timer.backoff);
    timer.retryAt = now + timer.backoff;
    timer.log = `prepare failed, retry in ${timer.backoff} seconds`;
  }

  #prepareAt(timer: Timer): number {
    if (timer.backoff > 0) return timer.retryAt;
    return timer.justplay ? timer.begin : timer.begin - this.#options.prepareSeconds;
  }

  #nextChange(timer: Timer): number {
    if (timer.disabled || timer.state === 3) return Number.POSITIVE_INFINITY;
    if (timer.state === 0) return Math.min(timer.end, this.#prepareAt(timer));
    return timer.state === 1 ? timer.begin : timer.end;
  }
}
