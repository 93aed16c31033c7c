import { EPISODE_RULES, numberOf, type Place } from './episode-rules.ts';
import { applies } from './rule.ts';

/** What a text says of its place in a series, and where it says so. */
export interface FoundEpisode {
  readonly season: number | null;
  readonly episode: number | null;
  readonly total: number | null;
  /** In the text, characters. */
  readonly start: number;
  readonly end: number;
  readonly rule: string;
}

export interface FindEpisodeOptions {
  readonly place: 'title' | 'description';
  readonly isFilm: boolean;
  readonly language: string | null;
}

/** Their parts are numbered in words that otherwise mean episodes, and not every box gives them a film's genre. */
const FILM_SERIES =
  /^(?:star wars|krieg der sterne|gwiezdne wojny|guerre stellari|la guerra de las galaxias|la guerre des étoiles)/i;

/** The first row of the table that fits; null when none does. */
export function findEpisode(text: string, options: FindEpisodeOptions): FoundEpisode | null {
  if (!/\d|\b(?:season|series|part)\s/i.test(text)) return null;
  const inTitle = options.place === 'title';
  const places: readonly Place[] = inTitle ? ['anywhere', 'title'] : ['anywhere', 'head'];
  const isFilm = options.isFilm || FILM_SERIES.test(text);
  for (const rule of EPISODE_RULES) {
    if (!applies(rule, options.language) || !rule.places.some((place) => places.includes(place))) continue;
    if (rule.notInFilmTitles && inTitle && isFilm) continue;
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    const season = numberOf(match.groups?.['s']);
    const episode = numberOf(match.groups?.['e']);
    const total = numberOf(match.groups?.['t']);
    if (episode === 0 || season === 0) continue;
    if (total !== null && (total < 2 || episode === null || total < episode)) continue; // a date or a result
    return { season, episode, total, start: match.index, end: match.index + match[0].length, rule: rule.name };
  }
  return null;
}
