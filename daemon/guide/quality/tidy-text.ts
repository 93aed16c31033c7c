import { decodeEntities } from '../../receiver/clean-text.ts';

/** Longer texts are cut: what a rule reads has a bound, and no broadcaster's event is as long. */
export const MAX_TITLE = 300;
export const MAX_TEXT = 8000;

/** What stands for "nothing" when it is the whole text. */
const NOTHING = /^(?:n\/?a|none|null|undefined|nil|-{1,3}|\.{1,3}|no description|keine beschreibung)\.?$/i;
const TAG = /<\/?(?:b|i|u|em|strong|p|span)>/gi;

/** A text of one or more lines without the leavings of the systems it went through; a correct text stays as it is. */
export function tidyText(text: string, maxLength = MAX_TEXT): string {
  const bounded = text.length > maxLength ? cut(text, maxLength) : text;
  // Some systems escape twice: the receiver's answer was decoded once.
  const tidied = decodeEntities(bounded)
    .replace(/<br ?\/?>/gi, '\n')
    .replace(/\\r\\n|\\n(?=\s|$|\p{Lu}|\\)/gu, '\n')
    .replace(TAG, '')
    .replace(/\r\n?/g, '\n')
    .replace(/(^|\s)([\u0300-\u036f])(\p{L})/gu, '$1$3$2') // a diacritic that has come before its letter
    .normalize('NFC')
    .replace(/[^\S\n]{2,}/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return NOTHING.test(tidied) ? '' : tidied;
}

/** At the last space before the bound, not within a character. */
function cut(text: string, maxLength: number): string {
  const space = text.lastIndexOf(' ', maxLength - 1);
  return text.slice(0, space > maxLength / 2 ? space : maxLength - 1).replace(/[\ud800-\udbff]$/, '');
}
