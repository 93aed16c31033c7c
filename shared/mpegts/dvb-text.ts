/** Spec: ETSI EN 300 468, Annex A Coding of text characters. */
import { TextDecoder } from 'node:util';
import { u8 } from './bytes.ts';

/** ISO 8859 part by the one-byte selector 0x01…0x0b (table A.3). 0x08 is reserved. */
const SELECTED_PART: Readonly<Record<number, string>> = {
  1: 'iso-8859-5',
  2: 'iso-8859-6',
  3: 'iso-8859-7',
  4: 'iso-8859-8',
  5: 'windows-1254', // ISO 8859-9
  6: 'iso-8859-10',
  7: 'windows-874', // ISO 8859-11
  9: 'iso-8859-13',
  10: 'iso-8859-14',
  11: 'iso-8859-15',
};

function decoderFor(bytes: Uint8Array): { label: string; skip: number } {
  const first = bytes.length > 0 ? u8(bytes, 0) : 0x20;
  if (first >= 0x20) return { label: 'windows-1252', skip: 0 }; // table 00 (ISO 6937), read as Latin-1: letters agree
  if (first === 0x10) {
    const part = bytes.length > 2 ? u8(bytes, 2) : 1; // three bytes: 0x10 0x00 part
    return { label: part === 1 ? 'windows-1252' : `iso-8859-${part}`, skip: 3 };
  }
  if (first === 0x11 || first === 0x14) return { label: 'utf-16be', skip: 1 }; // 0x14: its Big5 subset
  if (first === 0x12) return { label: 'euc-kr', skip: 1 }; // KS X 1001
  if (first === 0x13) return { label: 'gbk', skip: 1 }; // GB 2312
  if (first === 0x15) return { label: 'utf-8', skip: 1 };
  return { label: SELECTED_PART[first] ?? 'windows-1252', skip: 1 };
}

/**
 * Decodes a DVB string. Control codes 0x80…0x9f, in two-byte and UTF-8 text 0xe080…0xe09f (A.1): 0x8a is a line break, the
 * rest (emphasis) is dropped.
 */
export function decodeDvbText(bytes: Uint8Array): string {
  const { label, skip } = decoderFor(bytes);
  let body = bytes.subarray(skip);
  const isWide = label.startsWith('utf');
  if (!isWide) {
    body = Uint8Array.from(body, (byte) => (byte === 0x8a ? 0x0a : byte)).filter((byte) => byte < 0x80 || byte > 0x9f);
  }
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(label);
  } catch {
    decoder = new TextDecoder('windows-1252'); // a part number that no table names
  }
  const text = decoder.decode(body);
  return isWide ? text.replace(/[\u008a\ue08a]/g, '\n').replace(/[\u0080-\u009f\ue080-\ue09f]/g, '') : text;
}

/** Encodes as UTF-8 with its selector 0x15 (plain ASCII without one), cut at a character border to `limit` bytes. */
export function encodeDvbText(text: string, limit: number): Buffer {
  const ascii = /^[\x20-\x7e]*$/.test(text);
  const parts: Buffer[] = ascii ? [] : [Buffer.from([0x15])];
  let length = ascii ? 0 : 1;
  for (const character of text) {
    const encoded = Buffer.from(character, 'utf8');
    if (length + encoded.length > limit) break;
    parts.push(encoded);
    length += encoded.length;
  }
  return Buffer.concat(parts);
}
