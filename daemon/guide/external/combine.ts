import { genreCategories } from '../genre.ts';
import type { Programme, ProgrammeDetails } from '../programme.ts';
import { letterPairs } from './channel-names.ts';
import type { ExternalProgramme } from './external-programme.ts';

/** Words of guides and the genre they mean. Spec: ETSI EN 300 468, table 29. */
type Genres = ReadonlyArray<readonly [RegExp, number]>;
const FILM = /^(?:movies?|film|spielfilm|feature film|cinéma|película|speelfilm)$/i;
const SERIES = /^(?:series|serie|série|serial|soap|sitcom|telenovela|episodic)$/i;
const FILM_GENRES: Genres = [
  [/^(?:crime|krimi|thriller|policier|kryminał)/i, 0x11],
  [/^(?:adventure|western|war|abenteuer|aventure)/i, 0x12],
  [/^(?:science fiction|sci-fi|fantasy|horror)/i, 0x13],
  [/^(?:comedy|komödie|comédie|komedia|commedia|comedia)/i, 0x14],
  [/^(?:romance|romantik|romantic)/i, 0x16],
];
const OTHER_GENRES: Genres = [
  [/^(?:news|nachrichten|journal|nieuws|wiadomości|telegiornale|noticias)/i, 0x20],
  [/^(?:documentary|dokumentation|documentaire|documentario|documental|film dokumentalny)/i, 0x23],
  [/^(?:sports?|sport event|fußball|football|deportes|voetbal)/i, 0x40],
  [/^(?:kids|children|kinder|jeunesse|infantil|jeugd|dla dzieci|ragazzi)/i, 0x50],
  [/^(?:music|musik|musique|muziek|muzyka|musica|música)/i, 0x60],
  [/^(?:quiz|game ?show|jeu)/i, 0x31],
  [/^(?:talk ?show)/i, 0x33],
  [/^(?:show|entertainment|unterhaltung|divertissement|rozrywka)/i, 0x30],
];
/** Without a stop and without a next programme. */
const ASSUMED_SECONDS = 3600;
const MAX_SECONDS = 24 * 3600;

/** The programmes of one channel as a schedule: by start, each with an end, none running into the next. */
export function scheduleOf(programmes: readonly ExternalProgramme[], channelId: string): Programme[] {
  const sorted = [...programmes].sort((left, right) => left.startSeconds - right.startSeconds);
  const schedule: Programme[] = [];
  for (const [index, programme] of sorted.entries()) {
    const { startSeconds, details } = programme;
    if (schedule.at(-1)?.startSeconds === startSeconds) continue;
    const next = sorted.slice(index + 1, index + 5).find((one) => one.startSeconds > startSeconds)?.startSeconds;
    const stop = programme.stopSeconds ?? Math.min(next ?? startSeconds + ASSUMED_SECONDS, startSeconds + MAX_SECONDS);
    const genreId = genreOf(details.categories);
    const known = new Set(genreCategories(genreId, details.episode !== null));
    schedule.push({
      id: 0,
      eventId: 0,
      channelId,
      title: programme.title,
      shortDescription: '',
      longDescription: programme.description,
      startSeconds,
      stopSeconds: next === undefined ? stop : Math.min(stop, next),
      genreId,
      details: { ...details, categories: details.categories.filter((category) => !known.has(category)) },
    });
  }
  return schedule;
}

function genreOf(categories: readonly string[]): number {
  const first = (genres: Genres): number | undefined =>
    genres.find(([pattern]) => categories.some((category) => pattern.test(category)))?.[1];
  if (categories.some((category) => FILM.test(category))) return first(FILM_GENRES) ?? 0x10;
  // "Crime" alone may be a series, which level 1 would make a film.
  return first(OTHER_GENRES) ?? (categories.some((category) => SERIES.test(category)) ? 0x15 : 0);
}

/** Of the shorter of the two: how much of it both must share. */
const LEAST_OVERLAP = 0.5;
const LEAST_SIMILARITY = 0.6;

