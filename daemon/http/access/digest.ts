import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { Clock } from '#shared/clock.ts';
import type { DigestAlgorithm, DigestFields } from './authorization.ts';
import { isSameSecret } from './secrets.ts';

/** How long a nonce can be used; after that the client is told to take a new one, without asking its user again. */
const NONCE_MS = 5 * 60_000;
const MAX_NONCES = 1_000;
/** Requests of one client overtake each other. */
const WINDOW = 64n;

/**
 * - `right`: the response proves the password
 * - `stale`: it may prove it, but the nonce is old or this answer was used already
 * - `wrong`: it does not
 */
export type DigestVerdict = 'right' | 'stale' | 'wrong';

export interface DigestRequest {
  readonly method: string;
  /** Path and query as they were requested. */
  readonly target: string;
  readonly fields: DigestFields;
  readonly password: string;
}

interface Used {
  highest: bigint;
  /** Bit n: the count `highest - n` was used. */
  seen: bigint;
}

/**
 * HTTP Digest with nonces that need no memory until somebody has proved a password with one.
 *
 * Spec: RFC 7616, 3.3 and 3.4.
 */
export class Digest {
  readonly realm: string;
  readonly #clock: Clock;
  readonly #key = randomBytes(32);
  readonly #used = new Map<string, Used>();

  constructor(options: { realm: string; clock: Clock }) {
    this.realm = options.realm;
    this.#clock = options.clock;
  }

  /** One header for each algorithm, the better one first: "in order of preference". */
  challenges(options: { stale: boolean }): string[] {
    const nonce = this.#nonce(this.#clock.nowMs());
    const stale = options.stale ? ', stale=true' : '';
    return (['SHA-256', 'MD5'] satisfies DigestAlgorithm[]).map(
      (algorithm) =>
        `Digest realm="${this.realm}", qop="auth", algorithm=${algorithm}, nonce="${nonce}", charset=UTF-8${stale}`,
    );
  }

  verify({ method, target, fields, password }: DigestRequest): DigestVerdict {
    if (fields.realm !== this.realm || !isSameTarget(fields.uri, target)) return 'wrong';
    const made = this.#madeAtMs(fields.nonce);
    if (made === null) return 'stale'; // of the process before this one, mostly
    const hash = (text: string): string =>
      createHash(fields.algorithm === 'MD5' ? 'md5' : 'sha256')
        .update(text, 'utf8')
        .digest('hex');
    const secret = hash(`${fields.username}:${this.realm}:${password}`);
    const { nonce, nc, cnonce, qop, uri } = fields;
    const wanted = hash(`${secret}:${nonce}:${nc}:${cnonce}:${qop}:${hash(`${method}:${uri}`)}`);
    if (!isSameSecret(fields.response.toLowerCase(), wanted)) return 'wrong';
    const ageMs = this.#clock.nowMs() - made;
    if (ageMs < 0 || ageMs > NONCE_MS) return 'stale';
    return this.#count(nonce, BigInt(`0x${nc}`)) ? 'right' : 'stale';
  }

  #nonce(atMs: number): string {
    const time = atMs.toString(36);
    return `${time}.${createHmac('sha256', this.#key).update(time).digest('base64url').slice(0, 32)}`;
  }

  #madeAtMs(nonce: string): number | null {
    const time = /^([0-9a-z]{1,11})\./.exec(nonce)?.[1];
    if (time === undefined) return null;
    const atMs = Number.parseInt(time, 36);
    return isSameSecret(nonce, this.#nonce(atMs)) ? atMs : null;
  }

  /** Whether that count is new for the nonce. */
  #count(nonce: string, count: bigint): boolean {
    const used = this.#used.get(nonce) ?? { highest: 0n, seen: 0n };
    this.#used.delete(nonce);
    this.#used.set(nonce, used); // the last in the order is the last to go
    const oldest = this.#used.size > MAX_NONCES ? this.#used.keys().next().value : undefined;
    if (oldest !== undefined) this.#used.delete(oldest);
    if (count > used.highest) {
      const ahead = count - used.highest;
      used.seen = (ahead >= WINDOW ? 0n : BigInt.asUintN(Number(WINDOW), used.seen << ahead)) | 1n;
      used.highest = count;
      return true;
    }
    const bit = 1n << (used.highest - count);
    if (used.highest - count >= WINDOW || (used.seen & bit) !== 0n || count === 0n) return false;
    used.seen |= bit;
    return true;
  }
}

/** Some clients send the whole URL. */
function isSameTarget(uri: string, target: string): boolean {
  if (uri === target) return true;
  const url = URL.parse(uri);
  return url !== null && `${url.pathname}${url.search}` === target;
}
