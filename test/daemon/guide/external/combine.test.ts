import test from 'ava';
import { counterpart, scheduleOf, supplement } from '#daemon/guide/external/combine.ts';
import type { ExternalProgramme } from '#daemon/guide/external/external-programme.ts';
import { NO_DETAILS, type Programme } from '#daemon/guide/programme.ts';

const START = 1_700_000_000;

function external(fields: Partial<ExternalProgramme>): ExternalProgramme {
  return {
    xmltvId: 'a',
    title: 'Tatort',
    description: '',
    startSeconds: START,
    stopSeconds: START + 5400,
    details: NO_DETAILS,
    ...fields,
  };
}
function ours(fields: Partial<Programme> = {}): Programme {
  return {
    id: 1,
    eventId: 1,
    channelId: 'c',
    title: 'Tatort',
    shortDescription: '',
    longDescription: '',
    startSeconds: START,
    stopSeconds: START + 5400,
    genreId: 0,
    details: NO_DETAILS,
    ...fields,
  };
}

test('a schedule has an end for each programme, and none runs into the next', (t) => {
  const schedule = scheduleOf(
    [
      external({ title: 'C', startSeconds: START + 7200, stopSeconds: null }),
      external({ title: 'A', startSeconds: START, stopSeconds: START + 4000 }),
      external({ title: 'B', startSeconds: START + 3600, stopSeconds: null }),
      external({ title: 'B again', startSeconds: START + 3600, stopSeconds: null }),
    ],
    'c',
  );
  t.deepEqual(
    schedule.map(({ title, startSeconds, stopSeconds }) => [title, startSeconds - START, stopSeconds - START]),
    [
      ['A', 0, 3600],
      ['B', 3600, 7200],
      ['C', 7200, 10_800],
    ],
  );
});

const MATCHES: ReadonlyArray<
  readonly [what: string, theirs: Partial<ExternalProgramme>, mine: Partial<Programme>, found: boolean]
> = [
  ['the same time and title', {}, {}, true],
  ['ten minutes later', { startSeconds: START + 600, stopSeconds: START + 6000 }, {}, true],
  ['another title', { title: 'Polizeiruf 110' }, {}, false],
  ['a title with the episode behind it', { title: 'Tatort: Borowski und der Engel' }, {}, true],
  ['accents and case', { title: 'CAFE ODEON' }, { title: 'Café Odéon' }, true],
  ['the same title an hour later', { startSeconds: START + 4000, stopSeconds: START + 9000 }, {}, false],
  [
    'the episode in our subtitle',
    { title: 'Star Trek Picard' },
    { title: 'Star Trek', details: { ...NO_DETAILS, subtitle: 'Picard' } },
    true,
  ],
];
for (const [what, theirs, mine, found] of MATCHES) {
  test(`${what}: ${found ? 'the same programme' : 'another programme'}`, (t) => {
    t.is(counterpart(ours(mine), scheduleOf([external(theirs)], 'c')) !== null, found);
  });
}

test('of two that overlap, the one that fits best is taken', (t) => {
  const schedule = scheduleOf(
    [
      external({ startSeconds: START - 3600, stopSeconds: START, title: 'Tatort' }),
      external({ details: { ...NO_DETAILS, subtitle: 'right' } }),
      external({ startSeconds: START + 5400, stopSeconds: START + 9000 }),
    ],
    'c',
  );
  t.is(counterpart(ours(), schedule)?.details.subtitle, 'right');
});

test('what the receiver says itself stays; the rest is added', (t) => {
  const [theirs] = scheduleOf(
    [
      external({
        description: 'theirs',
        details: {
          ...NO_DETAILS,
          season: 44,
          episode: 3,
          year: 2019,
          imageUrl: 'https://img.example/1.jpg',
          categories: ['Movie', 'Crime'],
        },
      }),
    ],
    'c',
  );
  const enriched = supplement(
    ours({ longDescription: 'ours', details: { ...NO_DETAILS, year: 2020 } }),
    theirs as Programme,
  );
  t.like(enriched, { title: 'Tatort', longDescription: 'ours', genreId: 0x11, id: 1, eventId: 1 });
  t.like(enriched.details, { season: 44, episode: 3, year: 2020, imageUrl: 'https://img.example/1.jpg' });
  t.true(enriched.details.categories.includes('Crime'));
});

test('a season of one source is not put before an episode of another', (t) => {
  const theirs = ours({ details: { ...NO_DETAILS, season: 44, episode: 3 } });
  const enriched = supplement(ours({ details: { ...NO_DETAILS, episode: 7 } }), theirs);
  t.like(enriched.details, { season: null, episode: 7 });
});

test('enriching twice is the same as once', (t) => {
  const theirs = ours({
    longDescription: 'theirs',
    details: { ...NO_DETAILS, season: 1, episode: 2, categories: ['Crime'] },
  });
  const once = supplement(ours(), theirs);
  t.deepEqual(supplement(once, theirs), once);
});
