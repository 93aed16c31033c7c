import type { Credit } from '../programme.ts';
import { CREDIT_RULES, type CreditRule } from './credit-rules.ts';
import { applies } from './rule.ts';

const MAX_CREDITS = 40;
/** A list of names in a text is not longer; what follows is the plot. */
const MAX_LIST = 600;
const MAX_LINES = 30;

/** Words within names that begin small. */
const PARTICLE = 'de|del|della|di|da|do|dos|du|des|la|le|van|von|vom|der|den|ten|ter|zu|zur|el|al|bin|ibn|y|af|av';
/** "Jean-Claude", "O'Brien", "McCarthy", "J.J.", "d'Arc". */
const NAME_WORD = "(?:[dDlLO]['’])?\\p{Lu}(?:[\\p{L}'’.-]{0,24})";
const NAME = new RegExp(
  `^(?:(?:${PARTICLE})\\s){0,2}${NAME_WORD}(?:\\s(?:(?:${PARTICLE})\\s){0,3}${NAME_WORD}){0,4}$`,
  'u',
);
const CONNECTIVE = /\s(?:und|and|et|en|e|i|y|oraz|sowie|og)\s/u;
/** What closes a list without being a name. */
const AND_OTHERS =
  /[\s,]{0,2}(?:u\.\s?a\.|u\.\s?v\.\s?a\.|etc\.?|i inni|et al\.?|e\.\s?a\.|e altri|y otros|m\.\s?fl\.|…|\.{3})\.?$/iu;
