import type { EpgEvent } from '../../receiver/model.ts';
import { findEpisodeNumber } from '../episode.ts';
import { NO_DETAILS, type ProgrammeDetails } from '../programme.ts';

/** The texts of an event, put in order, and what they say. */
export interface EnrichedTexts {
  readonly title: string;
  /** Empty when there is none. */
  readonly shortDescription: string;
  readonly longDescription: string;
  readonly details: ProgrammeDetails;
}

export interface EnrichOptions {
  /** ISO 639-1 code of the words to prefer where they could mean something else in another language; null: all. */
  readonly language: string | null;
}

/** Longer than this the broadcaster's short text is a summary and no episode title. */
const MAX_SUBTITLE_LENGTH = 120;

/** Reads what an event's texts say beyond themselves. Pure; never throws. */
export function enrichEvent(event: EpgEvent, _options: EnrichOptions): EnrichedTexts {
  const { title, shortDescription: short, longDescription: long } = event;
  const number = findEpisodeNumber([title, short, long]);
  const isSubtitle =
    short !== '' &&
    long !== '' &&
    short !== title &&
    !long.startsWith(short) &&
    short.length <= MAX_SUBTITLE_LENGTH &&
    !short.includes('\n');
  return {
    title,
    shortDescription: short,
    longDescription: long,
    details: {
      ...NO_DETAILS,
      subtitle: isSubtitle ? short : '',
      season: number?.season ?? null,
      episode: number?.episode ?? null,
      episodeCount: number?.total ?? null,
    },
  };
}
