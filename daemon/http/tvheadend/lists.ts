import { Readable } from 'node:stream';
import type { Router } from '@koa/router';
import type { Context, Next } from 'koa';
import { XgError } from '#shared/errors.ts';
import { inChunks } from '../../guide/chunks.ts';
import { writeXmltv } from '../../guide/xmltv.ts';
import { channelPlaylist, moviePlaylist, TVH_PLAYLIST_TYPE, tagPlaylist } from '../../tvheadend/http/playlists.ts';
import { ourProfile } from '../../tvheadend/http/profiles.ts';
import type { TvhChannel } from '../../tvheadend/ids.ts';
import { requestBaseUrl } from '../base-url.ts';
import { type PlaylistLogin, playlistForm, type TvheadendDeps } from './deps.ts';
import { selectChannels } from './selection.ts';

/**
 * `/playlist/…` and `/xmltv/…`, and the logos by the ids that stand in them. A playlist that is none of Tvheadend's is
 * left to whoever comes after.
 */
export function mountTvheadendLists(router: Router, deps: TvheadendDeps): void {
  router.get('/playlist', (ctx) => {
    ctx.redirect(`/playlist/channels${ctx.search}`);
  });
  for (const path of ['/playlist/:one', '/playlist/:one/:two', '/playlist/:one/:two/:three']) {
    router.get(path, (ctx, next) => playlist(ctx, next, deps));
  }
  router.get('/xmltv', (ctx) => {
    ctx.redirect(`/xmltv/channels${ctx.search}`);
  });
  for (const path of ['/xmltv/:kind', '/xmltv/:kind/:id']) router.get(path, (ctx) => xmltv(ctx, deps));

  router.get('/imagecache/:number', (ctx) => {
    const number = String(ctx['params']['number']);
    const entry = /^\d{1,10}$/.test(number) ? deps.tvh.channels.byNumber(Number(number)) : null;
    if (entry === null) throw new XgError('LOGO_UNKNOWN', 'There is no logo of that number');
    ctx.redirect(`/logos/${entry.channel.id}.png`);
  });
  router.get('/logos/:file', (ctx, next) => {
    const uuid = /^([0-9a-f]{32})\.png$/.exec(String(ctx['params']['file']))?.[1];
    const entry = uuid === undefined ? null : deps.tvh.channels.byUuid(uuid);
    if (entry === null) return next();
    ctx.redirect(`/logos/${entry.channel.id}.png`);
    return undefined;
  });
}

function playlist(ctx: Context, next: Next, deps: TvheadendDeps): unknown {
  const parts = ['one', 'two', 'three'].flatMap((name) => ctx['params'][name] ?? []).map(String);
  const last = parts.length - 1;
  parts[last] = (parts[last] ?? '').replace(/\.m3u8?$/i, '');
  const login = LOGINS.get(parts[0] ?? '') ?? '';
  const [kind = '', id = ''] = login === '' ? parts : parts.slice(1);
  if (!KINDS.has(kind)) return next();
  const wanted = [ctx.query['profile'] ?? []].flat()[0];
  ourProfile(wanted, deps.profiles.names);
  ctx.type = TVH_PLAYLIST_TYPE;
  ctx.set('Cache-Control', 'no-store');
  const form = playlistForm(ctx, deps, login);
  const { channels } = deps.tvh;
  if (kind === 'recordings') ctx.body = [...moviePlaylist(deps.recordings.movies, form)].join('');
  else if (deps.lineup.state.kind !== 'ready') throw new XgError('LINEUP_NOT_READY', 'There are no channels yet');
  else if (kind === 'tags') ctx.body = [...tagPlaylist(channels.tags, login, form)].join('');
  else ctx.body = [...channelPlaylist(selected(kind, id, deps), form)].join('');
  return undefined;
}

const LOGINS: ReadonlyMap<string, PlaylistLogin> = new Map([
  ['ticket', '/ticket'],
  ['auth', '/auth'],
]);
const KINDS = new Set([
  'channels',
  'tags',
  'recordings',
  'channel',
  'channelid',
  'channelnumber',
  'channelname',
  'tag',
  'tagid',
  'tagname',
]);

function selected(kind: string, id: string, deps: TvheadendDeps): readonly TvhChannel[] {
  const entries = selectChannels(kind, id, deps.tvh.channels);
  if (entries === null)
    throw new XgError('CHANNEL_UNKNOWN', `There is no such channel or tag: ${kind} ${id.slice(0, 80)}`);
  return entries;
}

/** Our own guide under the ids of Tvheadend's playlists. */
function xmltv(ctx: Context, deps: TvheadendDeps): void {
  const kind = String(ctx['params']['kind']).replace(/\.xml$/i, '');
  const id = String(ctx['params']['id'] ?? '');
  const entries = selected(kind, id, deps);
  const withLcn = [ctx.query['lcn'] ?? []].flat()[0] === '1';
  const ours = new Map(entries.map((entry) => [entry.id.uuid, entry.channel.id]));
  const lines = writeXmltv({
    channels: entries.map(({ channel, id: { uuid } }) => ({ ...channel, id: uuid })),
    guide: { programmes: (uuid, window) => deps.guide.programmes(ours.get(uuid) ?? '', window) },
    baseUrl: requestBaseUrl(ctx, deps.publicUrl),
  });
  ctx.type = 'text/xml; charset=utf-8';
  ctx.set('Cache-Control', 'no-cache');
  ctx.status = 200;
  if (ctx.method === 'HEAD') return;
  ctx.body = Readable.from(inChunks(withLcn ? numbersAsLcn(lines) : lines), { objectMode: false });
  ctx.type = 'text/xml; charset=utf-8';
}

/** `?lcn=1`: the number in an element of its own instead of a second name. */
function* numbersAsLcn(pieces: Iterable<string>): Generator<string> {
  for (const piece of pieces) {
    yield piece.startsWith('  <channel')
      ? piece.replace(/<display-name>(\d+)<\/display-name>(?=\s*(?:<icon|<\/channel))/, '<lcn>$1</lcn>')
      : piece;
  }
}
