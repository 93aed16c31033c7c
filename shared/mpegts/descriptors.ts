/**
 * Descriptor loops: tag, length, payload.
 *
 * Spec: ISO/IEC 13818-1:2019, 2.6 Program and program element descriptors; ETSI EN 300 468, 6.
 */
import { u8 } from './bytes.ts';

export interface Descriptor {
  readonly tag: number;
  /** The bytes after descriptor_length: a view, or a copy where the table that holds it says so. */
  readonly payload: Uint8Array;
}

/** ISO/IEC 13818-1, table 2-45. */
export const DESCRIPTOR_REGISTRATION = 0x05;
export const DESCRIPTOR_CA = 0x09;
export const DESCRIPTOR_ISO_639_LANGUAGE = 0x0a;
/** ETSI EN 300 468, table 12. */
export const DESCRIPTOR_SERVICE = 0x48;
export const DESCRIPTOR_STREAM_IDENTIFIER = 0x52;
export const DESCRIPTOR_TELETEXT = 0x56;
export const DESCRIPTOR_SUBTITLING = 0x59;
export const DESCRIPTOR_AC3 = 0x6a;
export const DESCRIPTOR_ENHANCED_AC3 = 0x7a;
export const DESCRIPTOR_DTS = 0x7b;
export const DESCRIPTOR_AAC = 0x7c;
export const DESCRIPTOR_EXTENSION = 0x7f;

/** Reads the loop in `bytes[start, end)`. A descriptor that runs past the end is cut off there, with all after it. */
export function parseDescriptors(bytes: Uint8Array, start: number, end: number): Descriptor[] {
  const found: Descriptor[] = [];
  let at = start;
  while (at + 2 <= end) {
    const length = u8(bytes, at + 1);
    if (at + 2 + length > end) break;
    found.push({ tag: u8(bytes, at), payload: Uint8Array.from(bytes.subarray(at + 2, at + 2 + length)) }); // copy
    at += 2 + length;
  }
  return found;
}

export function descriptorsLength(descriptors: readonly Descriptor[]): number {
  let length = 0;
  for (const descriptor of descriptors) length += 2 + descriptor.payload.length;
  return length;
}

export function writeDescriptors(bytes: Uint8Array, offset: number, descriptors: readonly Descriptor[]): number {
  let at = offset;
  for (const descriptor of descriptors) {
    bytes[at] = descriptor.tag; // descriptor_tag
    bytes[at + 1] = descriptor.payload.length; // descriptor_length
    bytes.set(descriptor.payload, at + 2);
    at += 2 + descriptor.payload.length;
  }
  return at - offset;
}

export function findDescriptor(descriptors: readonly Descriptor[], tag: number): Descriptor | null {
  return descriptors.find((descriptor) => descriptor.tag === tag) ?? null;
}

/** audio_type of the ISO_639_language_descriptor (table 2-60). */
export type AudioType = 'undefined' | 'clean-effects' | 'hearing-impaired' | 'visual-impaired-commentary' | 'reserved';
const AUDIO_TYPES: readonly AudioType[] = [
  'undefined',
  'clean-effects',
  'hearing-impaired',
  'visual-impaired-commentary',
];

export interface Language {
  /** ISO 639-2 code in lower case, such as `deu`. */
  readonly code: string;
  readonly audioType: AudioType;
}

/** Entries of the ISO_639_language_descriptor (2.6.18); a dual mono track has two, its left channel first. */
export function languagesOf(descriptors: readonly Descriptor[]): Language[] {
  const payload = findDescriptor(descriptors, DESCRIPTOR_ISO_639_LANGUAGE)?.payload ?? new Uint8Array(0);
  const found: Language[] = [];
  for (let at = 0; at + 4 <= payload.length; at += 4) {
    const code = Buffer.from(payload.subarray(at, at + 3))
      .toString('latin1')
      .toLowerCase();
    found.push({ code, audioType: AUDIO_TYPES[u8(payload, at + 3)] ?? 'reserved' });
  }
  return found;
}

/** First entry of the ISO_639_language_descriptor; null when absent or too short. */
export function languageOf(descriptors: readonly Descriptor[]): Language | null {
  return languagesOf(descriptors)[0] ?? null;
}

/** format_identifier of the registration_descriptor (2.6.8), such as `AC-3`; null when absent. */
export function registrationOf(descriptors: readonly Descriptor[]): string | null {
  const payload = findDescriptor(descriptors, DESCRIPTOR_REGISTRATION)?.payload;
  return payload === undefined || payload.length < 4 ? null : Buffer.from(payload.subarray(0, 4)).toString('latin1');
}

export function languageDescriptor(code: string, audioType: AudioType = 'undefined'): Descriptor {
  const payload = Buffer.alloc(4);
  payload.write(code.padEnd(3).slice(0, 3), 'latin1'); // ISO_639_language_code
  payload[3] = Math.max(0, AUDIO_TYPES.indexOf(audioType)); // audio_type
  return { tag: DESCRIPTOR_ISO_639_LANGUAGE, payload };
}
