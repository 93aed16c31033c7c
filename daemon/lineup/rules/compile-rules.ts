import type { LineupRule } from '../../config/lineup-rule-schema.ts';
import type { Channel } from '../channel.ts';

/** A rule made ready: patterns are expressions, and what it does not ask for costs nothing. */
export interface CompiledRule extends Pick<LineupRule, 'hide' | 'number' | 'numberFrom' | 'group' | 'logo'> {
  matches(channel: Channel): boolean;
  /** The name it gives a channel; null leaves it. */
  rename(channel: Channel): string | null;
}

export function compileRules(rules: readonly LineupRule[]): CompiledRule[] {
  return rules.map((rule) => {
    const tests = conditions(rule.match);
    const named = (rule.match.name ?? []).map(toExpression);
    const to = rule.rename;
    return {
      ...rule,
      matches: (channel) => tests.every((test) => test(channel)),
      rename: (channel) => {
        if (to === undefined) return null;
        const expression = named.find(({ isExpression, test }) => isExpression && test.test(channel.name));
        return expression === undefined ? to : channel.name.replace(expression.test, to).trim();
      },
    };
  });
}

type Condition = (channel: Channel) => boolean;

function conditions(match: LineupRule['match']): Condition[] {
  const tests: Condition[] = [];
  const { radio, kind, definition } = match;
  if (radio !== undefined) tests.push((channel) => channel.radio === radio);
  if (kind !== undefined) tests.push((channel) => channel.kind === kind);
  if (definition !== undefined) tests.push((channel) => channel.definition === definition);
  addTexts(tests, match.id, (channel) => [channel.id]);
  addTexts(tests, match.name, (channel) => [channel.name]);
  addTexts(tests, match.provider, (channel) => (channel.provider === null ? [] : [channel.provider]));
  addTexts(tests, match.bouquet, (channel) => channel.groups);
  addTexts(tests, match.group, (channel) =>
    channel.heading == null ? channel.groups : [...channel.groups, channel.heading],
  );
  return tests;
}

function addTexts(
  tests: Condition[],
  patterns: readonly string[] | undefined,
  textsOf: (channel: Channel) => readonly string[],
): void {
  if (patterns === undefined) return;
  const expressions = patterns.map((pattern) => toExpression(pattern).test);
  tests.push((channel) => textsOf(channel).some((text) => expressions.some((expression) => expression.test(text))));
}

/** Texts are compared whole and in any case; expressions find a part, in any case where they say `i`. */
function toExpression(pattern: string): { isExpression: boolean; test: RegExp } {
  const expression = /^\/(.*)\/(i?)$/s.exec(pattern);
  if (expression !== null) return { isExpression: true, test: new RegExp(expression[1] ?? '', expression[2]) };
  const source = pattern
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return { isExpression: false, test: new RegExp(`^${source}$`, 'is') };
}
