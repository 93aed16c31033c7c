import type { Channel } from '../lineup/channel.ts';
import { displayName } from '../lineup/display-name.ts';

export const M3U_CONTENT_TYPE = 'audio/x-mpegurl; charset=utf-8';

/**
 * - `full`: what all players read, one group per channel
 * - `kodi`: the same with all groups of a channel, which Kodi and TiviMate split at a semicolon
 * - `plain`: names and addresses, for players that stumble over attributes
 */
export const PLAYLIST_FORMATS = ['full', 'kodi', 'plain'] as const;
export type PlaylistFormat = (typeof PLAYLIST_FORMATS)[number];

export interface PlaylistOptions {
  /** Where clients reach us, without a trailing slash. */
  readonly baseUrl: string;
  /** Carried on in every stream URL, such as `profile=pass`; empty leaves the choice to the daemon. */
  readonly query: string;
  readonly format?: PlaylistFormat;
  /** Further attributes of a channel, such as catchup where there is something to catch up with. */
  readonly attributesOf?: (channel: Channel) => readonly string[];
}

/**
 * The channels as an extended M3U, line by line. Names come from broadcasters and boxes: they may not break out of
 * their attribute or line. URLs depend on nothing but the channel's id, because clients derive their own ids from them.
 */
export function* writePlaylist(channels: Iterable<Channel>, options: PlaylistOptions): Generator<string> {
  const guide = `${options.baseUrl}/xmltv.xml.gz`;
  if (options.format === 'plain') {
    yield '#EXTM3U\n';
    for (const channel of channels) {
      yield `#EXTINF:-1,${displayName(channel.name)}\n${streamUrl(channel, options)}\n`;
    }
    return;
  }
  yield `#EXTM3U x-tvg-url="${guide}" url-tvg="${guide}"\n`;
  const groups = new GroupNames(options.format === 'kodi');
  for (const channel of channels) yield playlistEntry(channel, groups, options);
}

/** Groups as attributes have them; many channels share few. */
class GroupNames {
  readonly #isSeveral: boolean;
  readonly #titles = new Map<string, string>();
  readonly #tags = new Map<string, string>();

  constructor(isSeveral: boolean) {
    this.#isSeveral = isSeveral;
  }

  /** Kodi and TiviMate split several groups at a semicolon; most others read one, so the first only. */
  title({ group, groups }: Channel): string {
    if (!this.#isSeveral) return this.#name(this.#titles, group, ';');
    return groups.map((one) => this.#name(this.#titles, one, ';')).join(';');
  }

  /** Tvheadend's separator. */
  tags({ groups }: Channel): string {
    return groups.map((one) => this.#name(this.#tags, one, '|')).join('|');
  }

  #name(known: Map<string, string>, group: string, separator: string): string {
    let name = known.get(group);
    if (name === undefined) {
      name = displayName(group).replaceAll(separator, ' ');
      known.set(group, name);
    }
    return name;
  }
}

function playlistEntry(channel: Channel, groups: GroupNames, options: PlaylistOptions): string {
  const { id, number } = channel;
  const name = displayName(channel.name);
  const radio = channel.radio ? ' radio="true"' : '';
  const logo = `${options.baseUrl}/logos/${id}.png`;
  const others = options.attributesOf?.(channel).map((attribute) => ` ${attribute}`) ?? [];
  // Tvheadend: number and tags of its own, and no search for a guide in the stream, which would take a tuner for it.
  const tvh = `tvh-chnum="${number}" tvh-tags="${groups.tags(channel)}" tvh-epg="disable"`;
  return `#EXTINF:-1 tvg-id="${id}" tvg-chno="${number}" tvg-name="${name}" tvg-logo="${logo}" group-title="${groups.title(channel)}"${radio} ${tvh}${others.join('')},${name}\n${streamUrl(channel, options)}\n`;
}

/** The address of a channel's stream, the same in every face. */
export function streamUrl(channel: Channel, options: Pick<PlaylistOptions, 'baseUrl' | 'query'>): string {
  const query = options.query === '' ? '' : `?${options.query}`;
  return `${options.baseUrl}/stream/${channel.id}.ts${query}`;
}