/** The programme of a schedule (by start) that is the same as ours: most of its time and much of its title; else null. */
export function counterpart(programme: Programme, schedule: readonly Programme[]): Programme | null {
  let best: Programme | null = null;
  let bestScore = 0;
  for (let index = firstEndingAfter(schedule, programme.startSeconds); index < schedule.length; index++) {
    const other = schedule[index];
    if (other === undefined || other.startSeconds >= programme.stopSeconds) break;
    const shared =
      Math.min(programme.stopSeconds, other.stopSeconds) - Math.max(programme.startSeconds, other.startSeconds);
    const shorter = Math.min(programme.stopSeconds - programme.startSeconds, other.stopSeconds - other.startSeconds);
    const overlap = shared / shorter;
    if (overlap < LEAST_OVERLAP) continue;
    const similarity = titleSimilarity(programme, other);
    if (similarity < LEAST_SIMILARITY || overlap + similarity <= bestScore) continue;
    best = other;
    bestScore = overlap + similarity;
  }
  return best;
}

function firstEndingAfter(schedule: readonly Programme[], seconds: number): number {
  let [low, high] = [0, schedule.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((schedule[middle]?.stopSeconds ?? 0) <= seconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** 0 to 1. A title that is the beginning of the other, up to a word's end, is as good as the same. */
export function titleSimilarity(left: Programme, right: Programme): number {
  const titles = (programme: Programme): string[] => {
    const { title, details } = programme;
    return details.subtitle === ''
      ? [comparable(title)]
      : [comparable(title), comparable(`${title} ${details.subtitle}`)];
  };
  let best = 0;
  for (const a of titles(left)) {
    for (const b of titles(right)) best = Math.max(best, similarity(a, b));
  }
  return best;
}

function similarity(a: string, b: string): number {
  if (a === '' || b === '') return 0;
  if (a === b) return 1;
  const [shorter, longer] = a.length < b.length ? [a, b] : [b, a];
  if (shorter.length >= 4 && longer.startsWith(`${shorter} `)) return 0.9;
  const [pairsA, pairsB] = [letterPairs(a), letterPairs(b)];
  let common = 0;
  for (const [pair, count] of pairsA) common += Math.min(count, pairsB.get(pair) ?? 0);
  return (2 * common) / (a.length + b.length + 2);
}

function comparable(title: string): string {
  return title
    .slice(0, 200)
    .toLowerCase()
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replaceAll('ß', 'ss')
    .replace(/[^\p{L}\p{N}]{1,10}/gu, ' ')
    .trim();
}

/** Ours with what only the other knows; what ours says itself stays. */
export function supplement(programme: Programme, other: Programme): Programme {
  const ours = programme.details;
  const theirs = other.details;
  // Numbers belong together: a season of one source with an episode of another is neither's.
  const numbers = ours.episode === null && ours.season === null ? theirs : ours;
  const genreId = programme.genreId === 0 ? other.genreId : programme.genreId;
  const known = new Set(genreCategories(genreId, numbers.episode !== null));
  const details: ProgrammeDetails = {
    subtitle: ours.subtitle === '' ? theirs.subtitle : ours.subtitle,
    season: numbers.season ?? (theirs.episode === ours.episode ? theirs.season : null),
    episode: numbers.episode ?? (theirs.season === ours.season ? theirs.episode : null),
    episodeCount: numbers.episodeCount,
    year: ours.year ?? theirs.year,
    countries: ours.countries.length > 0 ? ours.countries : theirs.countries,
    credits: ours.credits.length > 0 ? ours.credits : theirs.credits,
    ageRating: ours.ageRating ?? theirs.ageRating,
    starRating: ours.starRating ?? theirs.starRating,
    categories: [...new Set([...ours.categories, ...theirs.categories])].filter((category) => !known.has(category)),
    repeat: ours.repeat || (theirs.repeat && !ours.isNew),
    isNew: ours.isNew || (theirs.isNew && !ours.repeat),
    live: ours.live || theirs.live,
    imageUrl: ours.imageUrl ?? theirs.imageUrl,
  };
  const hasText = programme.shortDescription !== '' || programme.longDescription !== '';
  return {
    ...programme,
    genreId,
    longDescription: hasText ? programme.longDescription : other.longDescription,
    details,
  };
}
