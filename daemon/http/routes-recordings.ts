import type { Router } from '@koa/router';
import { z } from 'zod';
import { XgError } from '#shared/errors.ts';
import type { Movie, Recordings, Timer, TimerWish } from '../recordings/recordings.ts';
import { requireWrite } from './access/gate.ts';
import { serveMovie } from './movie-file.ts';
import type { ErrorStatusTable } from './problem.ts';
import { BODY_ERROR_STATUS, readJson } from './request-body.ts';

export const RECORDING_ERROR_STATUS: ErrorStatusTable = {
  ...BODY_ERROR_STATUS,
  TIMER_CONFLICT: 409,
  TIMER_EXISTS: 409,
  TIMER_UNKNOWN: 404,
  MOVIE_UNKNOWN: 404,
};

export interface RecordingRouteDeps {
  readonly recordings: Recordings;
}

/** How old an answer may be: timers are cheap to ask for, the list of recordings wakes a disk. */
const TIMERS_AGE_MS = 10_000;
const MOVIES_AGE_MS = 300_000;
const MAX_PAGE = 10_000;

/** `/api/v1/timers`, `/api/v1/recordings`, and the recordings themselves: `/dvrfile/<id>`. */
export function mountRecordings(router: Router, { recordings }: RecordingRouteDeps): void {
  router.get('/api/v1/timers', async (ctx) => {
    await recordings.freshen('timers', { maxAgeMs: TIMERS_AGE_MS });
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { timers: recordings.timers.map(timerAnswer) };
  });
  router.post('/api/v1/timers', async (ctx) => {
    requireWrite(ctx);
    const body = await readJson(ctx);
    const isByEvent = timerByEvent.safeParse(body).success;
    const timer = isByEvent
      ? await recordings.addEventTimer(eventOf(parse(timerByEvent, body)))
      : await recordings.addTimer(timerWish(parse(timerByHand, body)));
    ctx.status = 201;
    ctx.set('Location', `/api/v1/timers/${timer.id}`);
    ctx.body = timerAnswer(timer);
  });
  router.get('/api/v1/timers/:id', (ctx) => {
    const timer = recordings.timers.find(({ id }) => id === ctx.params['id']);
    if (timer === undefined) throw new XgError('TIMER_UNKNOWN', 'There is no such timer (any more)');
    ctx.set('Cache-Control', 'no-store');
    ctx.body = timerAnswer(timer);
  });
  router.patch('/api/v1/timers/:id', async (ctx) => {
    requireWrite(ctx);
    const { channel, begin, end, ...rest } = parse(timerChange, await readJson(ctx));
    const change = { ...rest, channelId: channel, beginSeconds: begin, endSeconds: end };
    ctx.body = timerAnswer(await recordings.changeTimer(String(ctx.params['id']), withoutAbsent(change)));
  });
  router.delete('/api/v1/timers/:id', async (ctx) => {
    requireWrite(ctx);
    await recordings.deleteTimer(String(ctx.params['id']));
    ctx.status = 204;
  });

  router.get('/api/v1/recordings', async (ctx) => {
    const { limit, offset } = parse(page, { ...ctx.query });
    await recordings.freshen('movies', { maxAgeMs: MOVIES_AGE_MS });
    const { movies } = recordings;
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { recordings: movies.slice(offset, offset + limit).map(movieAnswer), total: movies.length };
  });
  router.delete('/api/v1/recordings/:id', async (ctx) => {
    requireWrite(ctx);
    await recordings.deleteMovie(String(ctx.params['id']));
    ctx.status = 204;
  });
}

/** `/dvrfile/<id>`; `find` knows the ids of all faces. */
export function mountMovieFiles(
  router: Router,
  { recordings, find }: RecordingRouteDeps & { readonly find: (id: string) => Movie | null },
): void {
  router.get('/dvrfile/:id', async (ctx) => {
    const movie = find(String(ctx.params['id']));
    if (movie === null) throw new XgError('MOVIE_UNKNOWN', 'There is no such recording (any more)');
    await serveMovie(ctx, recordings, movie);
  });
}

/** ISO 8601 with an offset, or Unix seconds; inside it is the latter. */
const moment = z.union([
  z.int().min(1).max(0xffff_ffff),
  z.iso.datetime({ offset: true }).transform((text) => Math.floor(Date.parse(text) / 1000)),
]);
const title = z.string().trim().min(1).max(200);
const description = z.string().trim().max(2_000);
const channel = z.string().min(1).max(80);
const eventId = z.int().min(1).max(0xffff_ffff);

const inOrder = (wish: { begin?: number | undefined; end?: number | undefined }): boolean =>
  wish.begin === undefined || wish.end === undefined || wish.end > wish.begin;
const ORDER = 'end must be after begin';

const timerByHand = z
  .strictObject({
    channel,
    title,
    description: description.optional(),
    begin: moment,
    end: moment,
    eventId: eventId.optional(),
  })
  .refine(inOrder, ORDER);
/** With the margins that are set on the box. */
const timerByEvent = z.strictObject({ channel, eventId });
const timerChange = z
  .strictObject({
    channel: channel.optional(),
    title: title.optional(),
    description: description.optional(),
    begin: moment.optional(),
    end: moment.optional(),
    enabled: z.boolean().optional(),
  })
  .refine(inOrder, ORDER);
const page = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(MAX_PAGE),
  offset: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
});

/** @throws XgError `BODY_INVALID` that says which field, and what it must be. */
function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new XgError(
    'BODY_INVALID',
    `The request cannot be used: ${z.prettifyError(parsed.error).replace(/\s+/g, ' ')}`,
    {
      cause: parsed.error,
    },
  );
}

function timerWish(wish: z.output<typeof timerByHand>): TimerWish {
  return {
    channelId: wish.channel,
    title: wish.title,
    description: wish.description ?? '',
    beginSeconds: wish.begin,
    endSeconds: wish.end,
    eventId: wish.eventId ?? null,
  };
}

function eventOf(wish: z.output<typeof timerByEvent>): { channelId: string; eventId: number } {
  return { channelId: wish.channel, eventId: wish.eventId };
}

type Present<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

function withoutAbsent<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>;
}

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

function timerAnswer(timer: Timer): object {
  return {
    id: timer.id,
    channel: timer.channelId,
    channelName: timer.channelName,
    title: timer.title,
    description: timer.description,
    begin: iso(timer.beginSeconds),
    end: iso(timer.endSeconds),
    eventId: timer.eventId,
    state: timer.state,
    enabled: timer.enabled,
    zapOnly: timer.zapOnly,
    repeatedDays: timer.repeatedDays,
  };
}

function movieAnswer(movie: Movie): object {
  return {
    id: movie.id,
    title: movie.title,
    description: movie.description,
    channel: movie.channelId,
    channelName: movie.channelName,
    start: iso(movie.startSeconds),
    durationSeconds: movie.durationSeconds,
    sizeBytes: movie.sizeBytes,
    isGrowing: movie.isGrowing === true,
    url: `/dvrfile/${movie.id}`,
  };
}
