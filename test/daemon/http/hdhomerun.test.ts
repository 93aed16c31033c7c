import { rmSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { ChannelMarks } from '#daemon/hdhomerun/channel-marks.ts';
import { LineupScan } from '#daemon/hdhomerun/lineup-scan.ts';
import { channel } from '../support/channels.ts';
import { temporaryFolder, testFace } from '../support/hdhomerun-face.ts';
import { appDeps, readyLineup, serve } from '../support/running-app.ts';

const lineup = readyLineup([
  channel(1),
  channel(2, { definition: 'sd', name: '<Zwei> & "Drei"' }),
  channel(3, { group: 'Kinder', groups: ['Kinder'] }),
  channel(4, { radio: true }),
]);

const KIDS = { name: 'Für Kinder!', bouquets: ['kinder'], tuners: 1, port: null };

async function served(t: ExecutionContext): Promise<{ address: string; post: (query: string) => Promise<Response> }> {
  const dataFolder = temporaryFolder();
  t.teardown(() => rmSync(dataFolder, { recursive: true }));
  const hdhomerun = testFace(lineup, {
    further: [KIDS],
    marks: new ChannelMarks({ dataFolder, onWarning: (text) => t.fail(text) }),
    codecsOf: ({ number }) => ({ video: number === 1 ? 'H264' : null, audio: 'AAC' }),
  });
  const address = await serve(t, appDeps({ lineup, hdhomerun }));
  return { address, post: (query) => fetch(`${address}/lineup.post?${query}`, { method: 'POST' }) };
}

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

const numbers = async (url: string) =>
  ((await json(url)) as { GuideNumber: string }[]).map((entry) => entry.GuideNumber);

for (const [path, type] of [
  ['/discover.json', 'application/json; charset=utf-8'],
  ['/lineup.json', 'application/json; charset=utf-8'],
  ['/lineup.xml', 'application/xml; charset=utf-8'],
  ['/lineup.m3u', 'audio/x-mpegurl; charset=utf-8'],
  ['/lineup_status.json', 'application/json; charset=utf-8'],
  ['/status.json', 'application/json; charset=utf-8'],
  ['/device.xml', 'application/xml; charset=utf-8'],
] as const) {
  test(`${path} has its type and its length, also for HEAD, and minds no query`, async (t) => {
    const { address } = await served(t);
    for (const prefix of ['', '/hdhr/fur-kinder']) {
      const get = await fetch(`${address}${prefix}${path}?tuning&x=1&x=2`);
      t.is(get.status, 200);
      t.is(get.headers.get('content-type'), type);
      t.is(Number(get.headers.get('content-length')), (await get.arrayBuffer()).byteLength);
      const head = await fetch(`${address}${prefix}${path}?tuning&x=1&x=2`, { method: 'HEAD' });
      t.is(head.headers.get('content-length'), get.headers.get('content-length'));
    }
  });
}

test('the lineup tells codecs where they are known, flags as numbers, and URLs without a query', async (t) => {
  const { address } = await served(t);
  t.deepEqual(await json(`${address}/lineup.json`), [
    {
      GuideNumber: '1',
      GuideName: 'Channel 1',
      VideoCodec: 'H264',
      AudioCodec: 'AAC',
      HD: 1,
      URL: `${address}/auto/v1`,
    },
    { GuideNumber: '2', GuideName: "<Zwei> & 'Drei'", AudioCodec: 'AAC', URL: `${address}/auto/v2` },
    { GuideNumber: '3', GuideName: 'Channel 3', AudioCodec: 'AAC', HD: 1, URL: `${address}/auto/v3` },
  ]);
});

test('the same as XML and as M3U, with what would break out of them', async (t) => {
  const { address } = await served(t);
  const xml = await (await fetch(`${address}/lineup.xml`)).text();
  t.true(xml.includes('<GuideName>&lt;Zwei&gt; &amp; &apos;Drei&apos;</GuideName>'));
  t.is(xml.match(/<Program>/g)?.length, 3);
  const m3u = await (await fetch(`${address}/lineup.m3u`)).text();
  t.deepEqual(m3u.match(/^http.*$/gm), [`${address}/auto/v1`, `${address}/auto/v2`, `${address}/auto/v3`]);
});

test('favourites and hidden channels are kept; a hidden one is only in the whole list', async (t) => {
  const { address, post } = await served(t);
  const answer = await post('favorite=%2B3');
  t.is(answer.status, 200);
  t.is(answer.headers.get('content-length'), '0');
  await post('favorite=+2'); // the "+" arrives as a blank
  await post('favorite=x1');
  t.deepEqual(await numbers(`${address}/lineup.json`), ['2', '3']);
  t.deepEqual(await numbers(`${address}/lineup.json?show=favorites`), ['2', '3']);
  const all = (await json(`${address}/lineup.json?show=found`)) as { Favorite?: number; Enabled: number }[];
  t.deepEqual(
    all.map(({ Favorite, Enabled }) => [Favorite, Enabled]),
    [
      [undefined, 0],
      [1, 1],
      [1, 1],
    ],
  );
  t.true((await (await fetch(`${address}/lineup.m3u`)).text()).includes('group-title="Favorites"'));
  await post('favorite=-2');
  await post('favorite=-1');
  t.deepEqual(await numbers(`${address}/lineup.json?show=favorites`), ['3']);
  t.deepEqual(await numbers(`${address}/hdhr/fur-kinder/lineup.json?show=favorites`), [], 'another device has its own');
  t.is((await post('favorite=+77')).status, 404);
  t.is((await post('favorite=4')).status, 400);
  t.is((await post('')).status, 400);
});

test('a page of another site cannot change them', async (t) => {
  const { address } = await served(t);
  const headers = { 'sec-fetch-site': 'cross-site' };
  t.is((await fetch(`${address}/lineup.post?favorite=x1`, { method: 'POST', headers })).status, 403);
  t.is((await numbers(`${address}/lineup.json`)).length, 3);
});

test('a scan shows how far it is, and can be ended', async (t) => {
  const reading = Promise.withResolvers<void>();
  const source = { refresh: () => reading.promise, progress: { done: 1, total: 2, channels: 7 } };
  const hdhomerun = testFace(lineup, { scan: new LineupScan([source], () => 3) });
  const address = await serve(t, appDeps({ lineup, hdhomerun }));
  const idle = { ScanInProgress: 0, ScanPossible: 1, Source: 'Antenna', SourceList: ['Antenna'] };
  t.deepEqual(await json(`${address}/lineup_status.json`), idle);
  const started = await fetch(`${address}/lineup.post?scan=start&source=Cable`, { method: 'POST' });
  t.is(started.status, 200);
  t.deepEqual(await json(`${address}/lineup_status.json`), { ScanInProgress: 1, Progress: 50, Found: 7 });
  await fetch(`${address}/lineup.post?scan=abort`, { method: 'POST' });
  t.deepEqual(await json(`${address}/lineup_status.json`), idle);
});

test('a further device has an id, a name, tuners and channels of its own, and URLs that lead back to it', async (t) => {
  const { address } = await served(t);
  const first = (await json(`${address}/discover.json`)) as Record<string, unknown>;
  const kids = (await json(`${address}/hdhr/fur-kinder/discover.json`)) as Record<string, unknown>;
  t.like(kids, {
    FriendlyName: 'Für Kinder!',
    TunerCount: 1,
    BaseURL: `${address}/hdhr/fur-kinder`,
    LineupURL: `${address}/hdhr/fur-kinder/lineup.json`,
  });
  t.regex(String(kids['DeviceID']), /^105[0-9A-F]{5}$/);
  t.not(kids['DeviceID'], first['DeviceID']);
  t.like(await json(String(kids['LineupURL'])), [{ GuideNumber: '3', URL: `${address}/hdhr/fur-kinder/auto/v3` }]);
  t.regex(await (await fetch(`${address}/hdhr/fur-kinder/device.xml`)).text(), /<friendlyName>Für Kinder!</);
  t.is((await fetch(`${address}/hdhr/nobody/discover.json`)).status, 404);
});

test('tuners that nobody uses have a name and nothing else', async (t) => {
  const { address } = await served(t);
  t.deepEqual(await json(`${address}/hdhr/fur-kinder/status.json`), [{ Resource: 'tuner0' }]);
});
