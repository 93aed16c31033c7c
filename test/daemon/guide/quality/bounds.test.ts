/** A guide has a hundred thousand texts, and anybody can broadcast one: none may cost more than its length. */
import test from 'ava';
import { AIRING_RULES } from '#daemon/guide/quality/airing.ts';
import { CREDIT_RULES } from '#daemon/guide/quality/credit-rules.ts';
import { enrichEvent } from '#daemon/guide/quality/enrich.ts';
import { EPISODE_RULES } from '#daemon/guide/quality/episode-rules.ts';
import { CATEGORY_RULES } from '#daemon/guide/quality/find-categories.ts';
import { ORIGIN_RULES } from '#daemon/guide/quality/origin.ts';
import { AGE_RULES, STAR_RULES } from '#daemon/guide/quality/ratings.ts';
import { MAX_TEXT, tidyText } from '#daemon/guide/quality/tidy-text.ts';
import { event } from './events.ts';

const RULES = [
  ...EPISODE_RULES,
  ...ORIGIN_RULES,
  ...AGE_RULES,
  ...STAR_RULES,
  ...AIRING_RULES,
  ...CREDIT_RULES,
  ...CATEGORY_RULES.map(({ category, pattern }) => ({ name: category, pattern })),
];

/** A pattern's source without escapes and character classes: only what is syntax is left. */
function syntaxOf(pattern: RegExp): string {
  return pattern.source
    .replace(/\\[pP]\{\w+\}/g, 'p')
    .replace(/\\./g, 'e')
    .replace(/\[[^\]]*\]/g, 'c');
}

test('no pattern repeats anything without a bound', (t) => {
  const unbounded = RULES.filter(({ pattern }) => /[*+]|\{\d+,\}/.test(syntaxOf(pattern)));
  t.deepEqual(
    unbounded.map(({ name }) => name),
    [],
  );
});

test('the check for bounds sees what it is for', (t) => {
  t.regex(syntaxOf(/(a|b)+\d{2,}/), /[*+]|\{\d+,\}/);
  t.notRegex(syntaxOf(/[*+]\+\d{2,3}/), /[*+]|\{\d+,\}/);
});

/** The first of these is what the rule reads; repeated, it almost fits everywhere. */
const SEEDS = [
  ...RULES.flatMap((rule) =>
    'examples' in rule ? rule.examples.map((one) => (Array.isArray(one) ? one[0] : one)) : [],
  ),
  'a',
  '(',
  '((1/',
  'A B',
  'Mit: A B, ',
  'Mit Aa Bb und ',
  'USA/USA/',
  'Staffel 1 ',
  '1/2 ',
  '. Live',
  '\n',
  ' ',
  '„“',
  'de de de De ',
];

function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const spent = process.cpuUsage(before);
  return (spent.user + spent.system) / 1000;
}

test('four times the text costs about four times the work, not its square', (t) => {
  const run = (length: number): number => {
    const texts = SEEDS.map((seed) =>
      String(seed)
        .repeat(Math.ceil(length / String(seed).length))
        .slice(0, length),
    );
    return cpuMs(() => {
      for (const text of texts)
        enrichEvent(event({ title: text, shortDescription: text, longDescription: text }), { language: null });
    });
  };
  run(500); // compiled
  const small = Math.min(run(1500), run(1500));
  const large = Math.min(run(6000), run(6000));
  t.log(
    `1,500 characters ${small.toFixed(0)} ms, 6,000 characters ${large.toFixed(0)} ms of CPU for ${SEEDS.length} texts`,
  );
  t.true(large < small * 9, `${large} against ${small}`); // the square would be 16
});

test('a text without end costs what the bound costs', (t) => {
  const text = 'Mit: Anna Bond, Folge 3 '.repeat(100_000);
  t.true(tidyText(text).length <= MAX_TEXT);
  const { longDescription } = enrichEvent(event({ longDescription: text }), { language: null });
  t.true(longDescription.length <= MAX_TEXT);
});

test('whatever the text, there is an answer, and texts are not lost', (t) => {
  let seed = 42;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed % below;
  };
  for (let round = 0; round < 3000; round++) {
    const pieces = Array.from({ length: 1 + random(6) }, () => {
      const piece = String(SEEDS[random(SEEDS.length)]);
      return random(3) === 0 ? piece.slice(random(piece.length)) : piece;
    });
    const text = pieces.join([' ', '', '\n', '. '][random(4)]);
    const { title, details } = enrichEvent(event({ title: text.slice(0, 80), longDescription: text }), {
      language: null,
    });
    t.true(title !== '' || tidyText(text.slice(0, 80)) === '', JSON.stringify(text));
    t.true(details.episode === null || (Number.isInteger(details.episode) && details.episode > 0));
    t.true(details.starRating === null || (details.starRating >= 0 && details.starRating <= 1));
    t.true(details.credits.length <= 40);
  }
});
