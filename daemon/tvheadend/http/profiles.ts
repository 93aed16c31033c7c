import { XgError } from '#shared/errors.ts';
import { tvhId } from '../ids.ts';

/**
 * Tvheadend's own profiles that one of ours is the same as. Those in another container than an MPEG transport stream, or
 * with another picture, are not made here.
 */
const SAME: Readonly<Record<string, string>> = {
  htsp: 'pass',
  'pass-through': 'pass',
  'MPEG-TS Pass-thru': 'pass',
  'webtv-h264-aac-mpegts': 'aac',
};
const FOREIGN = /^(?:matroska|webtv-|audio|libav|transcode|spawn|http|mpeg-ps)/i;

/**
 * What a `profile` of Tvheadend's is called here; null for none. UUIDs are those of `profile/list`.
 *
 * @throws XgError `TVH_PROFILE` for what cannot be had.
 */
export function ourProfile(wanted: string | undefined, names: readonly string[]): string | null {
  if (wanted === undefined || wanted === '' || wanted === 'default') return null;
  const known = names.find((name) => name === wanted || profileUuid(name) === wanted) ?? SAME[wanted];
  if (known !== undefined) return known;
  const why = FOREIGN.test(wanted) ? 'is not made here' : 'is not known';
  throw new XgError('TVH_PROFILE', `The profile "${wanted.slice(0, 60)}" ${why}; there are: ${names.join(', ')}`);
}

export function profileUuid(name: string): string {
  return tvhId('profile', name).uuid;
}

export function profileList(names: readonly string[]): object {
  return { entries: names.map((name) => ({ key: profileUuid(name), val: name })) };
}
