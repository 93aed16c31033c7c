import { errorCode, errorMessage } from '#shared/errors.ts';
import type { HtsMap } from '../wire/message.ts';

/** `subscriptionError` as clients know it; each has a text of its own for it, in its user's language. */
export type SubscriptionError =
  | 'noFreeAdapter'
  | 'scrambled'
  | 'badSignal'
  | 'tuningFailed'
  | 'subscriptionOverridden'
  | 'userAccess'
  | 'userLimit'
  | 'invalidTarget';

const WORDS: Readonly<Record<string, SubscriptionError>> = {
  NO_TUNER: 'noFreeAdapter',
  TUNER_TAKEN: 'subscriptionOverridden',
  SCRAMBLED: 'scrambled',
  UPSTREAM_STALLED: 'badSignal',
  UPSTREAM_CLOSED: 'badSignal',
  NO_PROGRAM: 'badSignal',
  OPEN_TIMEOUT: 'badSignal',
  NOT_PLAYABLE: 'invalidTarget',
  HTSP_ACCESS: 'userAccess',
  HTSP_LIMIT: 'userLimit',
};

/** Opening again does not help. */
const FINAL_CODES = new Set(['NOT_PLAYABLE', 'STOPPING', 'HTSP_ACCESS', 'HTSP_LIMIT', 'CHANNEL_UNKNOWN']);

export function subscriptionError(error: unknown): SubscriptionError {
  return WORDS[errorCode(error)] ?? 'tuningFailed';
}

export function isFinal(error: unknown): boolean {
  return FINAL_CODES.has(errorCode(error));
}

/** The fields of subscriptionStatus: none when all is well. */
export function statusFields(error: unknown): HtsMap {
  return error === null ? {} : { status: errorMessage(error), subscriptionError: subscriptionError(error) };
}
