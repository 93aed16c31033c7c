import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from 'koa';
import { XgError } from '#shared/errors.ts';
import type { Movie, MovieRange, Recordings } from '../recordings/recordings.ts';
import { requestedRange } from './byte-range.ts';

/** How often the end of a growing recording is looked at, and after how many looks without a byte more it is over. */
const FOLLOW_MS = 2_000;
const FOLLOW_LOOKS = 5;
const TIMERS_AGE_MS = 15_000;

type MovieSource = Pick<Recordings, 'movies' | 'openMovie' | 'freshen'>;

/**
 * A recording as it lies on the box's disk, from where the player wants it. One that is still being recorded has the end
 * that it has now for whoever asks for a part; who asks for the whole gets it until it has ended.
 */
export async function serveMovie(ctx: Context, recordings: MovieSource, movie: Movie): Promise<void> {
  const isGrowing = movie.isGrowing === true;
  ctx.type = movie.contentType ?? 'video/mp2t';
  ctx.set('Accept-Ranges', 'bytes');
  ctx.set('Cache-Control', isGrowing ? 'no-store' : 'no-cache');
  const tag = isGrowing ? null : etagOf(movie, movie.sizeBytes);
  if (tag !== null) ctx.set('ETag', tag);
  ctx.status = 200;
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  if (ctx.method === 'HEAD') {
    ctx.length = movie.sizeBytes;
    return;
  }
  const gone = new AbortController();
  ctx.res.once('close', () => gone.abort(new XgError('ECANCELED', 'the client went away')));
  const ifRange = ctx.get('if-range');
  const wanted = ifRange === '' || ifRange === tag ? ctx.get('range') : '';
  const known = isGrowing ? Number.MAX_SAFE_INTEGER : movie.sizeBytes;
  const isSuffix = wanted.trim().startsWith('bytes=-');
  const range = requestedRange(wanted, isSuffix ? movie.sizeBytes : known);
  if (range.kind === 'none') return unsatisfiable(ctx, movie.sizeBytes);
  if (range.kind === 'whole' && isGrowing) {
    ctx.body = Readable.from(follow(recordings, movie.id, gone.signal), { objectMode: false });
    return;
  }
  const part: MovieRange =
    range.kind === 'part'
      ? { startByte: range.startByte, endByte: range.endByte, signal: gone.signal }
      : { startByte: 0, endByte: null, signal: gone.signal };
  const file = await recordings.openMovie(movie.id, part);
  const { startByte, endByte, sizeBytes, body } = file;
  if (range.kind === 'part' && startByte > endByte) {
    body.destroy();
    return unsatisfiable(ctx, sizeBytes);
  }
  if (!isGrowing) ctx.set('ETag', etagOf(movie, sizeBytes));
  // A box that cannot begin in the middle gives the whole, and so do we.
  if (range.kind === 'part' && startByte === range.startByte) {
    ctx.status = 206;
    ctx.set('Content-Range', `bytes ${startByte}-${endByte}/${sizeBytes}`);
  }
  ctx.body = body;
  ctx.type = movie.contentType ?? 'video/mp2t';
  ctx.length = endByte - startByte + 1;
}

function unsatisfiable(ctx: Context, sizeBytes: number): void {
  ctx.remove('ETag');
  ctx.status = 416;
  ctx.set('Content-Range', `bytes */${sizeBytes}`);
}

function etagOf({ id }: Movie, sizeBytes: number): string {
  return `"${id}-${sizeBytes.toString(36)}"`;
}

/** From the beginning to wherever the end is by then, at the reader's pace. */
async function* follow(recordings: MovieSource, id: string, signal: AbortSignal): AsyncGenerator<Buffer> {
  let startByte = 0;
  for (let looks = 0; looks < FOLLOW_LOOKS; looks++) {
    const { body } = await recordings.openMovie(id, { startByte, endByte: null, signal });
    for await (const piece of body as AsyncIterable<Buffer>) {
      startByte += piece.length;
      looks = 0;
      yield piece;
    }
    await recordings.freshen('timers', { maxAgeMs: TIMERS_AGE_MS });
    const isGrowing = recordings.movies.find((movie) => movie.id === id)?.isGrowing === true;
    // One look more after it has ended: for what came between.
    if (!isGrowing && looks > 0) return;
    await delay(FOLLOW_MS, undefined, { signal });
  }
}
