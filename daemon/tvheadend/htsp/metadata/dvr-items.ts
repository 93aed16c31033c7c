import type { Movie, Recordings, Timer } from '../../../recordings/recordings.ts';
import { type DvrItem, itemNumber } from './dvr-fields.ts';

/** A recording begins when its timer does, give or take what a receiver needs. */
const SAME_BEGIN_SECONDS = 600;

/**
 * What the list of recordings holds: timers, but not those that have ended (their recording is there) or only change the
 * channel; and recordings, but not the file of one that runs (its timer stands for it).
 */
export function dvrItems(recordings: Pick<Recordings, 'timers' | 'movies'>): DvrItem[] {
  const timers = recordings.timers.filter((timer) => timer.state !== 'ended' && !timer.zapOnly);
  const running = new Set(timers.map((timer) => movieOf(timer, recordings.movies)));
  return [
    ...timers.map((timer) => ({ kind: 'timer' as const, timer })),
    ...recordings.movies.filter((movie) => !running.has(movie)).map((movie) => ({ kind: 'movie' as const, movie })),
  ];
}

/** Null for a number that nothing has (any more). */
export function dvrItem(recordings: Pick<Recordings, 'timers' | 'movies'>, number: number): DvrItem | null {
  return dvrItems(recordings).find((item) => itemNumber(item) === number) ?? null;
}

/** The file that a running timer writes; null when there is none. */
export function movieOf(timer: Timer, movies: readonly Movie[]): Movie | null {
  if (timer.state !== 'running') return null;
  return (
    movies.find(
      (movie) =>
        movie.channelName === timer.channelName &&
        Math.abs(movie.startSeconds - timer.beginSeconds) < SAME_BEGIN_SECONDS,
    ) ?? null
  );
}
