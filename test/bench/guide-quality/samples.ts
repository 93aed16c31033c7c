import { DUTCH } from './dutch.ts';
import { ENGLISH } from './english.ts';
import { FRENCH } from './french.ts';
import { GERMAN } from './german.ts';
import { ITALIAN } from './italian.ts';
import { POLISH } from './polish.ts';
import type { Sample } from './sample.ts';
import { SPANISH } from './spanish.ts';

export const SAMPLES: Readonly<Record<string, readonly Sample[]>> = {
  de: GERMAN,
  en: ENGLISH,
  fr: FRENCH,
  nl: DUTCH,
  pl: POLISH,
  it: ITALIAN,
  es: SPANISH,
};