/** A full stop that ends a sentence: not after an initial or within "u.a.". */
const SENTENCE_END = /(?<=\p{L}{2}|[)\d])(?<![\s(](?:Jr|Sr|Dr|St))\.(?=\s|$)/u;
/** The next field, as "Regie:" in the middle of a line. */
const NEXT_FIELD = /[\s,;|(–-]{0,3}\p{Lu}[\p{Ll}/.]{2,20}(?:\s?\(in\))?\s?:(?=\s)/u;

/** The people a description names, in its order by role; at most 40, each once. */
export function findCredits(text: string, language: string | null): Credit[] {
  const credits: Credit[] = [];
  const seen = new Set<string>();
  for (const rule of CREDIT_RULES) {
    if (!applies(rule, language)) continue;
    for (const credit of creditsOf(rule, text)) {
      const key = `${credit.role} ${credit.name.toLowerCase()}`;
      if (seen.has(key) || credits.length >= MAX_CREDITS) continue;
      seen.add(key);
      credits.push(credit);
    }
  }
  return credits;
}

/** Words without a colon may begin a sentence before they begin a list. */
const MAX_TRIES = 5;

function creditsOf(rule: CreditRule, text: string): Credit[] {
  let from = 0;
  for (let tries = rule.form === 'label' ? 1 : MAX_TRIES; tries > 0; tries--) {
    // From one character before: what must stand in front of the words is looked at as well.
    const offset = Math.max(0, from - 1);
    const match = rule.pattern.exec(text.slice(offset));
    if (match === null) return [];
    const start = offset + match.index;
    from = start + match[0].length;
    const rest = text.slice(from, from + MAX_LIST + 1400);
    const isBlock = rule.form === 'label' && (match[0].endsWith('\n') || rest.startsWith('\n'));
    const people = isBlock ? blockOf(rest.trimStart()) : listOf(rest.slice(0, MAX_LIST), rule.form);
    if (people.length > 0) return people.map((person) => ({ role: rule.role, ...person }));
  }
  return [];
}

type Person = Pick<Credit, 'name' | 'character'>;

/** Lines of "Part - Actor" or "Actor (Part)" or "Actor", until one that is neither. */
function blockOf(text: string): Person[] {
  const people: Person[] = [];
  for (const line of text.split('\n', MAX_LINES)) {
    const cleaned = line.replace(AND_OTHERS, '').replace(/[,;]$/, '').trim();
    const [part, actor, ...more] = cleaned.split(/\s[-–—]\s|\s?\.{3,6}\s?/, 3);
    const person =
      actor !== undefined && more.length === 0 && NAME.test(actor)
        ? { name: actor, character: part === undefined || part === '' ? null : part.slice(0, 80) }
        : personOf(cleaned, 1);
    if (person === null) break;
    people.push(person);
  }
  return people;
}

/** "A, B (Part) and C", until the sentence, the line or the field ends. */
function listOf(text: string, form: CreditRule['form']): Person[] {
  const line = text.split('\n', 1)[0] ?? '';
  const field = NEXT_FIELD.exec(line);
  const inField = field === null ? line : line.slice(0, field.index);
  const others = /(?:,\s?|\s)(?:u\.\s?v?\.?\s?a\.|i inni|e altri|y otros|et al\.)/iu.exec(inField);
  const bounded = others === null ? inField : inField.slice(0, others.index);
  const end = SENTENCE_END.exec(bounded);
  const list = (end === null ? bounded : bounded.slice(0, end.index)).replace(AND_OTHERS, '');
  const people: Person[] = [];
  for (const entry of splitOutsideBrackets(list)) {
    const parts = NAME.test(entry) && !CONNECTIVE.test(entry) ? [entry] : splitConnective(entry);
    for (const part of parts) {
      const person = personOf(part, form === 'label' ? 1 : 2);
      // The first that is no name ends the list: then the sentence goes on.
      if (person === null) return leading(people, part);
      people.push(person);
    }
  }
  return people;
}

/** "Jean Reno et Natalie Portman dans un film" still names both. */
function leading(people: readonly Person[], part: string): Person[] {
  const words = part.split(' ');
  let name: string | null = null;
  for (let count = 2; count <= Math.min(5, words.length); count++) {
    const candidate = words.slice(0, count).join(' ');
    if (NAME.test(candidate) && !new RegExp(`\\s(?:${PARTICLE})$`, 'u').test(candidate)) name = candidate;
    else if (name !== null) break;
  }
  return name === null ? [...people] : [...people, { name, character: null }];
}

function splitConnective(entry: string): string[] {
  const open = entry.indexOf('(');
  const connective = CONNECTIVE.exec(entry);
  if (
    connective === null ||
    (open !== -1 && open < connective.index && !entry.slice(0, connective.index).includes(')'))
  ) {
    return [entry];
  }
  const rest = entry.slice(connective.index + connective[0].length);
  return [entry.slice(0, connective.index), ...splitConnective(rest)];
}

/** At commas, semicolons and slashes, but not within brackets. */
function splitOutsideBrackets(list: string): string[] {
  const entries: string[] = [];
  let depth = 0;
  let from = 0;
  for (let index = 0; index <= list.length; index++) {
    const character = list[index];
    if (character === '(') depth++;
    else if (character === ')') depth = Math.max(0, depth - 1);
    if (index < list.length && (depth > 0 || !/[,;/|]/.test(character ?? ''))) continue;
    const entry = list.slice(from, index).trim();
    if (entry !== '') entries.push(entry);
    from = index + 1;
  }
  return entries;
}

/** A name of at least so many words, with a part in brackets or after "als"; null for what is none. */
function personOf(entry: string, minWords: number): Person | null {
  const match = /^([^()[\]]{2,80}?)(?:\s?[([]([^()[\]]{1,80})[)\]]|\s(?:als|as|jako)\s(.{2,60}))?\.?$/u.exec(
    entry.replace(/^(?:und|and|et|en|e|i|y|oraz|sowie)\s/u, '').trim(),
  );
  const name = match?.[1]?.trim() ?? '';
  if (!NAME.test(name) || name.split(' ').length < minWords || !/\p{Ll}/u.test(name)) return null;
  const character = match?.[2] ?? match?.[3] ?? null;
  return { name, character: character === null || /^\d+$/.test(character) ? null : character.trim() };
}
