/**
 * A row of a table: what broadcasters write, and texts as they stand in guides, which the tests read. Patterns repeat
 * nothing without a bound, so that a text costs in proportion to its length.
 */
export interface Rule {
  readonly name: string;
  /** ISO 639-1 codes where the words mean something else elsewhere; null: the same everywhere. */
  readonly languages: readonly string[] | null;
  readonly pattern: RegExp;
}

export function applies(rule: Rule, language: string | null): boolean {
  return language === null || rule.languages === null || rule.languages.includes(language);
}

/** No letter or digit before, and none after: `\b` does not know letters beyond ASCII. */
export const START = '(?<![\\p{L}\\p{N}])';
export const END = '(?![\\p{L}\\p{N}])';
