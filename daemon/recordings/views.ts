import { createHash } from 'node:crypto';
import type { Channel } from '../lineup/channel.ts';
import { displayName } from '../lineup/display-name.ts';
import type { BoxMovie, BoxTimer } from '../receiver/model.ts';
import { channelId, parseServiceReference } from '../receiver/service-reference.ts';
import { plainReference } from './box-timers.ts';
import type { Movie, Timer } from './recordings.ts';

/** What boxes tell, as every face shows it. */

export interface RecordingLineup {
  readonly channels: readonly Channel[];
  get(id: string): Channel | null;
  /** The receivers that have a channel, the preferred one first. */
  placesOf(id: string): readonly { readonly box: string; readonly ref: string }[];
}

export function timerId(box: string, timer: Pick<BoxTimer, 'ref' | 'beginSeconds' | 'endSeconds'>): string {
  return idOf(box, [plainReference(timer.ref), timer.beginSeconds, timer.endSeconds].join(' '));
}

function movieId(box: string, movie: Pick<BoxMovie, 'path'>): string {
  return idOf(box, movie.path);
}

function idOf(box: string, what: string): string {
  return `${box}.${createHash('sha256').update(what).digest('hex').slice(0, 16)}`;
}

export function timerView(box: string, timer: BoxTimer, lineup: RecordingLineup, nowSeconds: number): Timer {
  const parsed = parseServiceReference(timer.ref);
  const channel = parsed === null ? null : lineup.get(channelId(parsed));
  return {
    id: timerId(box, timer),
    channelId: channel?.id ?? null,
    channelName: channel === null ? timer.serviceName : displayName(channel.name),
    title: timer.name,
    description: timer.description,
    beginSeconds: timer.beginSeconds,
    endSeconds: timer.endSeconds,
    eventId: timer.eventId,
    state: stateOf(timer, nowSeconds),
    enabled: !timer.disabled,
    zapOnly: timer.zapOnly,
    repeatedDays: timer.repeatedDays,
  };
}

/** Images that do not tell it do what their clock says. */
export function stateOf(timer: BoxTimer, nowSeconds: number): Timer['state'] {
  if (timer.state !== null) return timer.state;
  if (timer.endSeconds <= nowSeconds) return 'ended';
  if (timer.disabled || nowSeconds < timer.prepareSeconds) return 'waiting';
  return nowSeconds < timer.beginSeconds ? 'prepared' : 'running';
}

/** `fileNames`: of what is being recorded. */
export function movieView(
  box: string,
  movie: BoxMovie,
  channelByName: (name: string) => Channel | null,
  growing: { readonly fileNames: ReadonlySet<string>; readonly nowSeconds: number },
): Movie {
  const channel = channelByName(movie.serviceName);
  const isGrowing =
    growing.fileNames.has(movie.path) || growing.fileNames.has(movie.path.replace(/\.[a-z0-9]{2,4}$/i, ''));
  const contentType = CONTENT_TYPES[/\.([a-z0-9]{2,4})$/i.exec(movie.path)?.[1]?.toLowerCase() ?? ''];
  return {
    id: movieId(box, movie),
    title: movie.title,
    description: [movie.description, movie.longDescription].filter((text) => text !== '').join('\n'),
    channelId: channel?.id ?? null,
    channelName: channel === null ? movie.serviceName : displayName(channel.name),
    startSeconds: movie.startSeconds,
    durationSeconds: isGrowing
      ? Math.max(movie.durationSeconds, growing.nowSeconds - movie.startSeconds)
      : movie.durationSeconds,
    sizeBytes: movie.sizeBytes,
    ...(isGrowing ? { isGrowing } : {}),
    ...(contentType === undefined ? {} : { contentType }),
  };
}

/** Boxes list all kinds of films; what they record is a transport stream. */
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  mkv: 'video/x-matroska',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  avi: 'video/x-msvideo',
  mpg: 'video/mpeg',
  mpeg: 'video/mpeg',
  vob: 'video/mpeg',
  webm: 'video/webm',
  mov: 'video/quicktime',
  wmv: 'video/x-ms-wmv',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  iso: 'application/octet-stream',
};

/** A recording tells its channel by name only. */
export function channelFinder(channels: readonly Channel[]): (name: string) => Channel | null {
  const byName = new Map<string, Channel>();
  for (const channel of channels) {
    for (const name of [channel.name, displayName(channel.name)]) {
      const key = name.toLowerCase();
      if (!byName.has(key)) byName.set(key, channel);
    }
  }
  return (name) => byName.get(name.toLowerCase()) ?? byName.get(displayName(name).toLowerCase()) ?? null;
}
