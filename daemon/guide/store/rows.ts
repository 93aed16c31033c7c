import { z } from 'zod';
import { NO_DETAILS, type Programme, type ProgrammeDetails } from '../programme.ts';
import type { GuideSource } from '../store.ts';

/** A row as it is read: the columns of PROGRAMME_COLUMNS in this order. */
export type ProgrammeRow = readonly [
  id: number,
  eventId: number,
  start: number,
  stop: number,
  genre: number,
  source: number,
  title: string,
  short: string,
  long: string,
  details: string,
];

export const PROGRAMME_COLUMNS = 'id, event_id, start, stop, genre, source, title, short, long, details';

const SOURCES: readonly GuideSource[] = ['box', 'external'];

export function sourceNumber(source: GuideSource): number {
  return SOURCES.indexOf(source);
}

/** Details are kept as JSON of what differs from nothing known; most programmes differ little. */
export function writeDetails(details: ProgrammeDetails): string {
  const said = Object.entries(details).filter(([name, value]) => {
    const nothing = NO_DETAILS[name as keyof ProgrammeDetails];
    return Array.isArray(value) ? value.length > 0 : value !== nothing;
  });
  return said.length === 0 ? '' : JSON.stringify(Object.fromEntries(said));
}

const storedDetails = z.looseObject({}).catch({});

function readDetails(text: string): ProgrammeDetails {
  if (text === '') return NO_DETAILS;
  try {
    // We wrote it ourselves; what a damaged file made of it must still be an object.
    return { ...NO_DETAILS, ...(storedDetails.parse(JSON.parse(text)) as Partial<ProgrammeDetails>) };
  } catch {
    return NO_DETAILS; // damaged: the programme itself is still of use
  }
}

export function readProgramme(row: ProgrammeRow, channelId: string): Programme {
  return {
    id: row[0],
    eventId: row[1],
    channelId,
    title: row[6],
    shortDescription: row[7],
    longDescription: row[8],
    startSeconds: row[2],
    stopSeconds: row[3],
    genreId: row[4],
    details: readDetails(row[9]),
  };
}
