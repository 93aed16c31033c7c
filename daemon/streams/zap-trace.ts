/**
 * What a zap goes through, each from the end of the phase before it to its own:
 * - `lease`: a tuner was granted
 * - `resolve`: where the service is to be had
 * - `connect`: the connection stands and the request is out
 * - `first_byte`: of the stream, from the receiver
 * - `first_access_point`: a picture that needs no other
 * - `first_client_byte`: handed to the client's socket; counted from the receiver's first byte
 */
export const ZAP_PHASES = [
  'lease',
  'resolve',
  'connect',
  'first_byte',
  'first_access_point',
  'first_client_byte',
] as const;
export type ZapPhase = (typeof ZAP_PHASES)[number];

/** Whose end a phase begins with: the last of these that has ended, or the request. */
const BEFORE: Readonly<Record<ZapPhase, readonly ZapPhase[]>> = {
  lease: ['resolve'],
  resolve: ['lease'],
  connect: ['lease', 'resolve'],
  first_byte: ['lease', 'resolve', 'connect'],
  first_access_point: ['first_byte'],
  first_client_byte: ['first_byte'],
};

/** Takes the times of one zap. The first mark of a phase counts, but for those that `restart` clears. */
export class ZapTrace {
  readonly #now: () => number;
  readonly #startedAt: number;
  readonly #ends = new Map<ZapPhase, number>();
  #listener: ((phase: ZapPhase) => void) | null = null;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#startedAt = now();
  }

  mark(phase: ZapPhase): void {
    if (this.#ends.has(phase)) return;
    this.#ends.set(phase, this.#now());
    this.#listener?.(phase);
  }

  /** Another target is tried: what comes after `connect` is to be timed by it. */
  restart(): void {
    for (const phase of ['connect', 'first_byte'] as const) this.#ends.delete(phase);
  }

  has(phase: ZapPhase): boolean {
    return this.#ends.has(phase);
  }

  /** Calls back at every mark from now on. */
  onMark(listener: (phase: ZapPhase) => void): void {
    this.#listener = listener;
  }

  /** Milliseconds that a phase took; null when it did not happen. */
  durationMs(phase: ZapPhase): number | null {
    const end = this.#ends.get(phase);
    if (end === undefined) return null;
    const before = BEFORE[phase].map((one) => this.#ends.get(one) ?? 0).filter((at) => at <= end);
    return end - Math.max(this.#startedAt, ...before);
  }

  /** Milliseconds from the request to the end of a phase; null when it did not happen. */
  sinceStartMs(phase: ZapPhase): number | null {
    const end = this.#ends.get(phase);
    return end === undefined ? null : end - this.#startedAt;
  }

  /** Since the request, now. */
  get elapsedMs(): number {
    return this.#now() - this.#startedAt;
  }

  /** For the log: `leaseMs`, `resolveMs` … in tenths. */
  toFields(): Record<string, number> {
    const fields: Record<string, number> = {};
    for (const phase of ZAP_PHASES) {
      const ms = this.durationMs(phase);
      if (ms !== null) fields[`${camel(phase)}Ms`] = Math.round(ms * 10) / 10;
    }
    return fields;
  }
}

function camel(phase: string): string {
  return phase.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
