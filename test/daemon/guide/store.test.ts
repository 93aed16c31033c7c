import test from 'ava';
import { NO_DETAILS, type Programme } from '#daemon/guide/programme.ts';
import { MemoryGuideStore } from '#daemon/guide/store.ts';

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
