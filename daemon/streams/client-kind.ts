/** A player, as far as its User-Agent tells. */
export interface ClientKind {
  /** For people. */
  readonly name: string;
  /**
   * What sound in a transport stream it plays by itself.
   * - `all`: whatever is broadcast
   * - `aac`: AAC for certain, anything else by luck
   */
  readonly sound: 'all' | 'aac';
  readonly why: string;
}

const OWN_DECODERS = 'it brings decoders for all broadcast sound';

/** The first pattern that matches counts: many players name their library as well. */
const KINDS: readonly (readonly [RegExp, ClientKind])[] = [
  [/\bKodi\b|\bXBMC\b/i, { name: 'Kodi', sound: 'all', why: OWN_DECODERS }],
  [/\bTvheadend\b/i, { name: 'Tvheadend', sound: 'all', why: 'it hands streams on as they are' }],
  [/\bVLC\b|\bLibVLC\b/i, { name: 'VLC', sound: 'all', why: OWN_DECODERS }],
  [/\bmpv\b/i, { name: 'mpv', sound: 'all', why: OWN_DECODERS }],
  [
    /\bEnigma2\b|\bHbbTV\b.*\bdream\b/i,
    { name: 'an Enigma2 receiver', sound: 'all', why: 'it is made for broadcasts' },
  ],
  [/\bPlex/i, { name: 'Plex', sound: 'aac', why: 'its browser and phone players have no MP2' }],
  [/\bJellyfin/i, { name: 'Jellyfin', sound: 'aac', why: 'its browser and phone players have no MP2' }],
  [/\bEmby/i, { name: 'Emby', sound: 'aac', why: 'its browser and phone players have no MP2' }],
  [
    /\bTiviMate\b|\bExoPlayer/i,
    { name: 'an Android player', sound: 'aac', why: 'many Android devices have no MP2 and no AC-3' },
  ],
  [
    /\bAppleCoreMedia\b|\biOS\b|\btvOS\b|\bInfuse\b/i,
    { name: 'an Apple player', sound: 'aac', why: 'Apple has no MP2' },
  ],
  // Plex and Jellyfin fetch with it on behalf of players that nobody knows.
  [/\bLavf\b/i, { name: 'an ffmpeg program', sound: 'aac', why: 'a media server may stand behind it' }],
  [/\bMozilla\//i, { name: 'a browser', sound: 'aac', why: 'browsers have neither MP2 nor AC-3' }],
];

/** Null for one that nobody knows. */
export function clientKind(userAgent: string | null): ClientKind | null {
  if (userAgent === null) return null;
  return KINDS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
}

/** `Kodi at 192.168.1.5`, or the address alone. */
export function clientName(userAgent: string | null, address: string): string {
  const kind = clientKind(userAgent);
  return kind === null ? `a player at ${address}` : `${kind.name} at ${address}`;
}
