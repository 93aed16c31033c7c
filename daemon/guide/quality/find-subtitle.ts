import { findCategories } from './find-categories.ts';

/** Longer than this the broadcaster's short text is a summary and no episode title. */
const MAX_SUBTITLE = 120;
/** A sentence with a full stop and so many words is a summary too. */
const SENTENCE_WORDS = 7;

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
  if (words >= SENTENCE_WORDS && (/[.…]$/.test(text) || /[.!?]\s/.test(text))) return '';
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
  const dashed = /^(?<d>\p{Lu}[^\n.!?:]{1,60}[!?]?)\s[-–]\s(?=\p{Lu})/u.exec(text)?.groups?.['d'];
  const found = (line ?? dashed ?? '').trim();
  return found !== '' && findCategories([found], 0, false).length === 0 && !/(?:19|20)\d\d$/.test(found) ? found : '';
}

export function quotedAtStart(text: string): string {
  return QUOTED.exec(text)?.groups?.['q']?.trim() ?? '';
}
