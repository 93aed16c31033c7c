import { Readable } from 'node:stream';
import type { Router } from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { XgError } from '#shared/errors.ts';
import { inChunks } from '../../guide/chunks.ts';
import { gridArguments, parseArguments, type TvhArguments } from '../../tvheadend/http/arguments.ts';
import { channelRow, tagRow } from '../../tvheadend/http/channels.ts';
import { Comet } from '../../tvheadend/http/comet.ts';
import { type DvrList, dvrConfigRow, dvrRows } from '../../tvheadend/http/dvr.ts';
import { contentTypes, EventIndex, eventArguments, eventRows } from '../../tvheadend/http/events.ts';
import { compare, type GridRow, gridOf } from '../../tvheadend/http/grid.ts';
import { profileList } from '../../tvheadend/http/profiles.ts';
import { connectionRows, inputRows, subscriptionRows } from '../../tvheadend/http/status.ts';
import { readBody } from '../request-body.ts';
import type { TvheadendDeps } from './deps.ts';
import { dvrCalls } from './dvr-calls.ts';

/** Tvheadend 4.3 announces this; clients use it to see which calls there are. */
const API_VERSION = 19;
/** The list of recordings wakes a disk. */
const MOVIES_AGE_MS = 300_000;
const TIMERS_AGE_MS = 10_000;

export type TvhCall = (args: TvhArguments, ctx: Context) => unknown;

/** `/api/…` and `/comet/poll`. Arguments come in the query or as a form; both methods are the same to Tvheadend. */
export function mountTvheadendApi(router: Router, deps: TvheadendDeps): void {
  const calls: Readonly<Record<string, TvhCall>> = { ...readingCalls(deps), ...dvrCalls(deps) };
  for (const [name, call] of Object.entries(calls)) {
    const handle = async (ctx: Context): Promise<void> => {
      ctx.set('Cache-Control', 'no-store');
      const answer = await call(await argumentsOf(ctx), ctx);
      ctx.type = 'application/json; charset=utf-8';
      ctx.body = answer instanceof Readable ? answer : JSON.stringify(answer ?? {});
      ctx.type = 'application/json; charset=utf-8';
    };
    router.get(`/api/${name}`, handle);
    router.post(`/api/${name}`, handle);
  }
  mountComet(router, deps);
}

function readingCalls(deps: TvheadendDeps): Readonly<Record<string, TvhCall>> {
  const { guide, tvh } = deps;
  const events = new EventIndex(guide);
  const grid =
    (rows: () => readonly GridRow[]): TvhCall =>
    (args) =>
      gridOf(rows(), parseArguments(gridArguments, args));
  const status =
    (rows: () => readonly GridRow[]): TvhCall =>
    () => ({ entries: rows(), totalCount: rows().length });
  const dvr =
    (list: DvrList): TvhCall =>
    async (args) => {
      const wanted = parseArguments(gridArguments, args);
      await deps.recordings.freshen('timers', { maxAgeMs: TIMERS_AGE_MS });
      if (list !== 'upcoming') await deps.recordings.freshen('movies', { maxAgeMs: MOVIES_AGE_MS });
      return gridOf(dvrRows(list, deps.recordings, tvh.channels), wanted);
    };
  return {
    serverinfo: () => ({
      sw_version: `4.3-xg2g-${deps.version}`,
      api_version: API_VERSION,
      name: 'xg2g',
      capabilities: ['imagecache'],
    }),
    'config/capabilities': () => ['imagecache'],
    'channel/grid': grid(() => tvh.channels.all.map(channelRow)),
    'channel/list': (args) => keysOf(tvh.channels.all.map(channelRow), args),
    'channeltag/grid': grid(() => tvh.channels.tags.map(tagRow)),
    'channeltag/list': (args) => keysOf(tvh.channels.tags.map(tagRow), args),
    'epg/events/grid': (args) => {
      const wanted = parseArguments(eventArguments, args);
      const page = events.page(tvh.channels, wanted, Math.floor(deps.clock.nowMs() / 1000));
      const rows = eventRows(guide, page.events, deps.recordings.timers);
      return Readable.from(inChunks(jsonRows(page.totalCount, rows)), { objectMode: false });
    },
    'epg/events/load': (args) => {
      const wanted = parseArguments(loadArguments, args).eventId;
      const found = wanted
        .flatMap((id) => guide.programme(id) ?? [])
        .flatMap((programme) => {
          const entry = tvh.channels.byChannelId(programme.channelId);
          return entry === null ? [] : [{ programme, entry }];
        });
      return { totalCount: found.length, entries: [...eventRows(guide, found, deps.recordings.timers)] };
    },
    'epg/content_type/list': contentTypes,
    'status/inputs': status(() => inputRows(deps.tuners)),
    'status/subscriptions': status(() => subscriptionRows(deps.tuners)),
    'status/connections': status(() => connectionRows(deps.tuners)),
    'dvr/entry/grid': dvr('all'),
    'dvr/entry/grid_upcoming': dvr('upcoming'),
    'dvr/entry/grid_finished': dvr('finished'),
    'dvr/entry/grid_failed': dvr('failed'),
    'dvr/config/grid': grid(() => [dvrConfigRow()]),
    'dvr/autorec/grid': grid(() => []),
    'dvr/timerec/grid': grid(() => []),
    'profile/list': () => profileList(deps.profiles.names),
  };
}

