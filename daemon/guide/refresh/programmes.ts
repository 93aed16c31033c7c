import type { EpgEvent } from '../../receiver/model.ts';
import type { Programme } from '../programme.ts';
import { enrichEvent } from '../quality/enrich.ts';

export interface ProgrammeOptions {
  readonly nowSeconds: number;
  readonly days: number;
  readonly keepDays: number;
  readonly language: string | null;
}

export const DAY_SECONDS = 86_400;
/** The year 9999, the last that the date form of XMLTV can write. */
const MAX_UNIX_SECONDS = 253_402_300_799;
/** Longer than that no programme is: a broadcaster's slip would hide all that follow. */
const MAX_DURATION_SECONDS = 2 * DAY_SECONDS;

/** What ended before it is not in the guide. */
export function endedBeforeSeconds({
  nowSeconds,
  keepDays,
}: Pick<ProgrammeOptions, 'nowSeconds' | 'keepDays'>): number {
  return nowSeconds - keepDays * DAY_SECONDS;
}

/** Null for what ended too long ago, begins after the configured days, or has no length. */
export function toProgramme(event: EpgEvent, channelId: string, options: ProgrammeOptions): Programme | null {
  const { startSeconds, durationSeconds } = event;
  const stopSeconds = startSeconds + Math.min(durationSeconds, MAX_DURATION_SECONDS);
  if (!(stopSeconds > startSeconds) || stopSeconds > MAX_UNIX_SECONDS) return null;
  if (startSeconds > options.nowSeconds + options.days * DAY_SECONDS) return null;
  if (stopSeconds < endedBeforeSeconds(options)) return null;
  return {
    id: 0,
    eventId: event.id,
    channelId,
    startSeconds,
    stopSeconds,
    genreId: event.genreId,
    ...enrichEvent(event, { language: options.language }),
  };
}
