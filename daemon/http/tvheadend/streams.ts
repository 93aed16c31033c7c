import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { XgError } from '#shared/errors.ts';
import type { Channel } from '../../lineup/channel.ts';
import { displayName } from '../../lineup/display-name.ts';
import type { LeaseClass } from '../../tuners/state.ts';
import { serviceUuid } from '../../tvheadend/http/channels.ts';
import { movieByAnyId } from '../../tvheadend/http/dvr.ts';
import { onePlaylist, TVH_PLAYLIST_TYPE } from '../../tvheadend/http/playlists.ts';
import { ourProfile } from '../../tvheadend/http/profiles.ts';
import { mountMovieFiles } from '../routes-recordings.ts';
import { serveChannel } from '../routes-streams.ts';
import { variantWishes } from '../variant-wishes.ts';
import { type PlaylistLogin, playlistForm, type TvheadendDeps } from './deps.ts';
import { findChannel } from './selection.ts';

/** Tvheadend's weight of a stream that somebody watches; below it, of what can wait. */
const WATCHING_WEIGHT = 100;

/** `/stream/<kind>/<id>`, `/play/…` with the same behind it, and `/dvrfile/<id>`. */
export function mountTvheadendStreams(router: Router, deps: TvheadendDeps): void {
  router.get('/stream/:kind/:id', async (ctx) => {
    const profile = ourProfile(first(ctx, 'profile'), deps.profiles.names);
    const wishes = { ...variantWishes(ctx), profile: profile ?? '' };
    if (profile === null) Reflect.deleteProperty(wishes, 'profile');
    await serveChannel(ctx, deps.streams, channelOf(ctx, deps), { wishes, leaseClass: leaseClassOf(ctx) });
  });

  for (const login of ['', '/ticket', '/auth'] satisfies PlaylistLogin[]) {
    router.get(`/play${login}/stream/:kind/:id`, (ctx) => {
      const channel = channelOf(ctx, deps);
      if (channel === null) throw new XgError('CHANNEL_UNKNOWN', `There is no channel at ${ctx.path}`);
      const path = `/stream/${encodeURIComponent(String(ctx['params']['kind']))}/${encodeURIComponent(String(ctx['params']['id']))}`;
      play(ctx, deps, login, channel.name, path);
    });
    router.get(`/play${login}/dvrfile/:id`, (ctx) => {
      const id = String(ctx['params']['id']);
      const movie = movieByAnyId(id, deps.recordings.movies);
      if (movie === null) throw new XgError('MOVIE_UNKNOWN', 'There is no such recording (any more)');
      play(ctx, deps, login, movie.title, `/dvrfile/${encodeURIComponent(id)}`);
    });
  }

  mountMovieFiles(router, {
    recordings: deps.recordings,
    find: (id) => movieByAnyId(id, deps.recordings.movies),
  });
}

function play(ctx: Context, deps: TvheadendDeps, login: PlaylistLogin, name: string, path: string): void {
  const { baseUrl, query } = playlistForm(ctx, deps, login);
  ctx.type = TVH_PLAYLIST_TYPE;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = onePlaylist(displayName(name), `${baseUrl}${path}${query(path)}`);
}

/** Null is for `serveChannel` to explain. */
function channelOf(ctx: Context, deps: TvheadendDeps): Channel | null {
  const kind = String(ctx['params']['kind']);
  const id = String(ctx['params']['id']);
  const { channels } = deps.tvh;
  if (kind === 'service') {
    const uuid = id.toLowerCase().replaceAll('-', '');
    return channels.all.find((entry) => serviceUuid(entry) === uuid)?.channel ?? null;
  }
  return findChannel(kind, id, channels)?.channel ?? null;
}

/** Nobody outranks by his address the box's own recordings, or ours. */
function leaseClassOf(ctx: Context): LeaseClass {
  const weight = Number(first(ctx, 'weight') ?? WATCHING_WEIGHT);
  return weight > 0 && weight < WATCHING_WEIGHT ? 'background' : 'interactive';
}

function first(ctx: Context, name: string): string | undefined {
  return [ctx.query[name] ?? []].flat()[0];
}
