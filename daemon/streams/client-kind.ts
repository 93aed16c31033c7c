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
  /** Shows an error to nobody: where there is no tuner it is better off with a picture that says so. */
  readonly card: boolean;
}

const OWN_DECODERS = 'it brings decoders for all broadcast sound';

/** The first pattern that matches counts: many players name their library as well. */
const KINDS: readonly (readonly [RegExp, ClientKind])[] = [
  [/\bKodi\b|\bXBMC\b/i, { name: 'Kodi', sound: 'all', why: OWN_DECODERS, card: true }],
  [/\bTvheadend\b/i, { name: 'Tvheadend', sound: 'all', why: 'it hands streams on as they are', card: false }],
  [/\bVLC\b|\bLibVLC\b/i, { name: 'VLC', sound: 'all', why: OWN_DECODERS, card: true }],
  [/\bmpv\b/i, { name: 'mpv', sound: 'all', why: OWN_DECODERS, card: true }],
  [
    /\bEnigma2\b|\bHbbTV\b.*\bdream\b/i,
    { name: 'an Enigma2 receiver', sound: 'all', why: 'it is made for broadcasts', card: false },
  ],
  [/\bPlex/i, { name: 'Plex', sound: 'aac', why: 'its browser and phone players have no MP2', card: false }],
  [/\bJellyfin/i, { name: 'Jellyfin', sound: 'aac', why: 'its browser and phone players have no MP2', card: false }],
  [/\bEmby/i, { name: 'Emby', sound: 'aac', why: 'its browser and phone players have no MP2', card: false }],
  [
    /\bTiviMate\b|\bExoPlayer/i,
    { name: 'an Android player', sound: 'aac', why: 'many Android devices have no MP2 and no AC-3', card: true },
  ],
  [
    /\bAppleCoreMedia\b|\biOS\b|\btvOS\b|\bInfuse\b/i,
    { name: 'an Apple player', sound: 'aac', why: 'Apple has no MP2', card: true },
  ],
  // Plex and Jellyfin fetch with it on behalf of players that nobody knows.
  [/\bLavf\b/i, { name: 'an ffmpeg program', sound: 'aac', why: 'a media server may stand behind it', card: false }],
  [/\bMozilla\//i, { name: 'a browser', sound: 'aac', why: 'browsers have neither MP2 nor AC-3', card: true }],
];

/** Null for one that nobody knows. */
export function clientKind(userAgent: string | null): ClientKind | null {
  if (userAgent === null) return null;
  return KINDS.find(([pattern]) => pattern.test(userAgent))?.[1] ?? null;
}

/**
 * Whether a player is shown a card where it is refused a tuner. Media servers and recorders act upon the error, and would
 * record the card; a player that nobody knows is taken for somebody in front of a screen.
 */
export function wantsCard(userAgent: string | null): boolean {
  if (userAgent === null || PROGRAMS.test(userAgent)) return false;
  return clientKind(userAgent)?.card ?? true;
}

/** Tools and libraries of scripts: nobody sees what they fetch. */
const PROGRAMS = /^(?:curl|Wget|python|Go-http-client|node|undici)\b/i;

/** `Kodi at 192.168.1.5`, or the address alone. */
export function clientName(userAgent: string | null, address: string): string {
  const kind = clientKind(userAgent);
  return kind === null ? `a player at ${address}` : `${kind.name} at ${address}`;
}
