import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { request } from 'undici';
import { NO_DETAILS } from '#daemon/guide/programme.ts';
import { KeptGuide } from '#daemon/guide/store/kept-store.ts';
import type { GuideView } from '#daemon/http/deps.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { channel } from '../support/channels.ts';
import { appDeps, readyLineup, serve } from '../support/running-app.ts';

const TOKEN = 'a-token-of-the-tests';
const HOUR = 3_600;
const NOW = Math.floor(Date.now() / 1000);
const channels = [channel(1), channel(2, { group: 'Sport', groups: ['Sport', 'Favourites'] }), channel(3)];

async function dataFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-guide-http-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function openGuide(folder: string | null) {
  const kept = new KeptGuide({ dataFolder: folder, logger: createSilentLogger() });
  const { store } = kept;
  const asked: string[] = [];
  const view: GuideView = {
    get revision() {
      return store.revision;
    },
    get size() {
      return store.size;
    },
    tag: store.tag,
    progress: null,
    language: 'de',
    programmes: (id, window) => store.programmes(id, window),
    requestRefresh: () => asked.push('refresh'),
  };
  return { kept, store, view, asked };
}

function programme(number: number, startSeconds: number, title: string) {
  const fixed = { id: 0, eventId: startSeconds, shortDescription: '', longDescription: '', genreId: 0x43 };
  const stopSeconds = startSeconds + HOUR;
  return { ...fixed, channelId: channel(number).id, startSeconds, stopSeconds, title, details: NO_DETAILS };
}

function fill(store: ReturnType<typeof openGuide>['store']): void {
  store.replaceChannel(channel(1).id, [
    programme(1, NOW - 5 * HOUR, 'over'),
    programme(1, NOW, 'now'),
    programme(1, NOW + 30 * HOUR, 'in two days'),
  ]);
  store.replaceChannel(channel(2).id, [programme(2, NOW, 'match')]);
}

async function fetchGuide(url: string, headers: Record<string, string> = {}) {
  const answer = await request(url, { headers });
  const body = Buffer.from(await answer.body.arrayBuffer());
  return { status: answer.statusCode, headers: answer.headers, body };
}

const titles = (document: Buffer): string[] =>
  [...document.toString('utf8').matchAll(/<title[^>]*>([^<]*)</g)].map(([, title]) => title ?? '');

test('the ETag is the same after a restart, and another when a programme or a channel changed', async (t) => {
  const folder = await dataFolder(t);
  const first = openGuide(folder);
  fill(first.store);
  const url = (address: string): string => `${address}/xmltv.xml`;
  const deps = { lineup: readyLineup(channels), publicUrl: 'http://tv.example' };
  const before = await fetchGuide(url(await serve(t, appDeps({ ...deps, guide: first.view }))));
  const etag = String(before.headers['etag']);
  t.regex(etag, /^W\/"[\w-]{22}"$/);
  first.kept.close();

  const second = openGuide(folder);
  t.teardown(() => second.kept.close());
  const address = await serve(t, appDeps({ ...deps, guide: second.view }));
  t.is((await fetchGuide(url(address), { 'if-none-match': etag })).status, 304);
  const renamed = readyLineup([channel(1, { name: 'Eins' }), ...channels.slice(1)]);
  const other = await serve(t, appDeps({ ...deps, lineup: renamed, guide: second.view }));
  t.is((await fetchGuide(url(other), { 'if-none-match': etag })).status, 200);
  second.store.merge(channel(3).id, [programme(3, NOW, 'new')]);
  t.is((await fetchGuide(url(address), { 'if-none-match': etag })).status, 200);
});

