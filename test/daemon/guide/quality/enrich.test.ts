import test from 'ava';
import { NO_DETAILS } from '#daemon/guide/programme.ts';
import { enrichEvent } from '#daemon/guide/quality/enrich.ts';
import type { EpgEvent } from '#daemon/receiver/model.ts';
import { outcomes, scoreOf } from '#test/bench/guide-quality/measure.ts';
import { SAMPLES } from '#test/bench/guide-quality/samples.ts';
import { event } from './events.ts';

const enrich = (fields: Partial<EpgEvent>, language: string | null = null) => enrichEvent(event(fields), { language });

test('an event that says nothing has no details, and its texts stay', (t) => {
  const enriched = enrich({ title: 'Tatort', shortDescription: '', longDescription: 'Ein Fall.' });
  t.deepEqual(enriched, { title: 'Tatort', shortDescription: '', longDescription: 'Ein Fall.', details: NO_DETAILS });
});

test('a title loses what was recognised only where something is left of it', (t) => {
  const titles = [
    'Tatort (3/12)',
    'Tatort (Wdh.)',
    'Tatort (3/12) (live)',
    'NEU: Tatort',
    'Folge 5',
    '(R)',
    '24',
    'Metropolis (1927)',
  ];
  t.deepEqual(
    titles.map((title) => enrich({ title }).title),
    ['Tatort', 'Tatort', 'Tatort', 'Tatort', 'Folge 5', '(R)', '24', 'Metropolis'],
  );
});

test('what is behind the episode in a title is the episode’s own title', (t) => {
  const { title, details } = enrich({ title: 'Ranczo, odc. 12/13: Spadek' });
  t.is(title, 'Ranczo');
  t.like(details, { subtitle: 'Spadek', episode: 12, episodeCount: 13 });
});

test('a title with a colon alone is not split: nothing says that the rest is an episode', (t) => {
  const { title, details } = enrich({ title: 'Mission: Impossible' });
  t.is(title, 'Mission: Impossible');
  t.is(details.subtitle, '');
});

test('season and episode from different texts come together where they do not contradict', (t) => {
  t.like(
    enrich({ title: 'Dark, Staffel 3', shortDescription: 'Folge 4', longDescription: 'Jonas kehrt zurück.' }).details,
    {
      season: 3,
      episode: 4,
    },
  );
  t.like(enrich({ title: 'Dark (4)', longDescription: 'Staffel 2, Folge 7' }).details, { season: null, episode: 4 });
});

test('words that mean something else elsewhere count in their language only', (t) => {
  const fields = { longDescription: 'Con Antonio Banderas y Penélope Cruz.' };
  t.is(enrich(fields, 'es').details.credits.length, 2);
  t.is(enrich(fields, 'de').details.credits.length, 0);
});

test('a repeat is neither new nor live', (t) => {
  const { details } = enrich({
    title: 'Sportschau (live)',
    longDescription: 'Wiederholung vom 12.03.2024. Neue Folgen.',
  });
  t.like(details, { repeat: true, isNew: false, live: false });
});

test('categories that the genre gives are not repeated', (t) => {
  const longDescription = 'Spielfilm USA 1999';
  t.deepEqual(enrich({ longDescription }).details.categories, ['Movie']);
  t.deepEqual(enrich({ longDescription, genreId: 0x10 }).details.categories, []);
});

for (const [language, samples] of Object.entries(SAMPLES)) {
  test(`of ${samples.length} programmes in "${language}" nearly all is read, and hardly anything wrong`, (t) => {
    const { right, wrong, missed } = scoreOf(samples.flatMap((sample) => outcomes(sample, language)));
    t.true(right / (right + wrong) >= 0.97, `${wrong} wrong, ${right} right`);
    t.true(right / (right + missed) >= 0.9, `${missed} missed, ${right} right`);
  });
}
