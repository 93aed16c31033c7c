/**
 * What a viewer gets.
 * - `pass`: the programme as it is broadcast
 * - `aac`: the same with every audio track as AAC
 */
export const PROFILES = ['aac', 'pass'] as const;
export type Profile = (typeof PROFILES)[number];
export const DEFAULT_PROFILE: Profile = 'aac';

/** Null for a name that is none. */
export function parseProfile(name: string): Profile | null {
  return PROFILES.find((profile) => profile === name) ?? null;
}
