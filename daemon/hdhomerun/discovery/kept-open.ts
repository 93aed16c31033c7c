import { errorCode, errorMessage } from '#shared/errors.ts';
import type { Logger } from '#shared/observability/logger.ts';

/** Something that listens. */
export interface Opened {
  close(): Promise<void> | void;
}

export interface KeptOpenOptions {
  /** For the log: `UDP port 65001`. */
  readonly what: string;
  /** What is missing while it does not work: `clients do not find xg2g by broadcast`. */
  readonly consequence: string;
  /** Opens it. `onLost`: it broke later, by itself. Rejects when it cannot be opened. */
  open(onLost: (error: unknown) => void): Promise<Opened>;
  readonly logger: Logger;
  readonly retryMs?: number;
}

const RETRY_MS = 30_000;

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program uses it',
  EACCES: 'this user may not',
  EADDRNOTAVAIL: 'this machine does not have that address (any more)',
  ENODEV: 'the network interface is gone',
  EAFNOSUPPORT: 'this machine has no such network',
};

/** Keeps something open that may fail: a warning with the reason, once for each reason, and another attempt later. */
export class KeptOpen {
  readonly #options: KeptOpenOptions;
  #state:
    | { readonly name: 'opening' }
    | { readonly name: 'open'; readonly opened: Opened }
    | { readonly name: 'waiting'; readonly timer: NodeJS.Timeout }
    | { readonly name: 'closed' } = { name: 'opening' };
  #lastReason: string | null = null;
  /** It broke before we were told that it is open. */
  #brokeEarly: { readonly error: unknown } | null = null;
  #attempt: Promise<void>;

  constructor(options: KeptOpenOptions) {
    this.#options = options;
    this.#attempt = this.#open();
  }

  get state(): 'opening' | 'open' | 'waiting' | 'closed' {
    return this.#state.name;
  }

  /** When the first attempt is over, however it went. */
  get settled(): Promise<void> {
    return this.#attempt;
  }

  async close(): Promise<void> {
    const before = this.#state;
    this.#state = { name: 'closed' };
    if (before.name === 'waiting') clearTimeout(before.timer);
    if (before.name === 'opening') await this.#attempt;
    if (before.name === 'open') await before.opened.close();
  }

  async #open(): Promise<void> {
    const { open, logger, what } = this.#options;
    this.#brokeEarly = null;
    try {
      const opened = await open((error) => this.#onLost(error));
      if (this.#isClosed()) {
        await opened.close();
        return;
      }
      this.#state = { name: 'open', opened };
      const broken = this.#broken();
      if (broken !== null) {
        this.#onLost(broken.error);
        return;
      }
      if (this.#lastReason !== null) logger.info(`${what}: works now`);
      this.#lastReason = null;
    } catch (error) {
      this.#fail(error);
    }
  }

  #onLost(error: unknown): void {
    if (this.#state.name === 'opening') this.#brokeEarly = { error };
    if (this.#state.name !== 'open') return;
    void Promise.resolve(this.#state.opened.close()).catch(() => undefined); // it is broken already
    this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.#isClosed()) return;
    const { what, consequence, logger, retryMs = RETRY_MS } = this.#options;
    const reason = REASONS[errorCode(error)] ?? errorMessage(error);
    if (reason !== this.#lastReason) {
      logger.warn({ code: errorCode(error) }, `${what} cannot be had: ${reason}. Until it can, ${consequence}`);
    }
    this.#lastReason = reason;
    const timer = setTimeout(() => {
      this.#state = { name: 'opening' };
      this.#attempt = this.#open();
    }, retryMs);
    timer.unref();
    this.#state = { name: 'waiting', timer };
  }

  /** A method, because the compiler believes that nothing changes while we wait. */
  #broken(): { readonly error: unknown } | null {
    return this.#brokeEarly;
  }

  #isClosed(): boolean {
    return this.#state.name === 'closed';
  }
}
