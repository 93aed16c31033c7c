import { TextDecoder } from 'node:util';

const REPLACEMENT = '\ufffd';

/**
 * The text of an answer. Boxes send ISO-8859-1 with and without saying so, and UTF-8 in which one event was cut in the
 * middle of a character. The charset counts if it names Latin-1; otherwise the bytes are UTF-8, unless more of their
 * non-ASCII characters are broken than whole.
 */
export function decodeBody(bytes: Buffer, contentType: string | null): string {
  const charset = /charset\s*=\s*"?([\w-]+)/i.exec(contentType ?? '')?.[1]?.toLowerCase();
  if (charset !== undefined && /^(?:iso-?8859-?1|latin-?1|windows-1252)$/.test(charset))
    return bytes.toString('latin1');
  const text = new TextDecoder('utf-8').decode(bytes);
  if (!text.includes(REPLACEMENT)) return text;

  let broken = 0;
  let whole = 0;
  for (const character of text) {
    if (character === REPLACEMENT) broken++;
    else if (character > '\u007f') whole++;
  }
  // latin1 of Buffer is the true ISO 8859-1: 0x8a stays U+008A, DVB's line break, and does not become a letter.
  return broken > whole ? bytes.toString('latin1') : text.replaceAll(REPLACEMENT, '');
}
