import { setTimeout as delay } from 'node:timers/promises';
import { request } from 'undici';
import { errorCode } from '#shared/errors.ts';

export interface TrafficReport {
  readonly answered: number;
  /** Error codes and statuses other than 200, with their numbers. */
  readonly failures: Readonly<Record<string, number>>;
  readonly slowestMs: number;
}

const PAUSE_MS = 5;

/** Asks for a page over and over, each time on a new connection, until `stop`. */
export class Traffic {
  readonly #url: string;
  readonly #failures: Record<string, number> = {};
  readonly #loops: Promise<void>[] = [];
  #answered = 0;
  #slowestMs = 0;
  #stopped = false;

  constructor(url: string, clients = 4) {
    this.#url = url;
    for (let client = 0; client < clients; client++) this.#loops.push(this.#loop());
  }

  async stop(): Promise<TrafficReport> {
    this.#stopped = true;
    await Promise.all(this.#loops);
    return { answered: this.#answered, failures: this.#failures, slowestMs: Math.round(this.#slowestMs) };
  }

  async #loop(): Promise<void> {
    while (!this.#stopped) {
      const startedMs = performance.now();
      try {
        const { statusCode, body } = await request(this.#url, { reset: true });
        await body.dump();
        if (statusCode === 200) this.#answered++;
        else this.#count(String(statusCode));
      } catch (error) {
        this.#count(errorCode(error));
      }
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startedMs);
      await delay(PAUSE_MS);
    }
  }

  #count(what: string): void {
    this.#failures[what] = (this.#failures[what] ?? 0) + 1;
  }
}
