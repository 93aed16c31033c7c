import { z } from 'zod';
import { XgError } from '#shared/errors.ts';
import type { Movie, Recordings, Timer, TimerWish } from '../../recordings/recordings.ts';
import { type TvhChannel, type TvhChannels, tvhId } from '../ids.ts';
import { jsonText, parseArguments, type TvhArguments } from './arguments.ts';
import { iconPath } from './channels.ts';
import type { GridRow } from './grid.ts';

/** `dvr/entry/…`: the box's timers and recordings as one kind of thing, which Tvheadend has them be. */

export const DVR_CONFIG_UUID = tvhId('dvr-config', 'default').uuid;

export function dvrConfigRow(): GridRow {
  return { uuid: DVR_CONFIG_UUID, enabled: true, name: '', comment: 'The receiver records by its own settings' };
}

/** A recording that has begun so near to its timer's begin is that timer's. The box does not say which is which. */
const SAME_START_SECONDS = 300;

export function timerRow(timer: Timer, channels: TvhChannels, movies: readonly Movie[] = []): GridRow {
  const isRunning = timer.state === 'running';
  const growing = isRunning ? movies.find((movie) => isOf(movie, timer)) : undefined;
  return {
    ...commonRow(timer, timer.channelId === null ? null : channels.byChannelId(timer.channelId)),
    uuid: tvhId('timer', timer.id).uuid,
    enabled: timer.enabled,
    start: timer.beginSeconds,
    start_real: timer.beginSeconds,
    stop: timer.endSeconds,
    stop_real: timer.endSeconds,
    duration: timer.endSeconds - timer.beginSeconds,
    dvb_eid: timer.eventId ?? 0,
    filename: growing?.title ?? '',
    filesize: growing?.sizeBytes ?? 0,
    url: growing === undefined ? '' : `dvrfile/${tvhId('movie', growing.id).uuid}`,
    status: isRunning ? 'Running' : 'Scheduled for recording',
    sched_status: isRunning ? 'recording' : 'scheduled',
  };
}

function isOf(movie: Movie, timer: Timer): boolean {
  return (
    movie.isGrowing === true &&
    movie.channelName === timer.channelName &&
    // A timer that was set late begins in the middle.
    movie.startSeconds >= timer.beginSeconds - SAME_START_SECONDS &&
    movie.startSeconds < timer.endSeconds
  );
}

export function movieRow(movie: Movie, channels: TvhChannels): GridRow {
  const { uuid } = tvhId('movie', movie.id);
  const stop = movie.startSeconds + movie.durationSeconds;
  return {
    ...commonRow(movie, movie.channelId === null ? null : channels.byChannelId(movie.channelId)),
    uuid,
    enabled: true,
    start: movie.startSeconds,
    start_real: movie.startSeconds,
    stop,
    stop_real: stop,
    duration: movie.durationSeconds,
    dvb_eid: 0,
    filename: movie.title,
    filesize: movie.sizeBytes,
    url: `dvrfile/${uuid}`,
    status: 'Completed OK',
    sched_status: 'completed',
  };
}

function commonRow(
  of: { readonly title: string; readonly description: string; readonly channelName: string },
  entry: TvhChannel | null,
): GridRow {
  return {
    start_extra: 0,
    stop_extra: 0,
    channel: entry?.id.uuid ?? '',
    channelname: of.channelName,
    channel_icon: entry === null ? '' : iconPath(entry),
    title: { und: of.title },
    disp_title: of.title,
    disp_subtitle: '',
    disp_summary: '',
    disp_description: of.description,
    disp_extratext: '',
    pri: 2,
    retention: 0,
    removal: 0,
    playposition: 0,
    playcount: 0,
    config_name: DVR_CONFIG_UUID,
    owner: '',
    creator: '',
    errors: 0,
    data_errors: 0,
    noresched: false,
    norerecord: false,
    fileremoved: 0,
    autorec: '',
    timerec: '',
    parent: '',
    child: '',
    content_type: 0,
    broadcast: 0,
    duplicate: 0,
    comment: '',
  };
}

export type DvrList = 'all' | 'upcoming' | 'finished' | 'failed';

