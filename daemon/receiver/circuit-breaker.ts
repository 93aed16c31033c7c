import { type Clock, SYSTEM_CLOCK } from '#shared/clock.ts';

/**
 * - `closed`: all requests go
 * - `open`: none go until `untilMs`
 * - `half-open`: one goes, to see; the others wait for what becomes of it, which is to say they fail
 */
export type BreakerState =
  | { readonly name: 'closed'; readonly failures: number }
  | { readonly name: 'open'; readonly untilMs: number; readonly openMs: number; readonly error: Error }
  | { readonly name: 'half-open'; readonly openMs: number; readonly error: Error };

export interface CircuitBreakerOptions {
  /** So many failures in a row open it. */
  readonly failures: number;
  /** How long the first time; each failed probe doubles it, up to `maxOpenMs`. */
  readonly openMs: number;
  readonly maxOpenMs: number;
  readonly clock?: Clock;
  readonly onChange?: (state: BreakerState) => void;
}

/** What happened to a request that was let through. Call exactly one of them, once. */
export interface BreakerPass {
  succeed(): void;
  fail(error: Error): void;
  /** It was given up before it could tell anything. */
  forget(): void;
}

/** Leaves a box alone that does not answer: whoever asks meanwhile gets the last failure at once. */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #clock: Clock;
  #state: BreakerState = { name: 'closed', failures: 0 };

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? SYSTEM_CLOCK;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** `force`: goes also while it is open, for a box that is just being woken. @throws the failure that opened it. */
  enter(options: { force?: boolean } = {}): BreakerPass {
    const state = this.#state;
    if (state.name === 'closed' || options.force === true) return this.#pass();
    if (state.name === 'half-open' || this.#clock.nowMs() < state.untilMs) throw state.error;
    this.#become({ name: 'half-open', openMs: state.openMs, error: state.error });
    return this.#pass();
  }

  #pass(): BreakerPass {
    return {
      succeed: () => this.#succeed(),
      fail: (error) => this.#fail(error),
      forget: () => this.#forget(),
    };
  }

  #succeed(): void {
    const before = this.#state;
    if (before.name === 'closed' && before.failures === 0) return;
    this.#become({ name: 'closed', failures: 0 });
  }

  #fail(error: Error): void {
    const state = this.#state;
    const { failures, openMs, maxOpenMs } = this.#options;
    if (state.name === 'open') return; // a late answer, or a forced request: nothing new
    if (state.name === 'half-open') this.#open(Math.min(maxOpenMs, 2 * state.openMs), error);
    else if (state.failures + 1 >= failures) this.#open(openMs, error);
    else this.#become({ name: 'closed', failures: state.failures + 1 });
  }

  /** The probe told nothing: the next one may try at once. */
  #forget(): void {
    if (this.#state.name !== 'half-open') return;
    const { openMs, error } = this.#state;
    this.#become({ name: 'open', untilMs: this.#clock.nowMs(), openMs, error });
  }

  #open(openMs: number, error: Error): void {
    this.#become({ name: 'open', untilMs: this.#clock.nowMs() + openMs, openMs, error });
  }

  #become(state: BreakerState): void {
    const before = this.#state;
    this.#state = state;
    if (before.name !== state.name) this.#options.onChange?.(state);
  }
}
