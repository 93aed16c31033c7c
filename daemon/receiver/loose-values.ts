import { z } from 'zod';
import { cleanBlock, cleanLine } from './clean-text.ts';

/** Values as boxes write them: numbers as strings, "N/A" and "None" for nothing, null for anything. */

/** A field that may hold anything or be absent. (A plain `z.unknown()` with a transform refuses an absent key.) */
const anything = z.unknown().optional();

const NOTHING = new Set(['', 'none', 'null', 'n/a', 'na']);

/** A whole number, also as a string; null for what says nothing or is no number. */
export const looseInteger = anything.transform((value): number | null => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(Math.trunc(number)) ? Math.trunc(number) : null;
});

/** A number with or without its unit ("14.20 dB", "92 %"); null for what says nothing. */
export const looseMeasure = anything.transform((value): number | null => {
  const number = typeof value === 'string' ? Number.parseFloat(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
});

/** true, "true", "True", 1, "1" are true; everything else is false. */
export const looseBoolean = anything.transform(
  (value) => value === true || value === 1 || /^(?:true|1)$/i.test(String(value)),
);

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
}

/** One clean line; empty for what says nothing. */
export const looseLine = anything.transform((value) => {
  const line = cleanLine(textOf(value));
  return NOTHING.has(line.toLowerCase()) ? '' : line;
});

/** As `looseLine`, but null instead of an empty string. */
export const looseName = looseLine.transform((line) => (line === '' ? null : line));

/** Clean lines; empty for what says nothing. */
export const looseBlock = anything.transform((value) => {
  const block = cleanBlock(textOf(value));
  return NOTHING.has(block.toLowerCase()) ? '' : block;
});

/**
 * A list of which the rows that do not fit are left out; null and "" are an empty list. The key itself must be there:
 * an answer without it is no answer to the question.
 */
export function looseList<Row extends z.ZodType>(row: Row): z.ZodType<z.output<Row>[]> {
  return z.unknown().transform((value) => {
    const rows: unknown[] = Array.isArray(value) ? value : [];
    return rows.flatMap((entry) => {
      const parsed = row.safeParse(entry);
      return parsed.success ? [parsed.data] : [];
    });
  });
}
