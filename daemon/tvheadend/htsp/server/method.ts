import type { Arguments } from '../wire/arguments.ts';
import type { HtsMap } from '../wire/message.ts';
import type { Session } from './session.ts';

/** What a request is answered with, and what comes after the answer. */
export interface Answer {
  readonly fields: HtsMap;
  readonly after?: () => void;
}

export interface Method {
  /** For anybody, without a name. */
  readonly isOpen: boolean;
  /** @throws XgError whose text becomes the answer's `error`. */
  readonly run: (session: Session, args: Arguments) => Answer | Promise<Answer>;
}

export const DONE: Answer = { fields: {} };
