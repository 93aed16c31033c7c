/**
 * Whom an audio track is for, as DVB says it in three places.
 *
 * Spec: ISO/IEC 13818-1:2019, 2.6.19 (audio_type); ETSI EN 300 468 V1.16.1, 6.4.11 supplementary_audio_descriptor, D.3
 * AC-3_descriptor, D.5 enhanced_ac-3_descriptor and table D.5 (component_type).
 */
import { u8 } from './bytes.ts';
import {
  type AudioType,
  DESCRIPTOR_AC3,
  DESCRIPTOR_ENHANCED_AC3,
  DESCRIPTOR_EXTENSION,
  type Descriptor,
  languageOf,
} from './descriptors.ts';

export type AudioRole = 'main' | 'audio-description' | 'hearing-impaired' | 'spoken-subtitles';

/** descriptor_tag_extension of the supplementary_audio_descriptor. */
export const EXTENSION_SUPPLEMENTARY_AUDIO = 0x06;

/** editorial_classification (table 153). */
const EDITORIAL: Readonly<Record<number, AudioRole>> = {
  1: 'audio-description',
  2: 'hearing-impaired',
  3: 'spoken-subtitles',
};

const BY_AUDIO_TYPE: Readonly<Partial<Record<AudioType, AudioRole>>> = {
  'hearing-impaired': 'hearing-impaired',
  'visual-impaired-commentary': 'audio-description',
};

/** Service type in bits 5…3 of component_type. */
const BY_SERVICE_TYPE: Readonly<Record<number, AudioRole>> = { 2: 'audio-description', 3: 'hearing-impaired' };

/** The code that broadcasters use in place of a language for audio description (ISO 639-2, private use). */
const LANGUAGE_AUDIO_DESCRIPTION = 'qad';

export function audioRoleOf(descriptors: readonly Descriptor[]): AudioRole {
  for (const { tag, payload } of descriptors) {
    if (tag === DESCRIPTOR_EXTENSION && payload.length >= 2 && u8(payload, 0) === EXTENSION_SUPPLEMENTARY_AUDIO) {
      const role = EDITORIAL[(u8(payload, 1) >> 2) & 0x1f]; // mix_type 1, editorial_classification 5
      if (role !== undefined) return role;
    }
    if ((tag === DESCRIPTOR_AC3 || tag === DESCRIPTOR_ENHANCED_AC3) && payload.length >= 2) {
      const role = (u8(payload, 0) & 0x80) === 0 ? undefined : BY_SERVICE_TYPE[(u8(payload, 1) >> 3) & 7];
      if (role !== undefined) return role; // component_type_flag, component_type
    }
  }
  const language = languageOf(descriptors);
  if (language?.code === LANGUAGE_AUDIO_DESCRIPTION) return 'audio-description';
  return (language === null ? undefined : BY_AUDIO_TYPE[language.audioType]) ?? 'main';
}

/** The audio_type that says the same to players that know no DVB descriptors. */
export function audioTypeOf(role: AudioRole): AudioType {
  if (role === 'audio-description') return 'visual-impaired-commentary';
  return role === 'hearing-impaired' ? 'hearing-impaired' : 'undefined';
}
