import { randomBytes } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { XgError } from '#shared/errors.ts';
import { inChunks } from '../guide/chunks.ts';
import { writeXmltv, XMLTV_CONTENT_TYPE } from '../guide/xmltv.ts';
import type { Channel } from '../lineup/channel.ts';
import { M3U_CONTENT_TYPE, writePlaylist } from '../playlist/m3u.ts';
import { groupOfSlug, parseSelection, selectChannels } from '../playlist/selection.ts';
import { AUTO_PROFILE } from '../streams/decision.ts';
import { requestBaseUrl } from './base-url.ts';
import type { AppDeps } from './deps.ts';
import { PlaylistTexts } from './playlist-texts.ts';
import { variantWishes } from './variant-wishes.ts';

/** The playlist and the guide: what people paste into their players. */
export function mountLists(router: Router, deps: AppDeps): void {
  /** Lists of channels by their identity: a new list is a new guide. */
  const numbers = new WeakMap<object, number>();
  let lastNumber = 0;
  const listNumber = (channels: readonly Channel[]): number => {
    const number = numbers.get(channels) ?? ++lastNumber;
    numbers.set(channels, number);
    return number;
  };
  /** Makes ETags of this process differ from those of the last one. */
  const processTag = randomBytes(4).toString('hex');

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
    const options = { baseUrl: requestBaseUrl(ctx, deps.publicUrl), query, format: selection.format };
    ctx.set('Content-Type', M3U_CONTENT_TYPE);
    ctx.set('Cache-Control', 'no-cache');
    ctx.set('Vary', 'Host');
    ctx.status = 200;
    const { text, etag } = texts.get(channels, JSON.stringify([options, selection, group]), () =>
      writePlaylist(chosen, options),
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

  const guide = (ctx: Context, compressed: boolean): void => {
    requireLineup(deps);
    ctx.set('Content-Type', compressed ? 'application/gzip' : XMLTV_CONTENT_TYPE);
    ctx.set('Cache-Control', 'no-cache');
    const baseUrl = requestBaseUrl(ctx, deps.publicUrl);
    ctx.set('Vary', 'Host');
    ctx.etag = `W/"${processTag}-${listNumber(deps.lineup.channels).toString(36)}-${deps.guide.revision.toString(36)}${compressed ? '-gz' : ''}"`;
    ctx.status = 200;
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    if (ctx.method === 'HEAD') return;
    const lines = writeXmltv({ channels: deps.lineup.channels, guide: deps.guide, baseUrl });
    const text = Readable.from(inChunks(lines), { objectMode: false });
    // pipeline destroys both ends together; a client that left ends the writing.
    ctx.body = compressed ? pipeline(text, createGzip({ level: 6 }), () => {}) : text;
  };
  router.get('/xmltv.xml', (ctx) => guide(ctx, false));
  router.get('/xmltv.xml.gz', (ctx) => guide(ctx, true));
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
