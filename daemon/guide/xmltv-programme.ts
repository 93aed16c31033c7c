import { onscreen, xmltvNs } from './episode.ts';
import { genreCategories } from './genre.ts';
import { localGenre, localSeries } from './local-genre.ts';
import type { Credit, Programme, ProgrammeDetails } from './programme.ts';
import { escapeXml } from './xml-text.ts';

/** The order of the DTD's element `credits`. */
const CREDIT_ROLES: readonly Credit['role'][] = [
  'director',
  'actor',
  'writer',
  'producer',
  'composer',
  'presenter',
  'guest',
];

/** Whose system the number of years is of, by the guide's language. */
const RATING_SYSTEMS: Readonly<Record<string, string>> = { de: 'FSK', nl: 'Kijkwijzer', fr: 'CSA', gb: 'BBFC' };

/** A `programme` element, its children in the order that the DTD prescribes. */
export function programmeElement(programme: Programme, channelAttribute: string, language: string | null): string {
  const { title, details } = programme;
  const lang = language === null ? '' : ` lang="${language}"`;
  let body = element('title', title, lang);
  if (details.subtitle !== '') body += element('sub-title', details.subtitle, lang);
  const description = descriptionOf(programme);
  if (description !== '') body += element('desc', description, lang);
  if (details.credits.length > 0) body += creditsElement(details.credits);
  if (details.year !== null) body += element('date', String(details.year));
  body += categoryElements(programme, language);
  if (details.live) body += element('keyword', 'live', ' lang="en"');
  if (details.imageUrl !== null) body += `    <icon src="${escapeXml(details.imageUrl)}"/>\n`;
  for (const country of details.countries) body += element('country', country);
  body += episodeElements(details);
  if (details.repeat) body += '    <previously-shown/>\n';
  if (details.isNew) body += '    <new/>\n';
  body += ratingElements(details, language);
  const times = `start="${xmltvTime(programme.startSeconds)}" stop="${xmltvTime(programme.stopSeconds)}"`;
  return `  <programme ${times} channel="${channelAttribute}">\n${body}  </programme>\n`;
}

function element(name: string, text: string, attributes = ''): string {
  return `    <${name}${attributes}>${escapeXml(text)}</${name}>\n`;
}

/** The short text counts where it is neither the episode's title nor the beginning of the long one. */
function descriptionOf({ title, shortDescription: short, longDescription: long, details }: Programme): string {
  if (short === '' || short === title || short === details.subtitle || long.startsWith(short)) return long;
  return long === '' ? short : `${short}\n${long}`;
}

function creditsElement(credits: readonly Credit[]): string {
  let body = '';
  for (const role of CREDIT_ROLES) {
    for (const credit of credits) {
      if (credit.role !== role) continue;
      const part = role === 'actor' && credit.character !== null ? ` role="${escapeXml(credit.character)}"` : '';
      body += `      <${role}${part}>${escapeXml(credit.name)}</${role}>\n`;
    }
  }
  return `    <credits>\n${body}    </credits>\n`;
}

function categoryElements({ genreId, details }: Programme, language: string | null): string {
  const isEpisode = details.episode !== null;
  const english = new Set([...genreCategories(genreId, isEpisode), ...details.categories]);
  let body = '';
  for (const category of english) body += element('category', category, ' lang="en"');
  if (language === null) return body;
  // "Film" is what broadcasters say of the episodes of a series.
  const isSeries = isEpisode && genreId >> 4 <= 1;
  const words = [
    isSeries ? localSeries(language) : null,
    genreId === 0x10 && isSeries ? null : localGenre(genreId, language),
  ];
  for (const word of words) {
    if (word !== null && !english.has(word)) body += element('category', word, ` lang="${language}"`);
  }
  return body;
}

function episodeElements({ season, episode, episodeCount }: ProgrammeDetails): string {
  if (episode === null) return '';
  const number = { season, episode, total: episodeCount };
  return (
    element('episode-num', xmltvNs(number), ' system="xmltv_ns"') +
    element('episode-num', onscreen(number), ' system="onscreen"')
  );
}

function ratingElements({ ageRating, starRating }: ProgrammeDetails, language: string | null): string {
  let body = '';
  if (ageRating !== null) {
    const system = RATING_SYSTEMS[language ?? ''] ?? 'age';
    body += `    <rating system="${system}">\n      <value>${ageRating}</value>\n    </rating>\n`;
  }
  if (starRating !== null) {
    body += `    <star-rating>\n      <value>${Math.round(starRating * 100) / 10}/10</value>\n    </star-rating>\n`;
  }
  return body;
}

const pad = (value: number): string => (value < 10 ? `0${value}` : String(value));

/** `YYYYMMDDhhmmss +0000`, in UTC. */
export function xmltvTime(unixSeconds: number): string {
  const time = new Date(unixSeconds * 1000);
  const date = `${String(time.getUTCFullYear()).padStart(4, '0')}${pad(time.getUTCMonth() + 1)}${pad(time.getUTCDate())}`;
  return `${date}${pad(time.getUTCHours())}${pad(time.getUTCMinutes())}${pad(time.getUTCSeconds())} +0000`;
}
