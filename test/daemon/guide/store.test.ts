import test from 'ava';
import { NO_DETAILS, type Programme } from '#daemon/guide/programme.ts';
import { type GuideQuery, MemoryGuideStore } from '#daemon/guide/store.ts';

function programme(startSeconds: number, stopSeconds: number, title = `${startSeconds}`): Programme {
  return {
    id: 0,
    eventId: startSeconds,
    channelId: 'a',
    title,
    shortDescription: '',
    longDescription: '',
    startSeconds,
    stopSeconds,
    genreId: 0,
    details: NO_DETAILS,
  };
}
const titles = (programmes: Iterable<Programme>): string[] => [...programmes].map(({ title }) => title);

test('programmes come by start, without doubles and without running into the next', (t) => {
  const store = new MemoryGuideStore();
  store.replaceChannel('a', [programme(200, 300), programme(100, 250), programme(100, 200, 'double')]);
  t.deepEqual(
    [...store.programmes('a')].map(({ startSeconds, stopSeconds }) => [startSeconds, stopSeconds]),
    [
      [100, 200],
      [200, 300],
    ],
  );
  t.is(store.size, 2);
});

test('a window gives what overlaps it', (t) => {
  const store = new MemoryGuideStore();
  store.replaceChannel('a', [programme(100, 200), programme(200, 300), programme(300, 400)]);
  t.deepEqual(titles(store.programmes('a', { fromSeconds: 200, toSeconds: 300 })), ['200']);
  t.deepEqual(titles(store.programmes('a', { fromSeconds: 250, toSeconds: 301 })), ['200', '300']);
  t.deepEqual(titles(store.programmes('nothing')), []);
});

test('now and next replaces what it overlaps, cuts short what ran before it and keeps the rest', (t) => {
  const store = new MemoryGuideStore();
  store.replaceChannel('a', [programme(100, 200), programme(200, 300), programme(300, 400)]);
  store.merge('a', [programme(190, 310, 'special')]);
  t.deepEqual(titles(store.programmes('a')), ['100', 'special']);
  t.deepEqual(
    [...store.programmes('a')].map(({ stopSeconds }) => stopSeconds),
    [190, 310],
  );
  store.merge('a', [programme(310, 400, 'after')]);
  t.deepEqual(titles(store.programmes('a')), ['100', 'special', 'after']);
});

test('what is over and what belongs to channels that are gone is dropped, and the revision tells', (t) => {
  const store = new MemoryGuideStore();
  store.replaceChannel('a', [programme(100, 200), programme(200, 300)]);
  store.replaceChannel('b', [programme(100, 200)]);
  const before = store.revision;
  store.prune({ channels: new Set(['a']), endedBeforeSeconds: 200 });
  t.deepEqual(titles(store.programmes('a')), ['200']);
  t.is(store.size, 1);
  t.not(store.revision, before);
  const after = store.revision;
  store.prune({ channels: new Set(['a']), endedBeforeSeconds: 200 });
  t.is(store.revision, after);
});

const times = (programmes: Iterable<Programme>): number[][] =>
  [...programmes].map(({ startSeconds, stopSeconds }) => [startSeconds, stopSeconds]);
const idOf = (store: MemoryGuideStore, title: string): number | undefined =>
  [...store.programmes('a')].find((one) => one.title === title)?.id;

test('a programme keeps its id with its start, and with its event id when the start moves', async (t) => {
  const store = new MemoryGuideStore();
  await store.update('a', [programme(1000, 2000, 'film'), programme(2000, 3000, 'talk')]);
  const ids = [idOf(store, 'film'), idOf(store, 'talk')];
  t.true(ids.every((id) => id !== undefined && id > 0));
  // The film is an hour late and has another title by now, the talk another event id.
  await store.update('a', [
    { ...programme(2000, 4600, 'talk'), eventId: 77 },
    { ...programme(4600, 5600, 'film (late)'), eventId: 1000 },
  ]);
  t.deepEqual([idOf(store, 'film (late)'), idOf(store, 'talk')], ids);
  t.is(store.programme(ids[0] ?? 0)?.title, 'film (late)');
  t.is(store.programme(999), null);
});

test('a start that a broadcaster corrects by seconds stays, so that timers keep their programme', async (t) => {
  const store = new MemoryGuideStore();
  await store.update('a', [programme(1000, 2000), programme(2000, 3000)]);
  await store.update('a', [programme(1000, 2020), { ...programme(2020, 3000), eventId: 2000 }]);
  t.deepEqual(times(store.programmes('a')), [
    [1000, 2000],
    [2000, 3000],
  ]);
});

test('a gap of two minutes is closed, a longer one is a gap', async (t) => {
  const store = new MemoryGuideStore();
  await store.update('a', [programme(1000, 1880), programme(2000, 2879), programme(3000, 4000)]);
  t.deepEqual(times(store.programmes('a')), [
    [1000, 2000],
    [2000, 2879],
    [3000, 4000],
  ]);
});

test('reading a service again keeps what the box forgot before and after, and drops what it changed', async (t) => {
  const store = new MemoryGuideStore();
  await store.update(
    'a',
    [100, 200, 300, 400, 500].map((start) => programme(start * 10, start * 10 + 1000)),
  );
  await store.update('a', [programme(2500, 3500, 'new'), programme(3500, 4000, 'newer')]);
  t.deepEqual(titles(store.programmes('a')), ['1000', '2000', 'new', 'newer', '4000', '5000']);
  t.deepEqual(times(store.programmes('a'))[1], [2000, 2500]);
});

