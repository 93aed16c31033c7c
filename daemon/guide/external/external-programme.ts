import { cleanBlock as cleanedBlock, cleanLine as cleanedLine } from '../../receiver/clean-text.ts';
import { type Credit, NO_DETAILS, type ProgrammeDetails } from '../programme.ts';
import { parseXmltvTime } from './xmltv-time.ts';

/** One programme of somebody else's guide. */
export interface ExternalProgramme {
  /** As in the XMLTV file. */
  readonly xmltvId: string;
  readonly title: string;
  readonly description: string;
  /** Unix seconds. */
  readonly startSeconds: number;
  /** Null where the file leaves it out: then the next programme's start counts. */
  readonly stopSeconds: number | null;
  readonly details: ProgrammeDetails;
}

/** A copy: a piece of the parser's text would keep all of that text in memory. */
const owned = (text: string): string => Buffer.from(text).toString();
const cleanLine = (text: string): string => owned(cleanedLine(text));
const cleanBlock = (text: string): string => owned(cleanedBlock(text));

/** An element below `programme`, with the text in it and in those below. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
}

const ROLES = new Map<string, Credit['role']>([
  ['director', 'director'],
  ['actor', 'actor'],
  ['writer', 'writer'],
  ['adapter', 'writer'],
  ['producer', 'producer'],
  ['composer', 'composer'],
  ['presenter', 'presenter'],
  ['commentator', 'presenter'],
  ['guest', 'guest'],
]);
const MAX_CREDITS = 40;
const MAX_CATEGORIES = 12;

/** Null for what has no channel, no title or no start: it cannot be shown. Spec: XMLTV DTD 0.6, element programme. */
export function externalProgramme(element: XmlElement, language: string | null): ExternalProgramme | null {
  const { attributes, children } = element;
  const startSeconds = parseXmltvTime(attributes['start'] ?? '');
  const stopSeconds = parseXmltvTime(attributes['stop'] ?? '');
  const title = cleanLine(inLanguage(children, 'title', language));
  const xmltvId = owned((attributes['channel'] ?? '').trim());
  if (startSeconds === null || title === '' || xmltvId === '') return null;
  const named = (name: string): XmlElement[] => children.filter((child) => child.name === name);
  const date = /^(\d{4})/.exec(named('date')[0]?.text.trim() ?? '')?.[1];
  return {
    xmltvId,
    title,
    description: cleanBlock(inLanguage(children, 'desc', language)),
    startSeconds,
    stopSeconds: stopSeconds !== null && stopSeconds > startSeconds ? stopSeconds : null,
    details: {
      ...NO_DETAILS,
      subtitle: cleanLine(inLanguage(children, 'sub-title', language)),
      ...episodeOf(named('episode-num')),
      year: date === undefined || Number(date) < 1895 ? null : Number(date),
      countries: named('country')
        .map(({ text }) => text.trim().toUpperCase())
        .filter((code) => /^[A-Z]{2}$/.test(code)),
      credits: creditsOf(named('credits')[0]),
      ageRating: ageOf(named('rating')),
      starRating: starsOf(named('star-rating')),
      categories: [...new Set(named('category').map(({ text }) => cleanLine(text)))]
        .filter((category) => category !== '')
        .slice(0, MAX_CATEGORIES),
      repeat: named('previously-shown').length > 0,
      isNew: named('new').length > 0 || named('premiere').length > 0,
      live: named('live').length > 0,
      imageUrl: imageOf(children),
    },
  };
}

/** The one in the language, else the first. */
function inLanguage(elements: readonly XmlElement[], name: string, language: string | null): string {
  const all = elements.filter((element) => element.name === name && element.text.trim() !== '');
  const wanted = language === null ? undefined : all.find(({ attributes }) => attributes['lang']?.startsWith(language));
  return (wanted ?? all[0])?.text ?? '';
}

type Numbers = Pick<ProgrammeDetails, 'season' | 'episode' | 'episodeCount'>;

/** `xmltv_ns` counts from 0 and is the exact one; `onscreen` and `SxxExx` are what else is common. */
function episodeOf(elements: readonly XmlElement[]): Numbers {
  const bySystem = (system: RegExp): string[] =>
    elements.filter(({ attributes }) => system.test(attributes['system'] ?? 'onscreen')).map(({ text }) => text.trim());
  for (const text of bySystem(/^xmltv_ns$/i)) {
    const match = /^\s?(\d{1,4})?\s?(?:\/\s?\d{1,4})?\s?\.\s?(\d{1,5})?\s?(?:\/\s?(\d{1,5}))?/.exec(text);
    if (match === null || (match[1] === undefined && match[2] === undefined)) continue;
    const counted = (digits: string | undefined): number | null => (digits === undefined ? null : Number(digits) + 1);
    return {
      season: counted(match[1]),
      episode: counted(match[2]),
      episodeCount: match[3] === undefined ? null : Number(match[3]),
    };
  }
  for (const text of bySystem(/^(?:onscreen|SxxExx|common)$/i)) {
    const match =
      /(?:S(?:eason)?\s?(\d{1,3}))?[\s.,x-]{0,2}E(?:p(?:isode)?\.?)?\s?(\d{1,5})(?:\s?(?:\/|of)\s?(\d{1,5}))?/i.exec(
        text,
      );
    if (match === null || Number(match[2]) < 1) continue;
    const number = (digits: string | undefined): number | null => (digits === undefined ? null : Number(digits));
    return { season: number(match[1]), episode: number(match[2]), episodeCount: number(match[3]) };
  }
  return { season: null, episode: null, episodeCount: null };
}

function creditsOf(element: XmlElement | undefined): Credit[] {
  return (element?.children ?? [])
    .flatMap(({ name, text, attributes }) => {
      const role = ROLES.get(name);
      const person = cleanLine(text);
      const character = cleanLine(attributes['role'] ?? '');
      return role === undefined || person === ''
        ? []
        : [{ role, name: person, character: character === '' ? null : character }];
    })
    .slice(0, MAX_CREDITS);
}

const ratingText = (element: XmlElement): string =>
  (element.children.find(({ name }) => name === 'value')?.text ?? element.text).trim();

function ageOf(elements: readonly XmlElement[]): number | null {
  for (const element of elements) {
    const years = /^(?:\D{0,8})(\d{1,2})(?:\D{0,8})$/.exec(ratingText(element))?.[1];
    if (years !== undefined && Number(years) <= 21) return Number(years);
  }
  return null;
}

function starsOf(elements: readonly XmlElement[]): number | null {
  for (const element of elements) {
    const match = /^(\d{1,3}(?:\.\d{1,2})?)\s?\/\s?(\d{1,3})$/.exec(ratingText(element));
    const [value, most] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
    if (most > 0 && value <= most) return Math.round((value / most) * 1000) / 1000;
  }
  return null;
}

function imageOf(elements: readonly XmlElement[]): string | null {
  for (const { name, attributes, text } of elements) {
    if (name !== 'icon' && name !== 'image') continue;
    const url = URL.parse((attributes['src'] ?? text).trim());
    if (url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.href.length <= 2048)
      return owned(url.href);
  }
  return null;
}
