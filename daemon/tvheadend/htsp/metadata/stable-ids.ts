import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, errorMessage } from '#shared/errors.ts';

export interface StableIdsOptions {
  readonly dataFolder: string;
  readonly onWarning: (text: string) => void;
}

/** Names that could not have the number that is made from them, with the one they have. */
const stored = z.record(z.string(), z.int().min(1).max(0x7fff_ffff));

/**
 * Numbers for names: HTSP names channels, groups and recordings by 32 bits, and clients remember them. A number is made
 * from its name, so it is the same after a restart, on another machine, and whatever else there is. Where two names make
 * the same number, the second gets another one, which is kept in the data folder: rare enough (one chance in a thousand
 * with 2,000 channels) for the file to be missing nearly always.
 */
export class StableIds {
  readonly #options: StableIdsOptions;
  readonly #byName = new Map<string, number>();
  readonly #byNumber = new Map<number, string>();
  readonly #exceptions: Record<string, number>;

  constructor(options: StableIdsOptions) {
    this.#options = options;
    this.#exceptions = this.#read();
    for (const [name, number] of Object.entries(this.#exceptions)) this.#set(name, number);
  }

  /** The number of a name, from 1 to 2^31-1. */
  of(name: string): number {
    const known = this.#byName.get(name);
    if (known !== undefined) return known;
    const wanted = numberOf(name);
    let number = wanted;
    for (let attempt = 1; this.#byNumber.has(number); attempt++) number = numberOf(`${name}/${attempt}`);
    this.#set(name, number);
    if (number !== wanted) this.#keep(name, number);
    return number;
  }

  /** The name with that number, among those that were asked for; null for none. */
  nameOf(number: number): string | null {
    return this.#byNumber.get(number) ?? null;
  }

  #set(name: string, number: number): void {
    this.#byName.set(name, number);
    this.#byNumber.set(number, name);
  }

  get #path(): string {
    return join(this.#options.dataFolder, 'htsp-ids.json');
  }

  #read(): Record<string, number> {
    try {
      return stored.parse(JSON.parse(readFileSync(this.#path, 'utf8')));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') {
        this.#options.onWarning(`${this.#path} cannot be used (${errorMessage(error)}); a few channels may change places`);
      }
      return {};
    }
  }

  #keep(name: string, number: number): void {
    this.#exceptions[name] = number;
    try {
      mkdirSync(this.#options.dataFolder, { recursive: true });
      writeFileSync(`${this.#path}.new`, `${JSON.stringify(this.#exceptions)}\n`, { flush: true });
      renameSync(`${this.#path}.new`, this.#path);
    } catch (error) {
      this.#options.onWarning(`${this.#path} cannot be written (${errorMessage(error)}); check XG2G_DATA`);
    }
  }
}

function numberOf(name: string): number {
  const number = createHash('sha256').update(name).digest().readUInt32BE(0) & 0x7fff_ffff;
  return number === 0 ? 1 : number;
}
