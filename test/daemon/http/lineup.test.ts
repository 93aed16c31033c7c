import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { request } from 'undici';
import { LogoCache } from '#daemon/http/logo-cache.ts';
import { HTTP_ERROR_STATUS } from '#daemon/http/problem.ts';
import { LINEUP_ERROR_STATUS, mountLineup } from '#daemon/http/routes-lineup.ts';
import { LineupSystem } from '#daemon/lineup/lineup-system.ts';
import { readOwnLogo } from '#daemon/lineup/logos/own-logo.ts';
import { captureLog } from '../support/captured-log.ts';
import { channel } from '../support/channels.ts';
import { bytes, startFakeBox } from '../support/fake-box.ts';
import { type LineupBox, lineupBox, service } from '../support/lineup-box.ts';
import { appDeps, serve } from '../support/running-app.ts';

const TOKEN = 'a-token-of-the-house';
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3]);

async function gateway(t: ExecutionContext, box: LineupBox) {
  const folder = mkdtempSync(join(tmpdir(), 'xg2g-lineup-http-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const settings = { bouquets: [], refreshInterval: 3600, markerGroups: false, rules: [] };
  const system = new LineupSystem({
    boxes: [{ id: 'receiver', source: box }],
    settings: () => settings,
    dataFolder: folder,
    logger: captureLog('info').logger,
  });
  const asked: string[] = [];
  let picon: Buffer | Error | null = PNG;
  const receiver = {
    address: 'http://box',
    picon: async (ref: string) => {
      asked.push(ref);
      if (picon instanceof Error) throw picon;
      return picon === null ? null : { contentType: 'image/png', bytes: picon };
    },
  };
  let nowMs = Date.now();
  const logos = new LogoCache(receiver, {
    files: system.logos,
    ownLogo: (logo) => readOwnLogo(logo, system.ownLogos),
    nowMs: () => nowMs,
  });
  const deps = appDeps({
    lineup: system.pool,
    receiver,
    logos,
    access: { ...appDeps().access, token: { current: () => TOKEN } },
    mount: [(router) => mountLineup(router, { lineup: system, publicUrl: null })],
  });
  await system.refresh();
  // Statuses of other faces are given where the app is made; the tests' app is made without.
  Object.assign(HTTP_ERROR_STATUS, LINEUP_ERROR_STATUS);
  const url = await serve(t, deps);
  const patch = (id: string, change: unknown, headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` }) =>
    fetch(`${url}/api/v1/channels/${id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof change === 'string' ? change : JSON.stringify(change),
    });
  return {
    url,
    folder,
    system,
    asked,
    patch,
    setPicon: (next: Buffer | Error | null) => {
      picon = next;
    },
    later: (ms: number) => {
      nowMs += ms;
    },
  };
}

/** Not `fetch`, which adds a Cache-Control of its own that wants a whole answer. */
async function statusWith(url: string, etag: string): Promise<number> {
  const { statusCode, body } = await request(url, { headers: { 'if-none-match': etag } });
  await body.dump();
  return statusCode;
}

const text = async (url: string): Promise<string> => (await fetch(url)).text();

test('a channel is renamed, renumbered and hidden over the API, and keeps its id and its URL', async (t) => {
  const { url, patch, folder } = await gateway(t, lineupBox({ First: [service(1), service(2), service(3)] }));
  const changed = await patch(channel(2).id, { name: 'Mine', number: 1 });
  t.is(changed.status, 200);
  t.like(await changed.json(), {
    id: channel(2).id,
    name: 'Mine',
    number: 1,
    hidden: false,
    url: `${url}/stream/${channel(2).id}.ts`,
    box: { name: 'Channel 2', number: 2, group: 'First' },
    set: { name: 'Mine', number: 1 },
    problems: [],
  });
  t.is((await patch(channel(1).id, { hidden: true })).status, 200);
  const list = await text(`${url}/playlist.m3u`);
  t.deepEqual(
    [...list.matchAll(/tvg-chno="(\d+)".*,(.*)\n.*\/stream\/(.*)\.ts/g)].map((match) => match.slice(1)),
    [
      ['1', 'Mine', channel(2).id],
      ['3', 'Channel 3', channel(3).id],
    ],
  );
  t.false((await text(`${url}/lineup.json`)).includes(channel(1).id));
  t.like(await (await fetch(`${url}/api/v1/channels/${channel(1).id}`)).json(), { hidden: true });
  t.like(await (await fetch(`${url}/api/v1/lineup`)).json(), {
    state: 'ready',
    origin: 'receiver',
    channels: 2,
    hidden: [{ id: channel(1).id, name: 'Channel 1' }],
    groups: [{ name: 'First', channels: 2, playlist: `${url}/playlist/first.m3u` }],
  });
  const { changes } = (await (await fetch(`${url}/api/v1/lineup/changes`)).json()) as { changes: unknown[] };
  t.is(changes.length, 2);
  t.like(JSON.parse(readFileSync(join(folder, 'channels.json'), 'utf8')), {
    version: 1,
    channels: { [channel(1).id]: { hidden: true } },
  });
});

test('a change without the token, of an unknown channel or that means nothing is refused and changes nothing', async (t) => {
  const { url, patch, system } = await gateway(t, lineupBox({ First: [service(1)] }));
  const list = system.pool.channels;
  t.is((await patch(channel(1).id, { name: 'X' }, {})).status, 401);
  t.is((await patch(channel(1).id, { name: 'X' }, { authorization: 'Bearer wrong' })).status, 401);
  t.is((await fetch(`${url}/api/v1/lineup/refresh`, { method: 'POST' })).status, 401);
  t.is((await patch('0-0-0-0', { name: 'X' })).status, 404);
  for (const change of [
    { name: '' },
    { name: 3 },
    { number: 0 },
    { number: '7' },
    { nmae: 'X' },
    { logo: '../../etc/passwd' },
    { logo: '/etc/passwd' },
    { logo: 'file:///etc/passwd' },
    [],
    null,
    '{"name":',
  ]) {
    const answer = await patch(channel(1).id, change);
    t.is(answer.status, 400, JSON.stringify(change));
    t.is(answer.headers.get('content-type'), 'application/problem+json');
  }
  t.is((await patch(channel(1).id, `"${'x'.repeat(100_000)}"`)).status, 413);
  t.is(system.pool.channels, list);
});

test('lists by bouquet, group and format; what is not there is said with what is', async (t) => {
  const { url } = await gateway(t, lineupBox({ 'Sport & More': [service(1)], Films: [service(2), service(1)] }));
  const count = async (path: string): Promise<number> => (await text(`${url}${path}`)).match(/^#EXTINF/gm)?.length ?? 0;
  t.is(await count('/playlist.m3u'), 2);
  t.is(await count('/playlist.m3u8'), 2);
  t.is(await count('/playlist/sport-and-more.m3u'), 1);
  t.is(await count('/playlist/films.m3u8'), 2);
  t.is(await count('/playlist.m3u?bouquet=Films'), 2);
  t.is(await count('/playlist.m3u?group=films&radio=true'), 0);
  t.regex(
    await text(`${url}/playlist/films.m3u?profile=pass&format=plain`),
    /^#EXTM3U\n#EXTINF:-1,.*\n.*\.ts\?profile=pass\n/,
  );
  const unknown = await fetch(`${url}/playlist/news.m3u`);
  t.is(unknown.status, 404);
  t.regex(((await unknown.json()) as { detail: string }).detail, /"Sport & More" \(sport-and-more\.m3u\), "Films"/);
  t.is((await fetch(`${url}/playlist/..%2f..%2fetc%2fpasswd.m3u`)).status, 404);
  t.is((await fetch(`${url}/playlist.m3u?format=xspf`)).status, 400);
});

test('a list that did not change is answered 304, also for a HEAD and by another process', async (t) => {
  const box = lineupBox({ First: [service(1)] });
  const [one, two] = [await gateway(t, box), await gateway(t, box)];
  const first = await fetch(`${one.url}/playlist.m3u`);
  const etag = first.headers.get('etag') ?? '';
  t.not(etag, '');
  t.is(await statusWith(`${one.url}/playlist.m3u`, etag), 304);
  const head = await fetch(`${one.url}/playlist.m3u`, { method: 'HEAD' });
  t.is(head.headers.get('etag'), etag);
  t.is(head.headers.get('content-length'), String((await first.text()).length));
  await one.patch(channel(1).id, { name: 'New' });
  t.is(await statusWith(`${one.url}/playlist.m3u`, etag), 200);
  t.not((await fetch(`${two.url}/playlist.m3u`)).headers.get('etag'), etag, 'another address is another list');
});

test('a new name is a new guide for who asks with the old tag', async (t) => {
  const { url, patch } = await gateway(t, lineupBox({ First: [service(1)] }));
  const etag = (await fetch(`${url}/xmltv.xml`)).headers.get('etag') ?? '';
  t.is(await statusWith(`${url}/xmltv.xml`, etag), 304);
  await patch(channel(1).id, { name: 'New' });
  const answer = await fetch(`${url}/xmltv.xml`, { headers: { 'if-none-match': etag } });
  t.is(answer.status, 200);
  t.regex(await answer.text(), /<display-name>New</);
});

test('logos are asked for once a day, answered 304, and survive the box and a restart', async (t) => {
  const { url, asked, setPicon, later, folder } = await gateway(t, lineupBox({ First: [service(1)] }));
  const logo = `${url}/logos/${channel(1).id}.png`;
  const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(logo)));
  t.true(answers.every(({ status }) => status === 200));
  t.is(asked.length, 1);
  const etag = answers[0]?.headers.get('etag') ?? '';
  t.is(answers[0]?.headers.get('content-type'), 'image/png');
  t.is(await statusWith(logo, etag), 304);
  setPicon(new Error('off'));
  later(2 * 86_400_000);
  t.is((await fetch(logo)).status, 200);
  t.is((await fetch(logo)).status, 200);
  t.is(asked.length, 2, 'a box that is off is left alone');
  t.deepEqual(readFileSync(join(folder, 'logos', channel(1).id)), PNG);
  const other = new LogoCache(null, {
    files: new (await import('#daemon/lineup/logos/logo-files.ts')).LogoFiles({
      folder: join(folder, 'logos'),
      onWarning: t.fail,
    }),
  });
  t.deepEqual((await other.get(channel(1)))?.bytes, PNG);
});

test('a logo of a channel of its own: from a URL, from a file, and the box’s again', async (t) => {
  const { url, folder, patch, asked } = await gateway(t, lineupBox({ First: [service(1)] }));
  const web = await startFakeBox({
    '/moved.png': (_request, response) => response.writeHead(302, { location: '/logo' }).end(),
    '/logo': bytes('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', 'text/plain'),
    '/page': bytes('<html></html>', 'image/png'),
  });
  t.teardown(() => web.close());
  const logo = `${url}/logos/${channel(1).id}.png`;
  await patch(channel(1).id, { logo: `${web.baseUrl}/moved.png` });
  const svg = await fetch(logo);
  t.is(svg.headers.get('content-type'), 'image/svg+xml');
  t.regex(svg.headers.get('content-security-policy') ?? '', /sandbox/);
  mkdirSync(join(folder, 'own-logos'));
  writeFileSync(join(folder, 'own-logos', 'mine.jpg'), Buffer.from([0xff, 0xd8, 0xff, 1]));
  await patch(channel(1).id, { logo: 'mine.jpg' });
  t.is((await fetch(logo)).headers.get('content-type'), 'image/jpeg');
  t.is(asked.length, 0);
  await patch(channel(1).id, { logo: `${web.baseUrl}/page` });
  t.is((await fetch(logo)).headers.get('content-type'), 'image/png', 'what is no picture leaves the box’s');
  t.is(asked.length, 1);
  await patch(channel(1).id, { logo: null });
  t.is((await fetch(logo)).headers.get('content-type'), 'image/png');
});
