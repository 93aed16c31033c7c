import test from 'ava';
import { genreCategories } from '#daemon/guide/genre.ts';
import { localGenre } from '#daemon/guide/local-genre.ts';

const LANGUAGES = ['de', 'en', 'fr', 'nl', 'pl', 'it', 'es'];

test('every genre of the standard has a name in every language', (t) => {
  for (let genreId = 0x10; genreId < 0xb0; genreId++) {
    if (genreCategories(genreId, false).length === 0) continue;
    for (const language of LANGUAGES) t.truthy(localGenre(genreId, language), `${genreId.toString(16)} ${language}`);
  }
});

const cases: ReadonlyArray<readonly [number, string, string | null]> = [
  [0x43, 'de', 'Fußball'],
  [0x43, 'en', 'Football / Soccer'],
  [0x43, 'pl', 'Piłka nożna'],
  [0x4f, 'fr', 'Sport'],
  [0x55, 'nl', 'Tekenfilm'],
  [0x21, 'it', 'Telegiornale'],
  [0x15, 'es', 'Telenovela'],
  [0x43, 'de-AT', 'Fußball'],
  [0, 'de', null],
  [0xf3, 'de', null],
  [0x43, 'xx', null],
];
for (const [genreId, language, name] of cases) {
  test(`genre 0x${genreId.toString(16)} in ${language} is ${name}`, (t) => t.is(localGenre(genreId, language), name));
}
