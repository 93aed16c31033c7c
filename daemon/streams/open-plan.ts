import type { XgError } from '#shared/errors.ts';
import { type FoundTarget, isSameTarget } from './stream-sources.ts';

/**
 * What is tried next.
 * - `again`: the same target after a pause
 * - `ask`: what the receiver says of the service now
 * - `direct`: its plain stream server
 * - `give-up`
 */
export type NextStep =
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'ask' | 'direct' | 'give-up' };

/** Nothing that a second try could change. */
const FINAL_CODES = new Set([
  'UPSTREAM_AUTH',
  'UPSTREAM_BAD_URL',
  'RECEIVER_AUTH',
  'RECEIVER_BAD_REFERENCE',
  'NO_PROGRAM',
]);
/** The port opens before the tuner has locked, or a softcam starts: refused now, accepted in a moment. */
const REFUSED_PAUSES_MS = [150, 300, 600, 1_000, 1_000, 1_000];
/** The tuner of the channel before is not free yet, or has no lock yet. */
const BUSY_PAUSES_MS = [400];
/** What took so long to fail will do so again. */
const MAX_REPEATED_MS = 1_500;
/** Tries on a relay that refuses before its service is taken from the stream server. */
const RELAY_TRIES = 2;
const REFUSED_CODE = 'UPSTREAM_UNREACHABLE';
const BUSY_CODES = new Set(['TUNE_FAILED', 'NO_TUNER', 'UPSTREAM_BAD_ANSWER', 'UPSTREAM_CLOSED', 'ENCODER_BUSY']);

/**
 * The order in which one opening of a source tries what there is: the target it has, a few times where that can help; then
 * relay → stream server → what the receiver says afresh. A channel found to be scrambled is scrambled everywhere: it is
 * only asked for again where the target was an old answer.
 */
export class OpenPlan {
  readonly #budgetMs: number;
  readonly #startedAt: number;
  readonly #now: () => number;
  #tries = 0;
  /** When the attempt that runs now was begun. */
  #attemptAt = 0;
  #current: FoundTarget | null = null;
  #asked = false;
  #direct = false;

  constructor(options: { budgetMs: number; now?: () => number }) {
    this.#budgetMs = options.budgetMs;
    this.#now = options.now ?? (() => performance.now());
    this.#startedAt = this.#now();
  }

  get elapsedMs(): number {
    return this.#now() - this.#startedAt;
  }

  /** A target was found. False where it is the one that has just failed: `afterFailure` knows more now. */
  begin(found: FoundTarget): boolean {
    const isNew = this.#current === null || !isSameTarget(this.#current.target, found.target);
    this.#current = found;
    if (found.origin === 'asked') this.#asked = true;
    if (found.origin === 'direct') this.#direct = true;
    if (!isNew) return false;
    this.#tries = 1;
    this.#attemptAt = this.#now();
    return true;
  }

  /** The receiver did not say where the service is. */
  afterUnknown(error: XgError): NextStep {
    this.#asked = true;
    if (FINAL_CODES.has(error.code) || this.#direct || this.#isLate()) return { kind: 'give-up' };
    return { kind: 'direct' };
  }

  /** The target did not do. */
  afterFailure(error: XgError): NextStep {
    const current = this.#current;
    if (current === null || FINAL_CODES.has(error.code)) return { kind: 'give-up' };
    if (error.code === 'SCRAMBLED') return { kind: this.#asked ? 'give-up' : 'ask' };
    if (this.#isLate()) return { kind: 'give-up' };
    const isRelay = current.target.kind === 'relay';
    const pauses = error.code === REFUSED_CODE ? REFUSED_PAUSES_MS : BUSY_CODES.has(error.code) ? BUSY_PAUSES_MS : [];
    const tries = isRelay ? RELAY_TRIES - 1 : pauses.length;
    const afterMs = pauses[this.#tries - 1];
    const fallback = this.#fallback(current);
    // Old answers may be wrong: a fresh one first, unless it is known that refusals pass.
    if (current.origin === 'remembered' && error.code !== REFUSED_CODE && fallback !== null) return { kind: fallback };
    const isQuick = this.#now() - this.#attemptAt < MAX_REPEATED_MS;
    if (afterMs !== undefined && isQuick && this.#tries <= tries && this.elapsedMs + afterMs < this.#budgetMs) {
      this.#tries++;
      this.#attemptAt = this.#now() + afterMs;
      return { kind: 'again', afterMs };
    }
    return fallback === null ? { kind: 'give-up' } : { kind: fallback };
  }

  #fallback({ target, origin }: FoundTarget): 'direct' | 'ask' | null {
    if (!this.#direct && target.kind === 'relay') return 'direct';
    if (!this.#asked && origin !== 'asked') return 'ask';
    return null;
  }

  #isLate(): boolean {
    return this.elapsedMs >= this.#budgetMs;
  }
}
