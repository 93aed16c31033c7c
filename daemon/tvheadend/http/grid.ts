import type { FilterRule, GridArguments } from './arguments.ts';

/** A row of a grid: `uuid` and whatever the thing has. */
export type GridRow = Readonly<Record<string, unknown>>;

export interface Grid {
  readonly entries: readonly GridRow[];
  readonly total: number;
}

/** Filters, sorts and pages rows as the grids of Tvheadend's API do. */
export function gridOf(rows: readonly GridRow[], args: GridArguments): Grid {
  const matching = rows.filter((row) => args.filter.every((rule) => matches(row[rule.field], rule)));
  const { sort, list } = args;
  const sorted = sort === undefined ? matching : matching.toSorted((a, b) => args.dir * compare(a[sort], b[sort]));
  const page = sorted.slice(args.start, args.start + args.limit);
  return { entries: list === null ? page : page.map((row) => pick(row, list)), total: matching.length };
}

function pick(row: GridRow, names: ReadonlySet<string>): GridRow {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name === 'uuid' || names.has(name)));
}

export function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  return String(left ?? '').localeCompare(String(right ?? ''), undefined, { numeric: true });
}

export function matches(value: unknown, rule: FilterRule): boolean {
  switch (rule.type) {
    case 'string':
      return textMatcher(String(rule.value))(String(value ?? ''));
    case 'boolean':
      return (
        Boolean(value) === (rule.value === true || rule.value === 1 || rule.value === '1' || rule.value === 'true')
      );
    case 'numeric': {
      const [number, wanted] = [Number(value), Number(rule.value)];
      if (rule.comparison === 'gt') return number > wanted;
      if (rule.comparison === 'lt') return number < wanted;
      return number === wanted;
    }
  }
}

/**
 * Tvheadend takes a regular expression here. What clients send is text, escaped, with `^` before and `$` behind it at
 * most; that much is understood. An expression of a stranger is not run: it can take for ever.
 */
export function textMatcher(pattern: string): (text: string) => boolean {
  const isFromStart = pattern.startsWith('^');
  const isToEnd = pattern.endsWith('$') && !pattern.endsWith('\\$');
  const wanted = pattern
    .slice(isFromStart ? 1 : 0, isToEnd ? -1 : undefined)
    .replace(/\\(.)/g, '$1')
    .toLowerCase();
  return (text) => {
    const lower = text.toLowerCase();
    if (isFromStart && isToEnd) return lower === wanted;
    if (isFromStart) return lower.startsWith(wanted);
    return isToEnd ? lower.endsWith(wanted) : lower.includes(wanted);
  };
}
