import type { Movie, Timer } from '../../../recordings/recordings.ts';
import { tvhId } from '../../ids.ts';
import type { HtsMap } from '../wire/message.ts';

/** Priorities of Tvheadend: 0 is the highest, 2 the usual. */
const PRIORITY_NORMAL = 2;
/** Days that a recording is kept: for ever. */
const KEPT_FOREVER = 0x7fff_ffff;

/** A timer or a recording: both are entries of one list to HTSP clients. */
export type DvrItem =
  | { readonly kind: 'timer'; readonly timer: Timer }
  | { readonly kind: 'movie'; readonly movie: Movie };

export function itemNumber(item: DvrItem): number {
  return tvhId(item.kind, item.kind === 'timer' ? item.timer.id : item.movie.id).number;
}

export interface DvrNumbers {
  readonly id: number;
  /** Null for a channel that is not in the lineup. */
  readonly channel: number | null;
  /** The guide's own number of what is recorded; null where it is not known. */
  readonly event: number | null;
}

/** The fields of dvrEntryAdd and dvrEntryUpdate. */
export function dvrFields(item: DvrItem, numbers: DvrNumbers): HtsMap {
  const common = {
    id: numbers.id,
    channel: numbers.channel ?? undefined,
    // Margins are part of the receiver's timers.
    startExtra: 0,
    stopExtra: 0,
    retention: KEPT_FOREVER,
    removal: KEPT_FOREVER,
    priority: PRIORITY_NORMAL,
    contentType: 0,
  };
  return item.kind === 'timer'
    ? { ...common, ...timerFields(item.timer), eventId: numbers.event ?? undefined }
    : { ...common, ...movieFields(item.movie) };
}

function timerFields(timer: Timer): HtsMap {
  return {
    channelName: timer.channelName || undefined,
    start: timer.beginSeconds,
    stop: timer.endSeconds,
    title: timer.title,
    description: timer.description || undefined,
    state: timer.state === 'running' ? 'recording' : timer.state === 'ended' ? 'completed' : 'scheduled',
    enabled: timer.enabled ? 1 : 0,
  };
}

function movieFields(movie: Movie): HtsMap {
  const stop = movie.startSeconds + movie.durationSeconds;
  return {
    channelName: movie.channelName || undefined,
    start: movie.startSeconds,
    stop,
    title: movie.title,
    description: movie.description || undefined,
    state: 'completed',
    enabled: 1,
    dataSize: movie.sizeBytes,
    dataErrors: 0,
    path: `/dvrfile/${movie.id}`,
    files: [{ filename: `/dvrfile/${movie.id}`, start: movie.startSeconds, stop, size: movie.sizeBytes }],
  };
}
