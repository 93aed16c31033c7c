/**
 * Text whose bytes were read in the wrong alphabet, put right. Only what cannot be anything else: a text that is
 * correct in any language of Europe comes out as it went in.
 */

/** Windows-1252's own characters and the byte each stands for; the rest of that alphabet is ISO 8859-1. */
const WINDOWS_1252 = new Map<string, number>(
  [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'].map((character, index) => [character, 0x80 + index]),
);
/** After a capital of the west these are correct now and then ("CAFÉ…", "IRMû"), so one of them proves nothing. */
const COMMON_AFTER_CAPITAL = new Set([...'\u00a0¨ª«°´·º»¿‚„…†‡‘’“”•–—‹›™']);

/** UTF-8 read as ISO 8859-1 or Windows-1252 ("FÃ¼r", "Ð¢"), once or twice over. */
export function repairUtf8(text: string): string {
  // Every such sequence begins with one of these.
  if (!/[\u00c2-\u00c5\u00cc\u00ce-\u00d1\u00e2]/.test(text)) return text;
  const once = decodeOnce(text);
  return once === text ? text : decodeOnce(once);
}

function decodeOnce(text: string): string {
  const characters = [...text];
  let decoded = '';
  let proofs = 0;
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] ?? '';
    // DVB's own codes stand between letters that are read in another way.
    if (character < '\u0080' || character === '\u0086' || character === '\u0087' || character === '\u008a') {
      decoded += character;
      continue;
    }
    const lead = byteOf(character);
    const length = sequenceLength(lead);
    if (length === 0) return text; // a character that is correct, or broken in another way
    const rest = characters.slice(index + 1, index + length);
    const bytes = rest.map(byteOf);
    if (bytes.some((byte) => byte < 0x80 || byte > 0xbf)) return text;
    if (bytes.length < length - 1) break; // cut in the middle of the last character
    const whole = bytes.reduce((value, byte) => value * 64 + (byte & 0x3f), lead & (0xff >> (length + 1)));
    if (!isPlausible(whole)) return text;
    proofs += rest.some((one) => !COMMON_AFTER_CAPITAL.has(one)) || length > 2 ? 2 : 1;
    decoded += String.fromCodePoint(whole);
    index += length - 1;
  }
  return proofs >= 2 ? decoded : text;
}

/** The byte a character was read from; 0 for one that no byte gives. */
function byteOf(character: string): number {
  const known = WINDOWS_1252.get(character);
  if (known !== undefined) return known;
  const code = character.codePointAt(0) ?? 0;
  return code <= 0xff ? code : 0;
}

function sequenceLength(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xd1) return 2;
  return lead === 0xe2 ? 3 : 0;
}

/** Letters of the alphabets of Europe, and the punctuation of printed text. */
function isPlausible(code: number): boolean {
  return (
    (code >= 0x80 && code <= 0x17f) ||
    code === 0x218 ||
    code === 0x219 ||
    (code >= 0x384 && code <= 0x3ce) ||
    (code >= 0x400 && code <= 0x45f) ||
    (code >= 0x2010 && code <= 0x203a) ||
    code === 0x20ac ||
    code === 0x2122
  );
}

/** What a diacritic of ISO 6937 became as ISO 8859-1. Spec: ETSI EN 300 468 V1.17.1, A.2 figure A.1, column C. */
const ISO_6937_MARKS: Readonly<Record<string, string>> = {
  À: '\u0300',
  Á: '\u0300',
  Â: '\u0301',
  Ã: '\u0302',
  Ä: '\u0303',
  Å: '\u0304',
  Æ: '\u0306',
  Ç: '\u0307',
  È: '\u0308',
  Ê: '\u030a',
  Ë: '\u0327',
  Í: '\u030b',
  Î: '\u0328',
  Ï: '\u030c',
};

/**
 * ISO 6937 read as ISO 8859-1: there the diacritic stands before its letter ("MÈunchen"). A capital with an accent
 * within a word of small letters is nothing else (but after Irish h, n and t, as in "hÁit"); only where there is one, words that begin so ("Èuber") are put right as well.
 */
export function repairIso6937(text: string): string {
  let found = false;
  const within = text.replace(
    /(?<=\p{Ll}{2}|(?<!\p{L})[\p{Lu}a-gi-mo-su-z])([ÁÂÃÄÅÆÇÈÊËÍÎÏ])([a-z])(?![A-Z])/gu,
    (whole, mark: string, letter: string) => {
      const composed = compose(mark, letter);
      found ||= composed !== null;
      return composed ?? whole;
    },
  );
  if (!found) return text;
  return within.replace(
    /(?<!\p{L})([ÁÂÃÄÅÆÇÈÊËÍÎÏ])([A-Za-z])/gu,
    (whole, mark: string, letter: string) => compose(mark, letter) ?? whole,
  );
}

/** One letter of Latin-1 or Latin Extended-A; null when there is none such. */
function compose(mark: string, letter: string): string | null {
  const composed = (letter + (ISO_6937_MARKS[mark] ?? '')).normalize('NFC');
  return composed.length === 1 && composed <= '\u017f' ? composed : null;
}

/** Windows-1252's punctuation read as ISO 8859-1. DVB's own codes (U+0086, U+0087, U+008A) are not among them. */
const PUNCTUATION = new Map([...WINDOWS_1252].map(([character, byte]) => [String.fromCharCode(byte), character]));

export function repairPunctuation(text: string): string {
  return text.replace(/[\u0080\u0082\u0084\u0085\u0091-\u0097\u0099]/g, (one) => PUNCTUATION.get(one) ?? one);
}
