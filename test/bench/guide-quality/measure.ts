import { enrichEvent } from '#daemon/guide/quality/enrich.ts';
import { event } from '#test/daemon/guide/quality/events.ts';
import type { Sample } from './sample.ts';

export type Field =
  | 'title'
  | 'sub'
  | 's'
  | 'e'
  | 'of'
  | 'year'
  | 'from'
  | 'people'
  | 'age'
  | 'stars'
  | 'repeat'
  | 'new'
  | 'live';

export interface Outcome {
  readonly field: Field;
  readonly wanted: string | null;
  readonly found: string | null;
}

const text = (value: string | number | boolean | null | undefined): string | null =>
  value === undefined || value === null || value === false || value === '' || value === 0 ? null : String(value);

/** Field by field what a person reads and what was read; both null where there is nothing. */
export function outcomes({ title, short, long, genreId, says }: Sample, language: string): Outcome[] {
  const enriched = enrichEvent(event({ title, shortDescription: short, longDescription: long, genreId }), { language });
  const { details } = enriched;
  const rows: [Field, unknown, unknown][] = [
    ['title', says.title, enriched.title === title ? null : enriched.title],
    ['sub', says.sub, details.subtitle],
    ['s', says.s, details.season],
    ['e', says.e, details.episode],
    ['of', says.of, details.episodeCount],
    ['year', says.year, details.year],
    ['from', says.from, details.countries.join(',')],
    ['people', says.people, details.credits.length],
    ['age', says.age, details.ageRating],
    ['stars', says.stars, details.starRating],
    ['repeat', says.repeat, details.repeat],
    ['new', says.new, details.isNew],
    ['live', says.live, details.live],
  ];
  return rows.map(([field, wanted, found]) => ({
    field,
    wanted: text(wanted as string),
    found: text(found as string),
  }));
}

export interface Score {
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
}

export function scoreOf(all: readonly Outcome[]): Score {
  return {
    right: all.filter(({ wanted, found }) => wanted !== null && wanted === found).length,
    wrong: all.filter(({ wanted, found }) => found !== null && wanted !== found).length,
    missed: all.filter(({ wanted, found }) => wanted !== null && wanted !== found).length,
  };
}

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${((100 * part) / whole).toFixed(0)} %`;
