import { XgError } from '#shared/errors.ts';
import type { Picon } from '../receiver/model.ts';
import type { PiconSource } from './deps.ts';

export interface LogoCacheOptions {
  readonly maxBytes?: number;
  readonly maxEntries?: number;
  readonly nowMs?: () => number;
}

interface Entry {
  readonly picon: Picon | null;
  readonly bytes: number;
  readonly untilMs: number;
}

const DAY_MS = 86_400_000;
/** A box without a logo is asked again after an hour, a box that did not answer after half a minute. */
const ABSENT_MS = 3_600_000;
const FAILED_MS = 30_000;
const MAX_CONCURRENT = 2;
const MAX_WAITING = 512;

/**
 * Logos in memory. Bound: 8 MiB and 4,096 entries, least recently used first out. A page with 500 logos asks the box for
 * two at a time; more than 512 waiting are refused. Equal requests share one fetch.
 */
export class LogoCache {
  readonly #source: PiconSource;
  readonly #maxBytes: number;
  readonly #maxEntries: number;
  readonly #nowMs: () => number;
  readonly #entries = new Map<string, Entry>(); // in the order of last use
  readonly #fetching = new Map<string, Promise<Picon | null>>();
  readonly #waiting: Array<() => void> = [];
  #running = 0;
  #bytes = 0;

  constructor(source: PiconSource, options: LogoCacheOptions = {}) {
    this.#source = source;
    this.#maxBytes = options.maxBytes ?? 8 * 1024 * 1024;
    this.#maxEntries = options.maxEntries ?? 4096;
    this.#nowMs = options.nowMs ?? Date.now;
  }

  /** The logo, or null when the box has none or cannot be asked now. @throws XgError `LOGO_BUSY`. */
  async get(channel: { id: string; ref: string; name: string }): Promise<Picon | null> {
    const entry = this.#entries.get(channel.id);
    if (entry !== undefined && entry.untilMs > this.#nowMs()) {
      this.#entries.delete(channel.id);
      this.#entries.set(channel.id, entry);
      return entry.picon;
    }
    let fetching = this.#fetching.get(channel.id);
    if (fetching === undefined) {
      if (this.#waiting.length >= MAX_WAITING) {
        throw new XgError(
          'LOGO_BUSY',
          'Too many logos are being fetched from the receiver; ask again in a few seconds',
        );
      }
      fetching = this.#fetch(channel).finally(() => this.#fetching.delete(channel.id));
      this.#fetching.set(channel.id, fetching);
    }
    return fetching;
  }

  async #fetch(channel: { id: string; ref: string; name: string }): Promise<Picon | null> {
    if (this.#running >= MAX_CONCURRENT) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running++;
    try {
      const picon = await this.#source.picon(channel.ref, { name: channel.name });
      this.#keep(channel.id, picon, picon === null ? ABSENT_MS : DAY_MS);
      return picon;
    } catch {
      // Without a log line: a missing logo is no fault, and why the receiver fails is in the lineup's state.
      this.#keep(channel.id, null, FAILED_MS);
      return null;
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  #keep(id: string, picon: Picon | null, lifeMs: number): void {
    this.#drop(id);
    const bytes = picon?.bytes.length ?? 0;
    this.#entries.set(id, { picon, bytes, untilMs: this.#nowMs() + lifeMs });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#maxBytes && this.#entries.size <= this.#maxEntries) break;
      this.#drop(oldest);
    }
  }

  #drop(id: string): void {
    this.#bytes -= this.#entries.get(id)?.bytes ?? 0;
    this.#entries.delete(id);
  }
}
