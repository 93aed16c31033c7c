import { GENRE_WORDS } from '../local-genre.ts';
import { findCategories } from './find-categories.ts';

/** Longer than this the broadcaster's short text is a summary and no episode title. */
const MAX_SUBTITLE = 120;
/** A sentence with a full stop and so many words is a summary too. */
const SENTENCE_WORDS = 7;

/** "Actiefilm", "Kriminalkomödie": the kind of programme in one word. */
const MERE_KIND = /^\p{L}{0,16}(?:film|komödie|drama|thriller|krimi|western|magazin|magazine|show)$/iu;

const QUOTED = /^[„"“«'‚](?<q>[^„"“”«»\n]{2,80})[“"”»'‘](?=\s?(?:$|\n|[.:,–-]))/u;

/**
 * The episode's own title, where a text holds nothing else; empty where that is not sure. `short` is the short text
 * without the episode's number and the origin.
 */
export function subtitleOf(short: string, title: string): string {
  const text = short.replace(/^[\s.,:;–-]{1,4}|[\s,:;–-]{1,4}$/gu, '');
  if (text === '' || text.length > MAX_SUBTITLE || text.includes('\n')) return '';
  if (text.toLowerCase() === title.toLowerCase()) return '';
  const words = text.split(' ').length;
  if (words >= SENTENCE_WORDS && (/[.…]$/.test(text) || /\p{L}{3}[.!?]\s\p{Lu}/u.test(text))) return '';
  if (GENRE_WORDS.has(text.toLowerCase()) || MERE_KIND.test(text)) return '';
  if (words <= 5 && findCategories([text], 0, false).length > 0) return ''; // "Krimiserie", "Serial obyczajowy"
  const quoted = QUOTED.exec(text)?.groups?.['q'];
  if (quoted !== undefined) return quoted.trim();
  const unended = text.replace(/(?<=\p{L}{2})\.$/u, '');
  return /\p{L}|\d/u.test(unended) ? unended : '';
}

/** The title in a long text's first line: after the episode's number, or in quotes; empty where that is not sure. */
export function subtitleAfterNumber(afterNumber: string): string {
  const text = afterNumber.replace(/^[\s.,:;)\]–-]{1,5}/u, '');
  const quoted = QUOTED.exec(text)?.groups?.['q'];
  if (quoted !== undefined) return quoted.trim();
  // A line of its own, or a few words before a dash; running text would be the plot.
  const line = /^(?<l>[^\n.!?]{2,80}[!?]?)\n/u.exec(text)?.groups?.['l'];
  const dashed = /^(?<d>\p{Lu}[^\n.!?:]{1,60}[!?]?)\s[-–]\s(?=\p{Lu})(?!(?:Part|Teil|Partie|Parte|Deel)\s\d)/u.exec(
    text,
  )?.groups?.['d'];
  const found = (line ?? dashed ?? '').trim();
  // "Episode 2: Alone Together.": longer ones are the plot's first sentence.
  const colon = /^:\s(?<c>\p{Lu}[^\s.!?:,]{0,30}(?:\s[^\s.!?:,]{1,30}){0,3})(?:\.\s|$)/u.exec(afterNumber)?.groups?.[
    'c'
  ];
  if (found === '' && colon !== undefined) return colon;
  return found !== '' && findCategories([found], 0, false).length === 0 && !/(?:19|20)\d\d$/.test(found) ? found : '';
}

export function quotedAtStart(text: string): string {
  return QUOTED.exec(text)?.groups?.['q']?.trim() ?? '';
}

/** A first line of its own before one that begins with the episode's number. */
export function lineBefore(text: string, numberStart: number): string {
  const line = text.slice(0, Math.max(0, numberStart));
  const isTitle = /^[^\n]{2,80}\n$/u.test(line) && !/[.:]\n$/.test(line);
  return isTitle ? subtitleOf(line.trim(), '') : '';
}
