import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { inChunks } from '../guide/chunks.ts';
import { writeXmltv, XMLTV_CONTENT_TYPE } from '../guide/xmltv.ts';
import type { Channel } from '../lineup/channel.ts';
import { requestBaseUrl } from './base-url.ts';
import type { AppDeps } from './deps.ts';
import { requireLineup } from './routes-lists.ts';
import { channelsOfGroup, parseXmltvQuery, type XmltvQuery } from './xmltv-query.ts';

/** A text that repeats itself this much gains little from more. */
const GZIP_LEVEL = 4;
const DAY_SECONDS = 86_400;
/** A document with a window is another one after so long, also when the guide did not change. */
const WINDOW_STEP_SECONDS = 3_600;

/** The guide as XMLTV, its state, and the wish to have it read again. */
export function mountGuide(router: Router, deps: AppDeps): void {
  const lineupTag = createLineupTag();

  const guide = (ctx: Context, form: 'plain' | 'gz-file', ids: XmltvQuery['ids'] | null): void => {
    requireLineup(deps);
    const query = parseXmltvQuery(ctx.query);
    const channels = channelsOfGroup(deps.lineup.channels, query.group);
    const wanted = { ...query, ids: ids ?? query.ids };
    const encoded = form === 'plain' && acceptsGzip(ctx);
    const baseUrl = requestBaseUrl(ctx, deps.publicUrl);
    const window = windowOf(query);
    ctx.set('Content-Type', form === 'gz-file' ? 'application/gzip' : XMLTV_CONTENT_TYPE);
    ctx.set('Cache-Control', 'no-cache');
    ctx.set('Vary', form === 'plain' ? 'Host, Accept-Encoding' : 'Host');
    const language = deps.guide.language ?? null;
    const facts = [deps.version, deps.guide.tag ?? '', deps.guide.revision, lineupTag(deps.lineup.channels), baseUrl];
    // Not the encoding: a weak tag stands for the same document, however it travels.
    const variant = [language, wanted.days, wanted.group, wanted.ids, window?.fromSeconds, form];
    ctx.etag = `W/"${hash(JSON.stringify([facts, variant]))}"`;
    ctx.status = 200;
    if (encoded) ctx.set('Content-Encoding', 'gzip');
    if (ctx.fresh) {
      ctx.status = 304;
      return;
    }
    if (ctx.method === 'HEAD') return;
    const lines = writeXmltv({ channels, guide: deps.guide, baseUrl, language, ids: wanted.ids, window });
    const text = Readable.from(inChunks(lines), { objectMode: false });
    // pipeline destroys both ends together; a client that left ends the writing.
    ctx.body = encoded || form === 'gz-file' ? pipeline(text, createGzip({ level: GZIP_LEVEL }), () => {}) : text;
  };
  router.get('/xmltv.xml', (ctx) => guide(ctx, 'plain', null));
  router.get('/xmltv.xml.gz', (ctx) => guide(ctx, 'gz-file', null));
  router.get('/xmltv-plex.xml', (ctx) => guide(ctx, 'plain', 'number'));
  router.get('/xmltv-plex.xml.gz', (ctx) => guide(ctx, 'gz-file', 'number'));

  router.get('/api/v1/guide', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = deps.guide.status ?? { programmes: deps.guide.size, progress: deps.guide.progress };
  });
  router.post('/api/v1/guide/refresh', (ctx) => {
    requireLineup(deps);
    deps.guide.requestRefresh?.();
    ctx.set('Cache-Control', 'no-store');
    ctx.set('Location', '/api/v1/guide');
    ctx.status = 202;
    ctx.body = { state: deps.guide.status?.state ?? 'filling', progress: deps.guide.progress };
  });
}

/** From the hour that has begun, so that the document is the same for an hour and can be asked for by its ETag. */
function windowOf({ days }: XmltvQuery): { fromSeconds: number; toSeconds: number } | null {
  if (days === null) return null;
  const fromSeconds = Math.floor(Date.now() / 1000 / WINDOW_STEP_SECONDS) * WINDOW_STEP_SECONDS;
  return { fromSeconds, toSeconds: fromSeconds + days * DAY_SECONDS };
}

/** Only who says so: `*` is what old boxes send that cannot unpack. */
function acceptsGzip(ctx: Context): boolean {
  const header = ctx.get('Accept-Encoding');
  return /(?:^|,)\s*(?:x-)?gzip\s*(?:;\s*q\s*=\s*(?:1(?:\.0*)?|0?\.\d*[1-9]\d*))?\s*(?:,|$)/i.test(header);
}

/** A digest of what XMLTV shows of the channels; a lineup that was read again and is the same has the same. */
function createLineupTag(): (channels: readonly Channel[]) => string {
  const tags = new WeakMap<readonly Channel[], string>();
  return (channels) => {
    let tag = tags.get(channels);
    if (tag === undefined) {
      tag = hash(JSON.stringify(channels.map(({ id, name, number, groups }) => [id, name, number, groups])));
      tags.set(channels, tag);
    }
    return tag;
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}
