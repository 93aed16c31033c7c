import type { Session } from '../server/session.ts';

/** The files that one client has open. */
export class OpenFiles {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  close(): void {
    void this.#session;
  }
}
