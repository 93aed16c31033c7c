import { XgError } from '#shared/errors.ts';

/**
 * `?transcode=` of the device's transcoding models, as far as we have the same. We leave pictures as they are broadcast:
 * what these profiles have in common is sound that every player has.
 *
 * Spec: HDHomeRun HTTP API, optional parameters.
 */
const PROFILES: Readonly<Record<string, string>> = {
  none: 'pass',
  heavy: 'aac-first',
  mobile: 'aac',
  internet720: 'aac',
  internet540: 'aac',
  internet480: 'aac',
  internet360: 'aac',
  internet240: 'aac',
};

/**
 * The profile of ours that a client means: by the device's name for it, or by our own. Null: it did not say.
 *
 * @throws XgError `PROFILE_UNKNOWN`
 */
export function profileForTranscode(text: string | null, own: readonly string[]): string | null {
  const wanted = text?.trim().toLowerCase() ?? '';
  if (wanted === '') return null;
  const profile = Object.hasOwn(PROFILES, wanted) ? PROFILES[wanted] : own.find((name) => name === wanted);
  if (profile !== undefined) return profile;
  const known = [...Object.keys(PROFILES), ...own].join(', ');
  throw new XgError('PROFILE_UNKNOWN', `There is no transcode profile "${wanted.slice(0, 40)}"; there are: ${known}`);
}

/** A day is longer than anybody means. */
const MAX_SECONDS = 86_400;

/** `?duration=` in seconds. Null for none, and for what is no number: the stream has no end then. */
export function durationMs(text: string | null): number | null {
  const seconds = Number(text ?? '');
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, MAX_SECONDS) * 1000 : null;
}
