import type { EpgEvent } from '../../receiver/model.ts';
import type { ProgrammeDetails } from '../programme.ts';
import { findAiring } from './airing.ts';
import { findCategories } from './find-categories.ts';
import { findCredits } from './find-credits.ts';
import { type FoundEpisode, findEpisode } from './find-episode.ts';
import { lineBefore, quotedAtStart, subtitleAfterNumber, subtitleOf } from './find-subtitle.ts';
import { findOrigin } from './origin.ts';
import { findAgeRating, findStarRating } from './ratings.ts';
import { MAX_TITLE, tidyText } from './tidy-text.ts';

/** The texts of an event, put in order, and what they say. */
export interface EnrichedTexts {
  readonly title: string;
  /** Empty when there is none. */
  readonly shortDescription: string;
  readonly longDescription: string;
  readonly details: ProgrammeDetails;
}

export interface EnrichOptions {
  /** ISO 639-1 code: words that mean something else in other languages count in this one only; null: in all. */
  readonly language: string | null;
}

/** What the title was before and after something in it was recognised, and what stood behind that. */
interface Title {
  readonly text: string;
  readonly behind: string;
}

const SEPARATORS = /^[\s.,:;–-]{1,5}|[\s,:;–-]{1,5}$/gu;

/** Reads what an event's texts say beyond themselves. Pure; never throws; work in proportion to the texts' length. */
export function enrichEvent(event: EpgEvent, { language }: EnrichOptions): EnrichedTexts {
  const isFilm = event.genreId >> 4 === 1 && event.genreId !== 0x15;
  const givenTitle = tidyText(event.title, MAX_TITLE).replaceAll('\n', ' ');
  const short = tidyText(event.shortDescription);
  const long = tidyText(event.longDescription);

  const titleAiring = findAiring(givenTitle, 'title', language);
  const inTitle = findEpisode(titleAiring.rest, { place: 'title', isFilm, language });
  const numbered = inTitle === null ? { text: titleAiring.rest, behind: '' } : cutTitle(titleAiring.rest, inTitle);
  const titleOrigin = isFilm || event.genreId === 0 ? findOrigin(numbered.text, 'title') : null;
  const title =
    titleOrigin === null || titleOrigin.year === null
      ? numbered
      : cutTitle(numbered.text, titleOrigin, numbered.behind);

  const options = { place: 'description', isFilm, language } as const;
  const inShort = findEpisode(short, options);
  const inLong = findEpisode(long, options);
  const number = merge([inTitle, inShort, inLong]);
  const texts = [short, long].filter((text) => text !== '');
  const origins = texts.map((text) => findOrigin(text, 'description'));
  const flags = new Set([
    ...titleAiring.flags,
    ...texts.flatMap((text) => [...findAiring(text, 'description', language).flags]),
  ]);
  const isEpisode = number.episode !== null;

  return {
    title: title.text,
    shortDescription: short,
    longDescription: long,
    details: {
      subtitle: findSubtitle({ title, short, long, inShort, inLong, origin: origins[0] ?? null, language }),
      ...number,
      year: titleOrigin?.year ?? first(origins, (origin) => origin.year),
      countries: first(origins, (origin) => (origin.countries.length === 0 ? null : origin.countries)) ?? [],
      credits: findCredits(texts.join('\n'), language),
      ageRating: first([...texts, givenTitle], (text) => findAgeRating(text, language)),
      starRating: first(texts, (text) => findStarRating(text, language)),
      categories: findCategories(texts, event.genreId, isEpisode),
      repeat: flags.has('repeat'),
      isNew: flags.has('isNew') && !flags.has('repeat'),
      live: flags.has('live') && !flags.has('repeat'),
      imageUrl: null,
    },
  };
}

function first<Item, Value>(items: readonly Item[], value: (item: Item) => Value | null): Value | null {
  for (const item of items) {
    const found = value(item);
    if (found !== null) return found;
  }
  return null;
}

/** The first that names an episode; what it leaves open is taken from those that do not contradict it. */
function merge(
  found: ReadonlyArray<FoundEpisode | null>,
): Pick<ProgrammeDetails, 'season' | 'episode' | 'episodeCount'> {
  const known = found.filter((one) => one !== null);
  const main = known.find((one) => one.episode !== null) ?? known[0];
  if (main === undefined) return { season: null, episode: null, episodeCount: null };
  const agreeing = known.filter((one) => one.episode === null || one.episode === main.episode);
  return {
    season: main.season ?? first(agreeing, (one) => one.season),
    episode: main.episode,
    episodeCount: main.total ?? first(agreeing, (one) => one.total),
  };
}

/**
 * Takes what was recognised out of a title, where something is left in front of it. Anything else stays: the recognised
 * may be the title itself.
 */
function cutTitle(title: string, found: { start: number; end: number }, behindBefore = ''): Title {
  const before = title.slice(0, found.start).replace(/\s?[([]$/, '');
  const after = title.slice(found.end).replace(/^[)\]]/, '');
  const text = before.replace(SEPARATORS, '');
  const behind = after.replace(SEPARATORS, '');
  if (text !== '' && /\p{L}|\d/u.test(text)) {
    const subtitle = /\p{L}{2}/u.test(behind) ? behind : '';
    return { text, behind: subtitle === '' ? behindBefore : subtitle };
  }
  // "(Series 2) Midsomer Murders": in front only when it stood in brackets.
  if (/^[([]/.test(title) && behind !== '') return { text: behind, behind: behindBefore };
  return { text: title, behind: behindBefore };
}

function findSubtitle(known: {
  title: Title;
  short: string;
  long: string;
  inShort: FoundEpisode | null;
  inLong: FoundEpisode | null;
  origin: { start: number; end: number } | null;
  language: string | null;
}): string {
  const { title, short, long, inShort, inLong } = known;
  if (title.behind !== '') return title.behind.replace(/^["„“«](.*)["“”»]$/u, '$1');
  if (short !== '' && !long.startsWith(short)) {
    const bare = bareShort(short, inShort, known.origin, known.language);
    // A short text alone is mostly all there is of a description; with a number in it, the rest is the title.
    if (long !== '' || (inShort !== null && inShort.start <= 3)) {
      const subtitle = long === '' ? subtitleAfterNumber(bare) || quotedAtStart(bare) : subtitleOf(bare, title.text);
      if (subtitle !== '') return subtitle;
    }
  }
  const text = long === '' ? short : long;
  const number = long === '' ? inShort : inLong;
  const before = number === null ? '' : lineBefore(text, number.start);
  if (before !== '' && before !== title.text) return before;
  if (number !== null && number.start <= 40) {
    const subtitle = subtitleAfterNumber(text.slice(number.end));
    if (subtitle !== '' && subtitle !== title.text) return subtitle;
  }
  return quotedAtStart(text);
}

/** Without the number, the origin, the notes on the showing and what is in brackets at its end. */
function bareShort(
  short: string,
  number: FoundEpisode | null,
  origin: { start: number; end: number } | null,
  language: string | null,
): string {
  let bare = short;
  const spans = [number, origin].filter((span) => span !== null && span.end > span.start);
  for (const span of spans.sort((left, right) => (right?.start ?? 0) - (left?.start ?? 0))) {
    if (span !== null) bare = `${bare.slice(0, span.start)} ${bare.slice(span.end)}`;
  }
  if (/^\(?(?:FSK|ab \d|Wdh|Wiederholung|Live|VPS)/iu.test(bare)) return '';
  return findAiring(bare, 'title', language)
    .rest.replace(/[([]\s?[)\]]/g, '')
    .replace(/\s{2,9}/g, ' ')
    .trim();
}
