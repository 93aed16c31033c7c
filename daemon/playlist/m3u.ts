import type { Channel } from '../lineup/channel.ts';
import { displayName } from '../lineup/display-name.ts';

export const M3U_CONTENT_TYPE = 'audio/x-mpegurl; charset=utf-8';

export interface PlaylistOptions {
  /** Where clients reach us, without a trailing slash. */
  readonly baseUrl: string;
  /** Carried on in every stream URL, such as `profile=pass`; empty leaves the choice to the daemon. */
  readonly query: string;
}

/**
 * The channels as an extended M3U, line by line. Names come from broadcasters and boxes: they may not break out of
 * their attribute or line. URLs depend on nothing but the channel's id, because clients derive their own ids from them.
 */
export function* writePlaylist(channels: Iterable<Channel>, options: PlaylistOptions): Generator<string> {
  const guide = `${options.baseUrl}/xmltv.xml.gz`;
  yield `#EXTM3U x-tvg-url="${guide}" url-tvg="${guide}"\n`;
  for (const channel of channels) yield playlistEntry(channel, options);
}

function playlistEntry(channel: Channel, options: PlaylistOptions): string {
  const name = displayName(channel.name);
  const attributes = [
    `tvg-id="${channel.id}"`,
    `tvg-chno="${channel.number}"`,
    `tvg-name="${name}"`,
    `tvg-logo="${options.baseUrl}/logos/${channel.id}.png"`,
    // Kodi and TiviMate split several groups at a semicolon; most others read one, so the first only.
    `group-title="${displayName(channel.group).replaceAll(';', ' ')}"`,
    ...(channel.radio ? ['radio="true"'] : []),
  ];
  return `#EXTINF:-1 ${attributes.join(' ')},${name}\n${streamUrl(channel, options)}\n`;
}

/** The address of a channel's stream, the same in every face. */
export function streamUrl(channel: Channel, options: PlaylistOptions): string {
  const query = options.query === '' ? '' : `?${options.query}`;
  return `${options.baseUrl}/stream/${channel.id}.ts${query}`;
}
