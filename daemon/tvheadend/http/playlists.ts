import { displayName } from '../../lineup/display-name.ts';
import type { Movie } from '../../recordings/recordings.ts';
import { type TvhChannel, type TvhTag, tvhId } from '../ids.ts';

/** The playlists of Tvheadend: the same channels as ours, under the ids and paths that its clients have stored. */

export const TVH_PLAYLIST_TYPE = 'audio/x-mpegurl; charset=utf-8';

export interface PlaylistForm {
  /** Where the client reaches us, without a trailing slash. */
  readonly baseUrl: string;
  /** The query of a URL for a path, with its question mark, or nothing: profile, ticket, login. */
  readonly query: (path: string) => string;
}

export function* channelPlaylist(entries: Iterable<TvhChannel>, form: PlaylistForm): Generator<string> {
  yield '#EXTM3U\n';
  for (const entry of entries) yield channelEntry(entry, form);
}

function channelEntry({ channel, id, tags }: TvhChannel, { baseUrl, query }: PlaylistForm): string {
  const icon = `${baseUrl}/imagecache/${id.number}`;
  const group = displayName(tags[0]?.name ?? '').replaceAll(';', ' ');
  const attributes = [
    `logo="${icon}"`,
    `tvg-id="${id.uuid}"`,
    `tvg-chno="${channel.number}"`,
    `tvg-logo="${icon}"`,
    ...(group === '' ? [] : [`group-title="${group}"`]),
    ...(channel.radio ? ['radio="true"'] : []),
  ];
  const path = `/stream/channelid/${id.number}`;
  return `#EXTINF:-1 ${attributes.join(' ')},${displayName(channel.name)}\n${baseUrl}${path}${query(path)}\n`;
}

/** A playlist of playlists. `login` is what stands between: nothing, `/ticket` or `/auth`. */
export function* tagPlaylist(tags: Iterable<TvhTag>, login: string, form: PlaylistForm): Generator<string> {
  yield '#EXTM3U\n';
  for (const { id, name } of tags) {
    const path = `/playlist${login}/tagid/${id.number}`;
    yield `#EXTINF:-1,${displayName(name)}\n${form.baseUrl}${path}${form.query(path)}\n`;
  }
}

export function* moviePlaylist(movies: Iterable<Movie>, { baseUrl, query }: PlaylistForm): Generator<string> {
  yield '#EXTM3U\n';
  for (const movie of movies) {
    const path = `/dvrfile/${tvhId('movie', movie.id).uuid}`;
    yield `#EXTINF:${movie.durationSeconds},${displayName(movie.title)}\n${baseUrl}${path}${query(path)}\n`;
  }
}

/** For `/play/…`: one address and its name. */
export function onePlaylist(name: string, url: string): string {
  return `#EXTM3U\n#EXTINF:-1,${displayName(name)}\n${url}\n`;
}
