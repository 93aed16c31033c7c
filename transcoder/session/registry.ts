import { randomBytes } from 'node:crypto';
import { XgError } from '#shared/errors.ts';
import type { AacEncoderChoice, SessionOpen, SessionStats } from '#shared/ipc/control.ts';
import type { Logger } from '#shared/observability/logger.ts';
import { Session } from './session.ts';

/** A session whose connection does not come is given up after this. */
const ATTACH_MS = 10_000;
/** More sessions at once are refused: a runaway client must not take the machine's memory. */
const MAX_SESSIONS = 256;

interface Entry {
  readonly session: Session;
  attachDeadline: NodeJS.Timeout | null;
}

/** The sessions by token. */
export class SessionRegistry {
  readonly #entries = new Map<string, Entry>();
  readonly #encoder: AacEncoderChoice;
  readonly #logger: Logger;
  #opened = 0;
  #bytesOfClosed = 0;

  constructor(options: { encoder: AacEncoderChoice; logger: Logger }) {
    this.#encoder = options.encoder;
    this.#logger = options.logger;
  }

  get size(): number {
    return this.#entries.size;
  }

  get opened(): number {
    return this.#opened;
  }

  get bytesProcessed(): number {
    let bytes = this.#bytesOfClosed;
    for (const entry of this.#entries.values()) bytes += entry.session.stats().bytesIn;
    return bytes;
  }

  /** Makes a session and returns its token. @throws XgError `TOO_MANY_SESSIONS`. */
  open(request: SessionOpen): string {
    if (this.#entries.size >= MAX_SESSIONS) {
      throw new XgError('TOO_MANY_SESSIONS', `${MAX_SESSIONS} sessions are open, which is the limit`);
    }
    const token = randomBytes(18).toString('base64url');
    const session = new Session({ request, encoder: this.#encoder, logger: this.#logger });
    const attachDeadline = setTimeout(() => this.close(token), ATTACH_MS);
    attachDeadline.unref();
    this.#entries.set(token, { session, attachDeadline });
    this.#opened++;
    return token;
  }

  /** The session of a token, for the connection that has just named it; null when there is none. */
  claim(token: string): Session | null {
    const entry = this.#entries.get(token);
    if (entry === undefined) return null;
    if (entry.attachDeadline !== null) clearTimeout(entry.attachDeadline);
    entry.attachDeadline = null;
    return entry.session;
  }

  close(token: string): boolean {
    const entry = this.#entries.get(token);
    if (entry === undefined) return false;
    this.#entries.delete(token);
    if (entry.attachDeadline !== null) clearTimeout(entry.attachDeadline);
    this.#bytesOfClosed += entry.session.stats().bytesIn;
    entry.session.close();
    return true;
  }

  closeAll(): void {
    for (const token of [...this.#entries.keys()]) this.close(token);
  }

  stats(): SessionStats[] {
    return [...this.#entries.values()].map((entry) => entry.session.stats());
  }
}
