/** Names of the same channel differ by what is behind them: definition, country, region's words, shift in time. */
const TAILS =
  /\s(?:hd|sd|uhd|4k|fhd|full hd|ultra hd|hevc|h265|austria|österreich|deutschland|germany|schweiz|suisse|svizzera|uk|france|nederland|polska|italia|españa|fernsehen|television|televisie|telewizja|tv|channel|de|at|ch|fr|nl|pl|it|es|gb|be)$/u;
const COUNTRY_BRACKETS = /\s?[([](?:[a-z]{2,3}|hd|uhd|sd|\d{3,4}p)[)\]]/gu;
const COUNTRY_HEAD = /^(?:de|at|ch|fr|nl|pl|it|es|uk|gb|be)\s?[:|]\s?/u;

export interface ComparableName {
  /** Small letters and digits of ASCII only, without what channels of one name differ in. */
  readonly key: string;
  readonly words: readonly string[];
  /** Hours of "+1"; such a channel is never the one without. */
  readonly shiftHours: number;
  /** All digits: "ITV 2" is never "ITV 3". */
  readonly digits: string;
}

/** For comparing names of channels, from receivers and guides alike. */
export function comparableName(name: string): ComparableName {
  let text = name
    .slice(0, 120)
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ł', 'l')
    .replaceAll('ø', 'o')
    .replace(/ä/g, 'ae')
    .replace(/ö/g, 'oe')
    .replace(/ü/g, 'ue');
  const shift = /(?:\s|^|\w)\+\s?(\d{1,2})\s?(?:h|hrs?)?(?=$|\s|\))/u.exec(text);
  if (shift !== null)
    text = `${text.slice(0, shift.index)}${shift[0].replace(/\+.*$/su, '')} ${text.slice(shift.index + shift[0].length)}`;
  text = text.replace(COUNTRY_HEAD, '').replace(COUNTRY_BRACKETS, '');
  text = text
    .replace(/[._-]/g, ' ')
    .replace(/\s{1,20}/g, ' ')
    .trim();
  for (let count = 0; count < 4 && TAILS.test(text); count++) text = text.replace(TAILS, '');
  const plain = text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
    .replaceAll('&', ' and ')
    .replace(/\+/g, ' plus ')
    .replace(/[^a-z0-9\p{L}]/gu, ' ')
    .replace(/(\p{L})(\d)/gu, '$1 $2');
  const words = plain
    .split(/\s{1,20}/)
    .filter((word) => word !== '')
    .map((word) => NUMBER_WORDS.get(word) ?? word);
  return {
    key: words.join(''),
    words,
    shiftHours: shift === null ? 0 : Number(shift[1]),
    digits: words.filter((word) => /^\d/.test(word)).join(','),
  };
}

const NUMBER_WORDS = new Map([
  ['eins', '1'],
  ['one', '1'],
  ['two', '2'],
  ['zwei', '2'],
  ['three', '3'],
  ['drei', '3'],
  ['four', '4'],
  ['five', '5'],
  ['uno', '1'],
  ['due', '2'],
]);

/** The score of names that are the same but for definition, country and accents. */
export const SAME = 0.98;

/** Two letters each, with the word's beginning and end, as often as they occur. */
export function letterPairs(key: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const padded = `^${key}$`;
  for (let index = 0; index < padded.length - 1; index++) {
    const pair = padded.slice(index, index + 2);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}

/**
 * 0 to 1: how likely two names mean the same channel, by the letter pairs they have in common. Never 1, which is for
 * names that are the same; 0 where numbers or shifts differ.
 */
export function nameScore(left: ComparableName, right: ComparableName, commonPairs: number): number {
  if (left.key === '' || right.key === '') return 0;
  if (left.shiftHours !== right.shiftHours || left.digits !== right.digits) return 0;
  if (left.key === right.key) return SAME;
  const dice = (2 * commonPairs) / (left.key.length + right.key.length + 2);
  const shared = left.words.filter((word) => right.words.includes(word)).length;
  const overlap = shared / Math.max(left.words.length, right.words.length);
  return Math.round(Math.min(0.95, 0.7 * dice + 0.3 * overlap) * 1000) / 1000;
}
