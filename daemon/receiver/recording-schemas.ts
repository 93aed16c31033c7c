import { z } from 'zod';
import { decodeEntities } from './clean-text.ts';
import { looseBlock, looseBoolean, looseInteger, looseLine, looseList } from './loose-values.ts';
import type { BoxMovie, CommandResult, ConflictingTimer, MovieFolder } from './model.ts';

/** JSON answers of OpenWebif about recordings and commands to our model. */

const conflict = z
  .object({ name: looseLine, servicename: looseLine, begin: looseInteger, end: looseInteger })
  .transform(
    (row): ConflictingTimer => ({
      name: row.name,
      serviceName: row.servicename,
      beginSeconds: row.begin ?? 0,
      endSeconds: row.end ?? 0,
    }),
  );

export const commandResultSchema = z
  .object({ result: looseBoolean, message: looseLine, exception: looseLine, conflicts: looseList(conflict).optional() })
  .refine((answer) => answer.result || `${answer.message}${answer.exception}` !== '')
  .transform(
    (answer): CommandResult => ({
      ok: answer.result,
      message: answer.message === '' ? answer.exception : answer.message,
      conflicts: answer.conflicts ?? [],
    }),
  );

/** Numbers also with a unit behind them, as old images write sizes. */
const looseSize = z
  .unknown()
  .optional()
  .transform((value) => {
    const number = Number(/^\s*(\d+)/.exec(String(value))?.[1] ?? 0);
    return Number.isSafeInteger(number) ? number : 0;
  });

const path = z
  .string()
  .transform((text) => decodeEntities(text))
  .refine((text) => text.startsWith('/'));

const movie = z
  .object({
    serviceref: z.string(),
    filename: path.optional().catch(undefined),
    eventname: looseLine,
    servicename: looseLine,
    description: looseBlock,
    descriptionExtended: looseBlock,
    extended_description: looseBlock,
    recordingtime: looseInteger,
    length: looseLine,
    filesize: looseSize,
  })
  .transform((row): BoxMovie => {
    const ref = decodeEntities(row.serviceref).trim();
    const file = row.filename ?? ref.split(':').slice(10).join(':');
    return {
      ref,
      path: file,
      title: row.eventname === '' ? nameOf(file) : row.eventname,
      description: row.description,
      longDescription: row.descriptionExtended === '' ? row.extended_description : row.descriptionExtended,
      serviceName: row.servicename,
      startSeconds: Math.max(0, row.recordingtime ?? 0),
      durationSeconds: parseLength(row.length),
      sizeBytes: row.filesize,
    };
  })
  .refine((row) => row.path.startsWith('/') && !row.path.endsWith('/'));

/** Boxes write sub-folders as a list of names, of objects with a name, or, where there is one only, without the list. */
const folder = z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]);

export const moviesSchema = z
  .object({
    movies: looseList(movie),
    bookmarks: z.preprocess((value) => (Array.isArray(value) ? value : [value]), looseList(folder)).optional(),
  })
  .transform(
    (answer): MovieFolder => ({
      movies: answer.movies,
      folders: (answer.bookmarks ?? []).map((name) => decodeEntities(name)).filter((name) => name.trim() !== ''),
    }),
  );

export const locationsSchema = z
  .object({ locations: looseList(path) })
  .transform((answer): string[] => answer.locations);

/** `90 min`, `mm:ss` with minutes beyond 59, `hh:mm:ss`; 0 for what says nothing, such as `?:??`. */
function parseLength(text: string): number {
  const minutes = /^(\d{1,6}) *min/i.exec(text)?.[1];
  if (minutes !== undefined) return Number(minutes) * 60;
  if (!/^\d{1,6}(?::\d{1,2}){1,2}$/.test(text)) return 0;
  return text.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0);
}

function nameOf(file: string): string {
  const name = file.slice(file.lastIndexOf('/') + 1).replace(/\.[a-z0-9]{2,4}$/i, '');
  // "20261006 2134 - Station - Title": how Enigma2 names a recording.
  return /^\d{8} \d{4} - .+? - (.+)$/.exec(name)?.[1] ?? name;
}
