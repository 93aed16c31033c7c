import { z } from 'zod';

/** Whether a pattern can be used: `/regular expression/` with or without `i`, or a text with `*` and `?`. */
export function isPattern(text: string): boolean {
  const expression = /^\/(.*)\/(i?)$/s.exec(text);
  if (expression === null) return text !== '';
  try {
    new RegExp(expression[1] ?? '', expression[2]);
    return true;
  } catch {
    return false; // of what is wrong the error of the key tells
  }
}

const pattern = z.preprocess(
  (value) => (typeof value === 'number' ? String(value) : value),
  z.string().trim().max(500).refine(isPattern),
);

const patterns = z
  .preprocess(
    (value) => (value === undefined || Array.isArray(value) ? value : [value]),
    z.array(pattern).min(1).optional(),
  )
  .describe('a text with * and ? for any characters, a /regular expression/, or a list of them');

const number = z.int().min(1).max(99_999).optional().describe('a number from 1 to 99999');
const label = z
  .preprocess(
    (value) => (typeof value === 'number' ? String(value) : value),
    z.string().trim().min(1).max(200).optional(),
  )
  .describe('a text of up to 200 characters');

/** One rule: which channels, and what becomes of them. */
export const lineupRule = z
  .strictObject({
    match: z
      .preprocess(
        (value) => value ?? {},
        z.strictObject({
          id: patterns,
          name: patterns,
          bouquet: patterns,
          group: patterns,
          provider: patterns,
          radio: z.boolean().optional(),
          kind: z.enum(['dvb', 'iptv']).optional(),
          definition: z.enum(['sd', 'hd', 'uhd']).optional(),
        }),
      )
      .describe('id, name, bouquet, group, provider, radio, kind (dvb, iptv), definition (sd, hd, uhd)'),
    hide: z.boolean().optional().describe('true or false'),
    rename: label,
    number,
    numberFrom: number,
    group: label,
    logo: z
      .string()
      .trim()
      .min(1)
      .max(2_000)
      .optional()
      .describe('an http or https URL, an absolute path, or the name of a file in own-logos of the data folder'),
  })
  .refine(
    (rule) => Object.keys(rule).length > 1,
    'a rule does something: hide, rename, number, numberFrom, group or logo',
  )
  .describe('match, and hide, rename, number, numberFrom, group or logo');

export type LineupRule = z.output<typeof lineupRule>;
