import test from 'ava';
import { CATCHUP_ERROR_STATUS, mountCatchup } from '#daemon/http/routes-catchup.ts';
import { Catchup } from '#daemon/playlist/catchup.ts';
import { writePlaylist } from '#daemon/playlist/m3u.ts';
import type { Movie } from '#daemon/recordings/recordings.ts';
import { channel } from '../support/channels.ts';
import { appDeps, readyLineup, serve } from '../support/running-app.ts';

const NOW = 1_800_000_000;
const HOUR = 3_600;
const CHANNELS = [channel(1), channel(2)];

function movie(id: string, channelId: string | null, startSeconds: number, durationSeconds: number): Movie {
  const texts = { title: id, description: '', channelName: 'x' };
  return { id, channelId, ...texts, startSeconds, durationSeconds, sizeBytes: 1 };
}

/** Recordings that can be changed. */
function catchupOf(...movies: Movie[]) {
  const listeners = new Set<() => void>();
  const recordings = {
    movies,
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const change = (next: Movie[]): void => {
    recordings.movies = next;
    for (const listener of listeners) listener();
  };
  return { catchup: new Catchup(recordings, () => NOW), change };
}

const id = CHANNELS[0]?.id ?? '';

test('only channels of which there are recordings offer to catch up, as far back as these go', (t) => {
  const { catchup } = catchupOf(movie('old', id, NOW - 50 * HOUR, HOUR), movie('new', id, NOW - 2 * HOUR, HOUR));
  const options = {
    baseUrl: 'http://xg2g',
    query: '',
    attributesOf: (one: { id: string }) => catchup.attributes(one, 'http://xg2g'),
  };
  const [, first, second] = [...writePlaylist(CHANNELS, options)];
  t.regex(
    first ?? '',
    / catchup="default" catchup-days="3" catchup-source="http:\/\/xg2g\/catchup\/[^"]+\.ts\?utc=\{utc\}&duration=\{duration\}",/,
  );
  t.false(second?.includes('catchup'));
});

test('what ran then is found, with margins before it or a late start, and nothing else', (t) => {
  const start = NOW - 10 * HOUR;
  const { catchup, change } = catchupOf(
    movie('before', id, start - 2 * HOUR, 2 * HOUR + 300),
    movie('right', id, start - 120, 2 * HOUR),
    movie('elsewhere', CHANNELS[1]?.id ?? '', start, 2 * HOUR),
    movie('unknown', null, start, 2 * HOUR),
  );
  t.is(catchup.find(id, start, HOUR)?.id, 'right');
  t.is(catchup.find(id, start - 200, HOUR)?.id, 'right', 'it began a little late');
  t.is(catchup.find(id, start - HOUR, HOUR)?.id, 'before');
  t.is(catchup.find(id, start + 5 * HOUR, null), null);
  t.is(catchup.find('none', start, HOUR), null);
  const { revision } = catchup;
  change([]);
  t.is(catchup.find(id, start, HOUR), null);
  t.not(catchup.revision, revision);
});

test('the address of a programme leads to the file; one that nobody recorded, and nonsense, are refused in words', async (t) => {
  const { catchup, change } = catchupOf(movie('film', id, NOW - 3 * HOUR, HOUR));
  const url = await serve(
    t,
    appDeps({ lineup: readyLineup(CHANNELS), catchup, mount: [(router) => mountCatchup(router, catchup)] }),
    { errorStatuses: CATCHUP_ERROR_STATUS },
  );
  const ask = (path: string): Promise<Response> => fetch(`${url}/catchup/${path}`, { redirect: 'manual' });
  const found = await ask(`${id}.ts?utc=${NOW - 3 * HOUR}&duration=3600`);
  t.is(found.status, 302);
  t.is(found.headers.get('location'), '/dvrfile/film');
  t.is((await ask(`${id}.ts?utc=${NOW - 3 * HOUR}&duration=`)).status, 302);
  const missing = await ask(`${id}.ts?utc=${NOW - 30 * HOUR}&duration=3600`);
  t.is(missing.status, 404);
  t.regex(await missing.text(), /recorded/);
  for (const path of [`${id}.ts`, `${id}.ts?utc=x`, `${id}.ts?utc=-1`, `${id}.ts?utc=1&duration=0`, `${id}?utc=1`]) {
    t.is((await ask(path)).status, 400, path);
  }
  const before = await fetch(`${url}/playlist.m3u`);
  t.true((await before.text()).includes('catchup-source'));
  change([]);
  const after = await fetch(`${url}/playlist.m3u`, { headers: { 'if-none-match': before.headers.get('etag') ?? '' } });
  t.is(after.status, 200, 'a new list');
  t.false((await after.text()).includes('catchup'));
});
