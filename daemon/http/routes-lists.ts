import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { XgError } from '#shared/errors.ts';
import { M3U_CONTENT_TYPE, writePlaylist } from '../playlist/m3u.ts';
import { groupOfSlug, parseSelection, selectChannels } from '../playlist/selection.ts';
import { AUTO_PROFILE } from '../streams/decision.ts';
import { requestBaseUrl } from './base-url.ts';
import type { AppDeps } from './deps.ts';
import { PlaylistTexts } from './playlist-texts.ts';
import { variantWishes } from './variant-wishes.ts';

/** The playlist: what people paste into their players. */
export function mountLists(router: Router, deps: AppDeps): void {
  const texts = new PlaylistTexts();

  const playlist = (ctx: Context, slug: string | null): void => {
    requireLineup(deps);
    const { channels } = deps.lineup;
    const { state } = deps.lineup;
    const selection = parseSelection(ctx.query);
    const group = slug === null ? selection.group : groupOfSlug(channels, slug);
    const bouquets = state.kind === 'ready' ? state.lineup.bouquets : [];
    const chosen = selectChannels(channels, bouquets, { ...selection, group });
    const query = streamQuery(ctx, deps);
    const { catchup } = deps;
    const options = { baseUrl: requestBaseUrl(ctx, deps.publicUrl), query, format: selection.format };
    ctx.set('Content-Type', M3U_CONTENT_TYPE);
    ctx.set('Cache-Control', 'no-cache');
    ctx.set('Vary', 'Host');
    ctx.status = 200;
    const key = JSON.stringify([options, selection, group, catchup?.revision]);
    const { text, etag } = texts.get(channels, key, () =>
      writePlaylist(chosen, {
        ...options,
        ...(catchup === undefined ? {} : { attributesOf: (channel) => catchup.attributes(channel, options.baseUrl) }),
      }),
    );
    ctx.etag = etag;
    if (ctx.fresh) ctx.status = 304;
    else ctx.body = text;
  };
  router.get(['/playlist.m3u', '/playlist.m3u8'], (ctx) => playlist(ctx, null));
  router.get('/playlist/:file', (ctx) => {
    const slug = /^(.{1,120})\.m3u8?$/i.exec(ctx.params['file'] ?? '')?.[1];
    if (slug === undefined) throw new XgError('PLAYLIST_UNKNOWN', 'Lists are /playlist/<group>.m3u');
    playlist(ctx, slug);
  });
}

/** When the lineup was read. @throws XgError `LINEUP_NOT_READY` with the reason while there is none. */
export function requireLineup(deps: Pick<AppDeps, 'lineup' | 'receiver'>): number {
  const { state } = deps.lineup;
  if (state.kind === 'ready') return state.readAtMs;
  const reason =
    deps.receiver === null
      ? 'no receiver is set (XG2G_E2_HOST)'
      : state.kind === 'failed'
        ? state.failure.message
        : 'the channels are being read from the receiver';
  throw new XgError('LINEUP_NOT_READY', `There are no channels yet: ${reason}`);
}

/** What the stream URLs of a list carry on of its own query: what a stream would take. @throws as ProfileBook.resolve. */
function streamQuery(ctx: Pick<Context, 'query'>, deps: Pick<AppDeps, 'profiles'>): string {
  const wishes = variantWishes(ctx);
  deps.profiles.resolve(wishes['profile'] === AUTO_PROFILE ? { ...wishes, profile: undefined } : wishes);
  return new URLSearchParams(Object.entries(wishes).filter(([, value]) => value !== '')).toString();
}
