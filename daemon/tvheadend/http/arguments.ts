import { z } from 'zod';
import { XgError } from '#shared/errors.ts';

/** What a client of Tvheadend's API sends, in the query or as a form: texts by name. */
export type TvhArguments = Readonly<Record<string, string>>;

/** @throws XgError `TVH_ARGUMENT` that names what is wrong. */
export function parseArguments<Schema extends z.ZodType>(schema: Schema, given: unknown): z.output<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues[0]?.path.join('.') ?? '';
  throw new XgError('TVH_ARGUMENT', `The argument ${where} cannot be used: ${parsed.error.issues[0]?.message ?? ''}`, {
    cause: parsed.error,
  });
}

/** JSON in a text, bounded by the request that carries it. */
export function jsonText<Schema extends z.ZodType>(schema: Schema): z.ZodType<z.output<Schema>, string> {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue('it is no JSON');
        return z.NEVER;
      }
    })
    .pipe(schema);
}

const MAX = Number.MAX_SAFE_INTEGER;
const MAX_RULES = 20;

const rule = z.object({
  field: z.string().max(64),
  type: z.enum(['string', 'numeric', 'boolean']),
  value: z.union([z.string().max(200), z.number(), z.boolean()]),
  comparison: z.string().max(8).optional(),
});
export type FilterRule = z.output<typeof rule>;

/** One rule, several, or, as some clients do, a text to look for in the title. */
const filter = z
  .string()
  .transform((text) => (/^\s*[[{]/.test(text) ? text : JSON.stringify(text === '' ? [] : titleRule(text))))
  .pipe(jsonText(z.union([z.array(rule).max(MAX_RULES), rule.transform((one) => [one])])));

function titleRule(text: string): FilterRule[] {
  return [{ field: 'title', type: 'string', value: text }];
}

/** Paging as Tvheadend's grids have it. −1 is "all". */
export const pageArguments = z.object({
  start: z.coerce.number().int().min(0).max(MAX).default(0),
  limit: z.coerce
    .number()
    .int()
    .min(-1)
    .max(MAX)
    .default(50)
    .transform((limit) => (limit === -1 ? MAX : limit)),
});

export const gridArguments = pageArguments.extend({
  sort: z.string().max(64).optional(),
  dir: z
    .string()
    .max(8)
    .optional()
    .transform((dir): 1 | -1 => (dir?.toUpperCase() === 'DESC' ? -1 : 1)),
  filter: filter.optional().transform((rules) => rules ?? []),
  /** Names of the fields that are wanted. */
  list: z
    .string()
    .max(1_000)
    .optional()
    .transform((names) => (names === undefined || names === '' ? null : new Set(names.split(/[,;:]/)))),
});
export type GridArguments = z.output<typeof gridArguments>;
