/** Every row of the tables, by its own examples: what a broadcaster writes is kept beside the pattern that reads it. */
import test from 'ava';
import { AIRING_RULES, findAiring } from '#daemon/guide/quality/airing.ts';
import { CREDIT_RULES } from '#daemon/guide/quality/credit-rules.ts';
import { EPISODE_RULES } from '#daemon/guide/quality/episode-rules.ts';
import { CATEGORY_RULES, findCategories } from '#daemon/guide/quality/find-categories.ts';
import { findCredits } from '#daemon/guide/quality/find-credits.ts';
import { type FoundEpisode, findEpisode } from '#daemon/guide/quality/find-episode.ts';
import { findOrigin, ORIGIN_RULES } from '#daemon/guide/quality/origin.ts';
import { AGE_RULES, findAgeRating, findStarRating, STAR_RULES } from '#daemon/guide/quality/ratings.ts';

function says(found: FoundEpisode | null): string {
  if (found === null) return 'nothing';
  const { season, episode, total } = found;
  return `${season === null ? '' : `S${season}`}${episode === null ? '' : `E${episode}`}${total === null ? '' : `/${total}`}`;
}

for (const rule of EPISODE_RULES) {
  for (const [text, expected] of rule.examples) {
    test(`episode, ${rule.name}: "${text}"`, (t) => {
      const place = rule.places.includes('title') ? 'title' : 'description';
      const found = findEpisode(text, { place, isFilm: false, language: null });
      t.is(says(found), expected);
      t.is(found?.rule, rule.name);
    });
  }
}

for (const rule of ORIGIN_RULES) {
  for (const [text, expected] of rule.examples) {
    test(`origin, ${rule.name}: "${text}"`, (t) => {
      const { countries, year } = findOrigin(text, rule.place);
      t.is(`${countries.join(',')} ${year ?? ''}`, expected);
    });
  }
}

for (const rule of AGE_RULES) {
  for (const [text, years] of rule.examples) {
    test(`age, ${rule.name}: "${text}"`, (t) => t.is(findAgeRating(text, null), years));
  }
}

for (const rule of STAR_RULES) {
  for (const [text, rating] of rule.examples) {
    test(`stars, ${rule.name}: "${text}"`, (t) => t.is(findStarRating(text, null), rating));
  }
}

for (const rule of AIRING_RULES) {
  for (const text of rule.examples) {
    test(`${rule.place}, ${rule.name} (${rule.flag}): "${text}"`, (t) => {
      t.true(findAiring(text, rule.place, null).flags.has(rule.flag));
    });
  }
  for (const text of rule.others) {
    test(`${rule.place}, not ${rule.flag} (${rule.name}): "${text}"`, (t) => {
      t.deepEqual(findAiring(text, rule.place, null), { flags: new Set(), rest: text });
    });
  }
}

for (const rule of CREDIT_RULES) {
  for (const [text, expected] of rule.examples) {
    test(`${rule.name}: "${text}"`, (t) => {
      const credits = findCredits(text, rule.languages?.[0] ?? null).filter(({ role }) => role === rule.role);
      t.deepEqual(
        credits.map(({ name, character }) => (character === null ? name : `${name}=${character}`)),
        [...expected],
      );
    });
  }
}

for (const rule of CATEGORY_RULES) {
  for (const text of rule.examples) {
    test(`${rule.category}: "${text}"`, (t) => t.true(findCategories([text], 0, false).includes(rule.category)));
  }
  for (const text of rule.others) {
    test(`not ${rule.category}: "${text}"`, (t) => t.deepEqual(findCategories([text], 0, false), []));
  }
}

/** Titles and sentences that look like numbers of episodes. */
const NO_EPISODES: ReadonlyArray<readonly ['title' | 'description', string]> = [
  ['title', '2. Bundesliga'],
  ['title', 'Tag 7'],
  ['title', '24'],
  ['title', '24/7'],
  ['title', 'Folge mir'],
  ['title', 'S.W.A.T.'],
  ['title', '9-1-1'],
  ['title', '9/11'],
  ['title', '1899'],
  ['title', '1883'],
  ['title', 'Apollo 13'],
  ['title', '4 Blocks'],
  ['title', 'Die 3. Dimension'],
  ['title', 'Nachrichten 20:15'],
  ['title', 'Formel 1'],
  ['title', 'Biathlon: Staffel 4 x 7,5 km'],
  ['title', '4x100 m'],
  ['title', '10x10'],
  ['title', 'U2: 360°'],
  ['title', 'Star Wars: Episode 4 - Eine neue Hoffnung'],
  ['title', 'Metropolis (1927)'],
  ['title', 'World Series 2'],
  ['description', 'Am 3/4 des Weges hält der Zug.'],
  ['description', 'Das Spiel endet 7/8.'],
  ['description', 'Sendung vom 12.10.2023, 20:15'],
  ['description', 'Tennis: 6:4, 7:6 (5:7)'],
  ['description', 'Am 24/12 feiern alle.'],
  ['description', '9/11: The day that changed the world.'],
  ['description', 'Er sammelt 50/50 Chancen.'],
  ['description', 'Folge dem weißen Kaninchen.'],
  ['description', 'In 80 Tagen um die Welt.'],
  ['description', 'He wins 2x45 minutes of fame.'],
];
for (const [place, text] of NO_EPISODES) {
  test(`${place} without an episode: "${text}"`, (t) => {
    t.is(says(findEpisode(text, { place, isFilm: false, language: null })), 'nothing');
  });
}

test('a film keeps the number in its title', (t) => {
  const options = { place: 'title', isFilm: true, language: null } as const;
  t.is(findEpisode('Krieg der Knöpfe Episode 2', options), null);
});

const NO_ORIGIN = [
  'Die Wahl in Deutschland 2021 brachte eine neue Regierung.',
  'Im Jahr 1999 begann alles.',
  'From 2010 to 2015 he lived in France.',
  'Od 2012 i 2013 roku mieszka we Francji.',
  'Der Weltkrieg endete 1945.',
  'Best of 2020',
];
for (const text of NO_ORIGIN) {
  test(`no year of production: "${text}"`, (t) => t.is(findOrigin(text, 'description').year, null));
}
