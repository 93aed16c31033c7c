import { repairIso6937, repairPunctuation, repairUtf8 } from './mojibake.ts';

/**
 * Names of U+00A0 … U+00FF in code order. Spec: HTML 4.01, 24.2.1 (character entity references for ISO 8859-1).
 */
const LATIN1_ENTITIES = (
  'nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3 acute micro ' +
  'para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring AElig Ccedil ' +
  'Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave ' +
  'Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil egrave eacute ecirc euml ' +
  'igrave iacute icirc iuml eth ntilde ograve oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute ' +
  'thorn yuml'
).split(' ');

const ENTITIES = new Map<string, string>([
  ...LATIN1_ENTITIES.map((name, index): [string, string] => [name, String.fromCodePoint(0xa0 + index)]),
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['euro', '€'],
  ['hellip', '…'],
  ['ndash', '–'],
  ['mdash', '—'],
  ['lsquo', '‘'],
  ['rsquo', '’'],
  ['sbquo', '‚'],
  ['ldquo', '“'],
  ['rdquo', '”'],
  ['bdquo', '„'],
  ['bull', '•'],
  ['trade', '™'],
  ['OElig', 'Œ'],
  ['oelig', 'œ'],
  ['Scaron', 'Š'],
  ['scaron', 'š'],
]);

/** Replaces `&amp;`, `&#39;`, `&#x27;` and the named Latin-1 entities, in one pass; unknown ones stay as they are. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]{1,7}));/g,
    (whole, dec, hex, name) => {
      if (name !== undefined) return ENTITIES.get(name) ?? whole;
      const code = dec === undefined ? Number.parseInt(hex, 16) : Number(dec);
      return code > 0x10ffff ? '' : String.fromCodePoint(code);
    },
  );
}

/** DVB's line break, as it arrives in one byte (0x8a) or two (0xe08a). Spec: ETSI EN 300 468, A.1, table A.1 and A.2. */
const DVB_LINE_BREAK = /\r\n?|\u008a|\ue08a/g;
/** C0 except line break, DEL and C1, DVB's emphasis marks of both forms, and what XML 1.0 forbids. */
const FORBIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: removing them is what this expression is for
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ue080-\ue09f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * A text of several lines: in the right alphabet, entities decoded, DVB line breaks as `\n`, control characters dropped,
 * ends trimmed.
 */
export function cleanBlock(text: string): string {
  // Before anything is dropped: control characters may be halves of broken letters.
  const decoded = repairIso6937(repairUtf8(decodeEntities(text)));
  const lines = repairPunctuation(decoded.replace(DVB_LINE_BREAK, '\n').replace(/\t/g, ' '));
  return lines.replace(FORBIDDEN, '').trim();
}

/** A text of one line: as `cleanBlock`, and any run of white space becomes one space. */
export function cleanLine(text: string): string {
  return cleanBlock(text).replace(/\s+/g, ' ');
}