test('the guide travels compressed to clients that say they can unpack it, and to no others', async (t) => {
  const { store, view } = openGuide(null);
  fill(store);
  const address = await serve(t, appDeps({ lineup: readyLineup(channels), guide: view }));
  const plain = await fetchGuide(`${address}/xmltv.xml`);
  t.is(plain.headers['content-encoding'], undefined);
  t.is(plain.headers['vary'], 'Host, Accept-Encoding');
  for (const accept of ['gzip', 'deflate, gzip;q=1.0, *;q=0.5', 'br,gzip']) {
    const packed = await fetchGuide(`${address}/xmltv.xml`, { 'accept-encoding': accept });
    t.is(packed.headers['content-encoding'], 'gzip', accept);
    t.deepEqual(gunzipSync(packed.body), plain.body);
  }
  for (const accept of ['identity', '*', 'gzip;q=0', 'br']) {
    const same = await fetchGuide(`${address}/xmltv.xml`, { 'accept-encoding': accept });
    t.is(same.headers['content-encoding'], undefined, accept);
  }
  const file = await fetchGuide(`${address}/xmltv.xml.gz`, { 'accept-encoding': 'gzip' });
  t.is(file.headers['content-encoding'], undefined);
  t.deepEqual(gunzipSync(file.body), plain.body);
});

test('days, bouquet and kind of ids can be chosen', async (t) => {
  const { store, view } = openGuide(null);
  fill(store);
  const address = await serve(t, appDeps({ lineup: readyLineup(channels), guide: view }));
  const guide = async (query: string): Promise<Buffer> => (await fetchGuide(`${address}/xmltv${query}`)).body;
  t.deepEqual(titles(await guide('.xml')), ['over', 'now', 'in two days', 'match']);
  t.deepEqual(titles(await guide('.xml?days=1')), ['now', 'match']);
  t.deepEqual(titles(await guide('.xml?bouquet=sport')), ['match']);
  t.deepEqual(titles(await guide('.xml?group=Favourites&days=2')), ['now', 'in two days', 'match']);
  const numbered = (await guide('-plex.xml')).toString('utf8');
  t.regex(numbered, /<channel id="2">/);
  t.regex(numbered, /channel="2">\n {4}<title lang="de">match/);
  t.false(numbered.includes('c00000-1-3fb-2"'));
  t.deepEqual(gunzipSync(await guide('-plex.xml.gz')).toString('utf8'), numbered);
  t.is((await guide('.xml?ids=number')).toString('utf8'), numbered);
});

const wrong: ReadonlyArray<[query: string, status: number, code: string]> = [
  ['days=0', 400, 'GUIDE_QUERY'],
  ['days=29', 400, 'GUIDE_QUERY'],
  ['days=1e9', 400, 'GUIDE_QUERY'],
  ['ids=name', 400, 'GUIDE_QUERY'],
  ['bouquet=nothing', 404, 'GROUP_UNKNOWN'],
];
for (const [query, status, code] of wrong) {
  test(`a guide with ${query} is refused with a reason`, async (t) => {
    const address = await serve(t, appDeps({ lineup: readyLineup(channels), guide: openGuide(null).view }));
    const answer = await fetchGuide(`${address}/xmltv.xml?${query}`);
    t.is(answer.status, status);
    t.is((JSON.parse(answer.body.toString()) as { code: string }).code, code);
  });
}

test('a refresh can be asked for, and is not waited for', async (t) => {
  const { view, asked } = openGuide(null);
  const deps = appDeps({ lineup: readyLineup(channels), guide: view });
  const address = await serve(t, { ...deps, access: { ...deps.access, token: { current: () => TOKEN } } });
  t.is((await fetch(`${address}/api/v1/guide/refresh`, { method: 'POST' })).status, 401);
  t.deepEqual(asked, []);
  const headers = { authorization: `Bearer ${TOKEN}` };
  const answer = await fetch(`${address}/api/v1/guide/refresh`, { method: 'POST', headers });
  t.is(answer.status, 202);
  t.is(answer.headers.get('location'), '/api/v1/guide');
  await answer.json();
  t.deepEqual(asked, ['refresh']);
  t.is((await fetch(`${address}/api/v1/guide`)).status, 200);
});