const loadArguments = z.object({
  eventId: z
    .string()
    .max(2_000)
    .transform((text) =>
      text
        .replace(/[[\]\s"]/g, '')
        .split(',')
        .map(Number),
    )
    .pipe(z.array(z.int().min(1)).min(1).max(100)),
});

/** `{"key":…,"val":…}`, by name, or by number where that is asked for. */
function keysOf(rows: readonly GridRow[], args: TvhArguments): object {
  const sort = args['sort'] === 'numname' || args['numbers'] === '1' ? 'number' : 'name';
  const sorted = rows.toSorted((left, right) => compare(left[sort], right[sort]));
  const name = (row: GridRow): string =>
    args['numbers'] === '1' && row['number'] !== undefined ? `${row['number']} ${row['name']}` : String(row['name']);
  return { entries: sorted.map((row) => ({ key: row['uuid'], val: name(row) })) };
}

/** Written row by row: a client may ask for the whole guide. */
function* jsonRows(totalCount: number, rows: Iterable<GridRow>): Generator<string> {
  yield `{"totalCount":${totalCount},"entries":[`;
  let comma = '';
  for (const row of rows) {
    yield `${comma}${JSON.stringify(row)}`;
    comma = ',';
  }
  yield ']}';
}

/** @throws XgError `BODY_TOO_LARGE`, `BODY_TYPE`. */
async function argumentsOf(ctx: Context): Promise<TvhArguments> {
  const args: Record<string, string> = {};
  for (const [name, value] of Object.entries(ctx.query)) args[name] = [value ?? []].flat()[0] ?? '';
  if (ctx.method !== 'POST') return args;
  const body = (await readBody(ctx)).toString('utf8');
  if (body === '') return args;
  if (ctx.is('urlencoded') === false) {
    throw new XgError(
      'BODY_TYPE',
      'The arguments must be a form, with Content-Type: application/x-www-form-urlencoded',
    );
  }
  for (const [name, value] of new URLSearchParams(body)) args[name] ??= value;
  return args;
}

function mountComet(router: Router, deps: TvheadendDeps): void {
  const comet = new Comet(deps.clock);
  deps.recordings.onChange(() => comet.notify('dvrentry'));
  deps.guide.onChange(() => comet.notify('epg'));
  deps.lineup.onChange(() => comet.notify('channels'));
  const poll = async (ctx: Context): Promise<void> => {
    const args = await argumentsOf(ctx);
    const gone = new AbortController();
    ctx.res.once('close', () => gone.abort());
    ctx.set('Cache-Control', 'no-store');
    ctx.body = await comet.poll(args['boxid'] ?? '', {
      immediate: args['immediate'] === '1',
      signal: gone.signal,
      greeting: () => [
        { notificationClass: 'accessUpdate', streaming: 1, dvr: 1, admin: 0, uilevel: 'basic' },
        { notificationClass: 'setServerIpPort', ip: ctx.req.socket.localAddress, port: ctx.req.socket.localPort },
      ],
    });
  };
  router.get('/comet/poll', poll);
  router.post('/comet/poll', poll);
}