/** What the box only zaps to is no recording. What failed there, it does not say. */
export function dvrRows(
  list: DvrList,
  recordings: Pick<Recordings, 'timers' | 'movies'>,
  channels: TvhChannels,
): GridRow[] {
  const upcoming = (): GridRow[] =>
    recordings.timers
      .filter(({ state, zapOnly }) => state !== 'ended' && !zapOnly)
      .map((timer) => timerRow(timer, channels, recordings.movies));
  const finished = (): GridRow[] =>
    recordings.movies.filter(({ isGrowing }) => isGrowing !== true).map((movie) => movieRow(movie, channels));
  switch (list) {
    case 'all':
      return [...upcoming(), ...finished()];
    case 'upcoming':
      return upcoming();
    case 'finished':
      return finished();
    case 'failed':
      return [];
  }
}

export function timerByUuid(uuid: string, timers: readonly Timer[]): Timer | null {
  return timers.find(({ id }) => tvhId('timer', id).uuid === uuid) ?? null;
}

/** By UUID, by number, or by our own id. */
export function movieByAnyId(text: string, movies: readonly Movie[]): Movie | null {
  const isNumber = /^\d{1,10}$/.test(text);
  const uuid = text.toLowerCase().replaceAll('-', '');
  return (
    movies.find(({ id }) => id === text) ??
    movies.find(({ id }) => {
      const named = tvhId('movie', id);
      return isNumber ? named.number === Number(text) : named.uuid === uuid;
    }) ??
    null
  );
}

/** Texts by language, or one text. */
const text = z
  .union([z.string(), z.record(z.string(), z.string()).transform((texts) => Object.values(texts)[0] ?? '')])
  .pipe(z.string().trim().max(2_000))
  .optional();
const moment = z.coerce.number().int().min(1).max(0xffff_ffff);
const minutes = z.coerce.number().int().min(0).max(600).default(0);
const entry = z
  .object({
    start: moment,
    stop: moment,
    channel: z.string().max(64).optional(),
    channelname: z.string().max(200).optional(),
    title: text,
    disp_title: text,
    description: text,
    disp_description: text,
    start_extra: minutes,
    stop_extra: minutes,
  })
  .refine(({ start, stop }) => stop > start, 'stop must be after start');
const createArguments = z.object({ conf: jsonText(entry) });

/** `dvr/entry/create`. @throws XgError `TVH_ARGUMENT`, `CHANNEL_UNKNOWN`. */
export function timerWish(args: TvhArguments, channels: TvhChannels): TimerWish {
  const { conf } = parseArguments(createArguments, args);
  const { channel = '', channelname = '' } = conf;
  const found = channels.byUuid(channel) ?? channels.byName(channelname) ?? channels.byName(channel);
  if (found === null) throw new XgError('CHANNEL_UNKNOWN', 'There is no such channel to record');
  return {
    channelId: found.channel.id,
    title: conf.title || conf.disp_title || found.channel.name,
    description: conf.description ?? conf.disp_description ?? '',
    beginSeconds: conf.start - conf.start_extra * 60,
    endSeconds: conf.stop + conf.stop_extra * 60,
  };
}

const eventId = z.coerce.number().int().min(1).max(0x7fff_ffff);
const MAX_AT_ONCE = 50;
const byEventArguments = z.union([
  z.object({
    entries: jsonText(
      z
        .array(z.object({ event_id: eventId }))
        .min(1)
        .max(MAX_AT_ONCE),
    ),
  }),
  z.object({ event_id: eventId }).transform((one) => ({ entries: [one] })),
]);

/** `dvr/entry/create_by_event`: the guide's own numbers. @throws XgError `TVH_ARGUMENT`. */
export function eventIds(args: TvhArguments): number[] {
  return parseArguments(byEventArguments, args).entries.map((one) => one.event_id);
}

const uuid = z
  .string()
  .max(64)
  .transform((value) => value.toLowerCase().replaceAll('-', ''));
const uuidArguments = z.object({
  uuid: z
    .string()
    .transform((value) => (value.startsWith('[') ? value : JSON.stringify([value])))
    .pipe(jsonText(z.array(uuid).min(1).max(MAX_AT_ONCE))),
});

/** One UUID or a list of them. @throws XgError `TVH_ARGUMENT`. */
export function uuids(args: TvhArguments): string[] {
  return parseArguments(uuidArguments, args).uuid;
}
