import { XgError } from '#shared/errors.ts';
import { type KeptLogo, LogoFiles } from '../lineup/logos/logo-files.ts';
import type { Picon } from '../receiver/model.ts';
import type { PiconSource } from './deps.ts';

export interface LogoCacheOptions {
  /** Where logos are kept; without it in memory. */
  readonly files?: LogoFiles;
  /** Reads a logo that somebody set for a channel. */
  readonly ownLogo?: (logo: string) => Promise<Picon | null>;
  readonly nowMs?: () => number;
}

/** What a logo is asked for by. */
export interface LogoChannel {
  readonly id: string;
  readonly ref: string;
  readonly name: string;
  readonly logo?: string;
}

const DAY_MS = 86_400_000;
/** A box without a logo is asked again after an hour, a box that did not answer after half a minute. */
const ABSENT_MS = 3_600_000;
const FAILED_MS = 30_000;
const MAX_CONCURRENT = 2;
const MAX_WAITING = 512;
const MAX_ABSENT = 20_000;

/**
 * Logos as clients ask for them. A page with 500 logos asks the box for two at a time, more than 512 waiting are refused,
 * equal requests share one fetch. A logo of yesterday is given at once and asked for again behind it; one that cannot be
 * asked for again stays.
 */
export class LogoCache {
  readonly #source: PiconSource | null;
  readonly #files: LogoFiles;
  readonly #ownLogo: (logo: string) => Promise<Picon | null>;
  readonly #nowMs: () => number;
  /** Until when a logo is not asked for, by channel and logo; oldest first out. */
  readonly #restUntilMs = new Map<string, number>();
  readonly #fetching = new Map<string, Promise<KeptLogo | null>>();
  readonly #waiting: Array<() => void> = [];
  #running = 0;

  constructor(source: PiconSource | null, options: LogoCacheOptions = {}) {
    this.#source = source;
    this.#files = options.files ?? new LogoFiles({ folder: null, onWarning: () => undefined });
    this.#ownLogo = options.ownLogo ?? (async () => null);
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /** The logo, or null when there is none or it cannot be asked for now. @throws XgError `LOGO_BUSY`. */
  async get(channel: LogoChannel): Promise<KeptLogo | null> {
    const kept = await this.#files.get(channel);
    const isResting = (this.#restUntilMs.get(keyOf(channel)) ?? 0) > this.#nowMs();
    const isFresh = kept !== null && this.#nowMs() - kept.fetchedAtMs < DAY_MS;
    if (isFresh || isResting) return kept;
    if (kept !== null) {
      // Behind the answer; that it could not be queued matters to nobody.
      this.#fetchOnce(channel, kept).catch(() => undefined);
      return kept;
    }
    return this.#fetchOnce(channel, null);
  }

  async #fetchOnce(channel: LogoChannel, kept: KeptLogo | null): Promise<KeptLogo | null> {
    const key = keyOf(channel);
    let fetching = this.#fetching.get(key);
    if (fetching === undefined) {
      if (this.#waiting.length >= MAX_WAITING) {
        throw new XgError(
          'LOGO_BUSY',
          'Too many logos are being fetched from the receiver; ask again in a few seconds',
        );
      }
      fetching = this.#fetch(channel, kept).finally(() => this.#fetching.delete(key));
      this.#fetching.set(key, fetching);
    }
    return fetching;
  }

  async #fetch(channel: LogoChannel, kept: KeptLogo | null): Promise<KeptLogo | null> {
    if (this.#running >= MAX_CONCURRENT) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      const picon = await this.#read(channel);
      const fetchedAtMs = this.#nowMs();
      if (picon !== null) {
        this.#restUntilMs.delete(keyOf(channel));
        await this.#files.put(channel, picon, fetchedAtMs);
        return { ...picon, fetchedAtMs };
      }
      this.#rest(channel, ABSENT_MS);
      if (kept !== null) await this.#files.remove(channel);
      return null;
    } catch {
      // Without a log line: a missing logo is no fault, and why the receiver fails is in the lineup's state.
      this.#rest(channel, FAILED_MS);
      return kept;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  /** What was set for the channel; the box's own where that is no picture. */
  async #read(channel: LogoChannel): Promise<Picon | null> {
    const own = channel.logo === undefined ? null : await this.#ownLogo(channel.logo);
    return own ?? (await this.#source?.picon(channel.ref, { name: channel.name })) ?? null;
  }

  #rest(channel: LogoChannel, ms: number): void {
    const key = keyOf(channel);
    this.#restUntilMs.delete(key);
    this.#restUntilMs.set(key, this.#nowMs() + ms);
    if (this.#restUntilMs.size <= MAX_ABSENT) return;
    for (const oldest of this.#restUntilMs.keys()) {
      this.#restUntilMs.delete(oldest);
      break;
    }
  }
}

function keyOf({ id, logo }: LogoChannel): string {
  return `${id} ${logo ?? ''}`;
}