test('the same answer once more writes nothing, and nobody is told', async (t) => {
  const store = new MemoryGuideStore();
  const answer = [programme(1000, 2000), { ...programme(2000, 3000), longDescription: 'half \ud800 a character' }];
  await store.update('a', answer);
  const before = store.revision;
  store.onChange(() => t.fail());
  t.deepEqual(await store.update('a', answer), { added: 0, changed: 0, removed: 0 });
  store.merge('a', answer);
  t.is(store.revision, before);
});

test('another text is a change of one programme', async (t) => {
  const store = new MemoryGuideStore();
  await store.update('a', [programme(1000, 2000), programme(2000, 3000)]);
  const touched: string[][] = [];
  const stop = store.onChange((channels) => touched.push([...channels]));
  const counts = await store.update('a', [programme(1000, 2000), programme(2000, 3000, 'other')]);
  t.deepEqual(counts, { added: 0, changed: 1, removed: 0 });
  t.deepEqual(touched, [['a']]);
  stop();
  store.replaceChannel('a', []);
  t.is(touched.length, 1);
});

test('another source fills what the box does not know, cut to fit', async (t) => {
  const store = new MemoryGuideStore();
  await store.update('a', [programme(1000, 2000, 'box')]);
  await store.update(
    'a',
    [programme(1010, 1900, 'same time'), programme(1900, 3000, 'after'), programme(0, 1010, 'before')],
    {
      source: 'external',
    },
  );
  t.deepEqual(titles(store.programmes('a')), ['before', 'box', 'after']);
  t.deepEqual(times(store.programmes('a')), [
    [0, 1000],
    [1000, 2000],
    [2000, 3000],
  ]);
  // What the box learns later takes the place of it.
  await store.update('a', [programme(1000, 2000, 'box'), programme(2000, 2600, 'box too')]);
  t.deepEqual(titles(store.programmes('a')), ['before', 'box', 'box too']);
});

test('another source that has precedence replaces what the box has at its times', async (t) => {
  const store = new MemoryGuideStore();
  await store.update('a', [programme(1000, 2000, 'box 1'), programme(2000, 3000, 'box 2')]);
  await store.update('a', [programme(1000, 2000, 'better')], { source: 'external', wins: true });
  t.deepEqual(titles(store.programmes('a')), ['better', 'box 2']);
  await store.update('a', [programme(1000, 2000, 'box 1'), programme(2000, 3000, 'box 2')], { wins: false });
  t.deepEqual(titles(store.programmes('a')), ['better', 'box 2']);
});

test('details come back as they were', async (t) => {
  const store = new MemoryGuideStore();
  const details = {
    ...NO_DETAILS,
    subtitle: 'Folge',
    season: 1,
    countries: ['DE'],
    credits: [{ role: 'actor', name: 'X', character: null }] as const,
    starRating: 0.5,
    live: true,
  };
  await store.update('a', [{ ...programme(1000, 2000), details }, programme(2000, 3000)]);
  t.deepEqual(
    [...store.programmes('a')].map((one) => one.details),
    [details, NO_DETAILS],
  );
});

test('search finds words whatever their case and accents, in titles or in all texts', async (t) => {
  const store = new MemoryGuideStore();
  await store.update('a', [
    { ...programme(1000, 2000, 'Über den Wolken'), genreId: 0x11 },
    { ...programme(2000, 3000, 'Tagesschau'), longDescription: 'Wetter über den Wolken', genreId: 0x21 },
    { ...programme(3000, 4000, 'Krimi'), details: { ...NO_DETAILS, subtitle: 'Wolkenbruch' } },
  ]);
  await store.update('b', [{ ...programme(1000, 2000, 'Wolken'), channelId: 'b' }]);
  const found = (query: Omit<GuideQuery, 'limit'>): string[] => titles(store.search({ limit: 10, ...query }));
  t.deepEqual(found({ text: 'WOLKEN' }), ['Über den Wolken', 'Wolken', 'Krimi']);
  t.deepEqual(found({ text: 'uber wolk' }), ['Über den Wolken']);
  t.deepEqual(found({ text: 'wolken', inTexts: true }), ['Über den Wolken', 'Wolken', 'Tagesschau', 'Krimi']);
  t.deepEqual(found({ text: 'wolken', channelIds: ['b', 'nothing'] }), ['Wolken']);
  t.deepEqual(found({ genreLevel1: 2 }), ['Tagesschau']);
  t.deepEqual(found({ fromSeconds: 1999, toSeconds: 2001 }), ['Über den Wolken', 'Wolken', 'Tagesschau']);
  t.deepEqual(titles(store.search({ text: 'wolken', limit: 1, offset: 1 })), ['Wolken']);
  for (const text of ['"', '*', 'a" OR title : "b', 'NEAR(', '{title}', "'; DROP TABLE programme", ' ']) {
    t.notThrows(() => found({ text }));
  }
  t.deepEqual(found({ text: '???' }), []);
  await store.update('a', [programme(1000, 2000, 'Sturm')]);
  t.deepEqual(found({ text: 'uber' }), []);
});

test('a long schedule is read in its order, also while it is written', async (t) => {
  const store = new MemoryGuideStore();
  const starts = Array.from({ length: 300 }, (_, index) => 1000 + index * 100);
  await store.update(
    'a',
    starts.map((start) => programme(start, start + 100)),
  );
  const seen: number[] = [];
  for (const { startSeconds } of store.programmes('a')) {
    seen.push(startSeconds);
    if (seen.length === 100) store.merge('b', [{ ...programme(1, 2), channelId: 'b' }]);
  }
  t.deepEqual(seen, starts);
});
