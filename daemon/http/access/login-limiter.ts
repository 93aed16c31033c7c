import { isIPv6 } from 'node:net';
import type { Clock } from '#shared/clock.ts';

/** Wrong logins at once, and how long one of them counts. */
const FAILURES = 10;
const FORGIVEN_MS = 30_000;
const MAX_ADDRESSES = 1_000;

interface Failures {
  /** How many count at `atMs`. */
  count: number;
  atMs: number;
}

/** Slows down who guesses: ten wrong logins at once, then one each half minute, for each address. */
export class LoginLimiter {
  readonly #clock: Clock;
  readonly #failures = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds until this address may try again; 0 when it may now. */
  waitSeconds(address: string): number {
    const failures = this.#failures.get(keyOf(address));
    if (failures === undefined) return 0;
    const excess = this.#countNow(failures) - (FAILURES - 1);
    return excess <= 0 ? 0 : Math.ceil((excess * FORGIVEN_MS) / 1000);
  }

  failed(address: string): void {
    const key = keyOf(address);
    const before = this.#failures.get(key);
    const count = Math.min(FAILURES, (before === undefined ? 0 : this.#countNow(before)) + 1);
    this.#failures.delete(key);
    this.#failures.set(key, { count, atMs: this.#clock.nowMs() });
    const oldest = this.#failures.size > MAX_ADDRESSES ? this.#failures.keys().next().value : undefined;
    if (oldest !== undefined) this.#failures.delete(oldest);
  }

  succeeded(address: string): void {
    this.#failures.delete(keyOf(address));
  }

  #countNow({ count, atMs }: Failures): number {
    return Math.max(0, count - Math.max(0, this.#clock.nowMs() - atMs) / FORGIVEN_MS);
  }
}

/** With IPv6 whoever has one address has the 2^64 of its link. */
function keyOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  if (tail !== undefined) {
    const behind = tail.split(':').filter((group) => group !== '').length;
    while (groups.length + behind < 8) groups.push('0');
  }
  return groups.slice(0, 4).join(':');
}
