import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { ExternalGuides } from '#daemon/guide/external/external-guides.ts';
import type { ExternalSettings } from '#daemon/guide/external/external-source.ts';
import { GUIDE_LIMITS } from '#daemon/guide/external/open-guide.ts';
import { NO_DETAILS, type Programme } from '#daemon/guide/programme.ts';
import { KeptGuide } from '#daemon/guide/store/kept-store.ts';
import { createLogger } from '#shared/observability/logger.ts';
import { channel } from '../../support/channels.ts';

const NOW = 1_767_290_400; // 2026-01-01 18:00 UTC
const CHANNELS = [
  channel(1, { name: 'Das Erste HD' }),
  channel(2, { name: 'ZDF HD' }),
  channel(3, { name: 'Unheard of' }),
];
const [ARD, ZDF] = [channel(1).id, channel(2).id];

const guideXml = (title = 'Tatort', extra = ''): string => `<tv>
<channel id="DasErste.de"><display-name>Das Erste</display-name></channel>
<channel id="ZDF.de"><display-name>ZDF</display-name></channel>
<channel id="ZDFinfo.de"><display-name>ZDFinfo</display-name></channel>
<programme start="20260101201500 +0100" stop="20260101214500 +0100" channel="DasErste.de"><title>${title}</title>
<sub-title>Borowski</sub-title><episode-num system="xmltv_ns">3.4.</episode-num></programme>
<programme start="20260101220000 +0100" stop="20260101223000 +0100" channel="ZDF.de"><title>heute journal</title></programme>
<programme start="20260101220000 +0100" stop="20260101223000 +0100" channel="ZDFinfo.de"><title>ZDFinfo Doku</title></programme>
${extra}</tv>`;

function boxProgramme(fields: Partial<Programme> = {}): Programme {
  return {
    id: 0,
    eventId: 7,
    channelId: ARD,
    title: 'Tatort',
    shortDescription: '',
    longDescription: 'Vom Empfänger',
    startSeconds: Date.UTC(2026, 0, 1, 19, 15) / 1000,
    stopSeconds: Date.UTC(2026, 0, 1, 20, 45) / 1000,
    genreId: 0,
    details: NO_DETAILS,
    ...fields,
  };
}

async function serve(t: ExecutionContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function setUp(
  t: ExecutionContext,
  settings: Partial<ExternalSettings>,
  dataFolder = mkdtempSync(join(tmpdir(), 'xg2g-guide-')),
) {
  const logger = createLogger({ name: 'test', level: 'error' });
  const kept = new KeptGuide({ dataFolder: null, logger });
  t.teardown(() => kept.close());
  const guides = new ExternalGuides({
    sources: [{ url: null, file: null, refresh: 3600, mode: 'fill', channels: {}, ...settings }],
    lineup: { channels: CHANNELS, waitForReady: () => Promise.resolve(), onChange: () => () => undefined },
    store: () => kept.store,
    settings: () => ({ days: 7, keepDays: 1, language: 'de' }),
    dataFolder,
    logger,
    limits: { ...GUIDE_LIMITS, bytes: 2_000_000, packedBytes: 1_000_000 },
    nowMs: () => NOW * 1000,
  });
  const source = guides.sources[0];
  if (source === undefined) throw new Error('no source');
  const refresh = (): Promise<void> => guides.refresh(source, new AbortController().signal);
  const titles = (id: string): string[] => [...kept.store.programmes(id)].map(({ title }) => title);
  return { guides, source, store: kept.store, refresh, titles, dataFolder };
}

function guideFile(content: string | Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), 'xg2g-guide-')), 'guide.xml');
  writeFileSync(path, content);
  return path;
}

test('fill: programmes come where the receiver has none, and not where it has some', async (t) => {
  const { refresh, titles, store } = setUp(t, { file: guideFile(guideXml('Anders')), mode: 'fill' });
  await store.update(ARD, [boxProgramme()]);
  await refresh();
  t.deepEqual(titles(ARD), ['Tatort']);
  t.deepEqual(titles(ZDF), ['heute journal']);
});

test('replace: the external schedule takes the place of the receiver’s, which does not come back', async (t) => {
  const { refresh, titles, store, guides } = setUp(t, { file: guideFile(guideXml('Anders')), mode: 'replace' });
  await store.update(ARD, [boxProgramme()]);
  await refresh();
  t.deepEqual(titles(ARD), ['Anders']);
  t.true(guides.wins(ARD));
  await store.update(ARD, [boxProgramme()], { wins: !guides.wins(ARD) });
  t.deepEqual(titles(ARD), ['Anders']);
});

test('enrich: the receiver’s programme stays and gets what it lacks, now and at its next reading', async (t) => {
  const { refresh, store, guides } = setUp(t, { file: guideFile(guideXml()), mode: 'enrich' });
  await store.update(ARD, [boxProgramme()]);
  const [before] = store.programmes(ARD);
  await refresh();
  const [programme] = store.programmes(ARD);
  t.like(programme, { id: before?.id, longDescription: 'Vom Empfänger', eventId: 7 });
  t.like(programme?.details, { subtitle: 'Borowski', season: 4, episode: 5 });
  t.like(guides.enrich(boxProgramme()).details, { subtitle: 'Borowski', season: 4 });
  t.deepEqual([...store.programmes(ZDF)], []); // enriching adds no programmes
});

test('what has not changed is not read again, and a packed guide is unpacked', async (t) => {
  const requests: (string | undefined)[] = [];
  const url = await serve(t, (request, response) => {
    requests.push(request.headers['if-none-match']);
    if (request.headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else response.writeHead(200, { etag: '"1"' }).end(gzipSync(guideXml()));
  });
  const { refresh, titles, source } = setUp(t, { url: `${url}/guide.xml.gz` });
  await refresh();
  await refresh();
  t.deepEqual(requests, [undefined, '"1"']);
  t.is(source.status.state, 'read');
  t.deepEqual(titles(ARD), ['Tatort']);
});

test('a login in the address is sent, and shown nowhere', async (t) => {
  const url = await serve(t, (request, response) => {
    const isRight = request.headers.authorization === `Basic ${Buffer.from('me:p@ss').toString('base64')}`;
    response.writeHead(isRight ? 200 : 401).end(guideXml());
  });
  const { refresh, guides, source } = setUp(t, { url: `${url.replace('//', '//me:p%40ss@')}/guide.xml?key=secret` });
  await refresh();
  t.is(source.status.state, 'read');
  t.notRegex(JSON.stringify(guides.mapping), /p%40ss|p@ss|secret/);
});

const FAULTS: ReadonlyArray<readonly [what: string, answer: RequestListener, code: string, message: RegExp]> = [
  [
    'broken XML',
    (_, response) => response.end('<tv>\n<channel id="a">\n</tv>'),
    'XMLTV_BROKEN',
    /^line 3, column \d+: /,
  ],
  ['a page for people', (_, response) => response.end('<html></html>'), 'XMLTV_BROKEN', /no XMLTV/],
  ['a refusal', (_, response) => response.writeHead(403).end(), 'GUIDE_REFUSED', /status 403/],
  [
    'an end in the middle',
    (_, response) => response.writeHead(200, { 'content-length': '5000' }).write('<tv>', () => response.destroy()),
    'GUIDE_BROKEN',
    /broke off/,
  ],
  [
    'a packed file that is cut',
    (_, response) => response.end(gzipSync(guideXml()).subarray(0, 200)),
    'GUIDE_BROKEN',
    /broke off/,
  ],
  [
    'a bomb',
    (_, response) => response.end(gzipSync(`<tv>${'<a></a>'.repeat(1_000_000)}`)),
    'GUIDE_TOO_LARGE',
    /larger than 2 MiB/,
  ],
  ['an xz archive', (_, response) => response.end(Buffer.from('fd377a585a000004', 'hex')), 'GUIDE_PACKED', /xz/],
];
for (const [what, answer, code, message] of FAULTS) {
  test(`${what} is refused with the reason, and what was read last stays`, async (t) => {
    let isGood = true;
    const url = await serve(t, (request, response) => {
      if (isGood) response.end(guideXml());
      else answer(request, response);
    });
    const { refresh, titles, source, guides } = setUp(t, { url });
    await refresh();
    isGood = false;
    await refresh();
    t.is(source.status.state, 'failed');
    t.is(source.status.error?.code, code);
    t.regex(source.status.error?.message ?? '', message);
    t.deepEqual(titles(ARD), ['Tatort']);
    t.is(source.count(ARD), 1);
    t.regex(JSON.stringify(guides.mapping), new RegExp(code));
    isGood = true;
    await refresh();
    t.is(source.status.state, 'read');
    t.is(source.status.error, null);
  });
}

test('a file that is not there is named', async (t) => {
  const { refresh, source } = setUp(t, { file: '/nowhere/guide.xml' });
  await refresh();
  t.like(source.status, {
    state: 'failed',
    error: { code: 'GUIDE_FILE', message: '/nowhere/guide.xml cannot be read (ENOENT)' },
  });
});

test('a guide in another alphabet is read as it declares', async (t) => {
  const document = `<?xml version="1.0" encoding="ISO-8859-1"?>${guideXml('Größe')}`;
  const { refresh, titles } = setUp(t, { file: guideFile(Buffer.from(document, 'latin1')) });
  await refresh();
  t.deepEqual(titles(ARD), ['Größe']);
});

test('a choice is kept over restarts, counts at the next reading, and can be taken back', async (t) => {
  const file = guideFile(guideXml());
  const first = setUp(t, { file });
  await first.refresh();
  t.deepEqual(first.titles(channel(3).id), []);
  first.guides.choose(null, new Map([[channel(3).id, 'ZDFinfo.de']]));
  await first.refresh();
  t.deepEqual(first.titles(channel(3).id), ['ZDFinfo Doku']);

  const second = setUp(t, { file }, first.dataFolder);
  await second.refresh();
  t.deepEqual(second.titles(channel(3).id), ['ZDFinfo Doku']);
  t.is(second.source.matches[2]?.by, 'user');
  second.guides.choose(file, new Map([[channel(3).id, undefined]]));
  t.deepEqual(JSON.parse(readFileSync(join(first.dataFolder, 'guide-mapping.json'), 'utf8')), {
    sources: { [file]: {} },
  });
});

test('a choice for a channel or a guide that is not there is refused', async (t) => {
  const { guides, refresh } = setUp(t, { file: guideFile(guideXml()) });
  await refresh();
  t.throws(() => guides.choose(null, new Map([['nowhere', 'ZDF.de']])), { code: 'GUIDE_MAPPING' });
  t.throws(() => guides.choose(null, new Map([[ARD, 'Nobody.de']])), { code: 'GUIDE_MAPPING' });
  t.throws(() => guides.choose('other', new Map([[ARD, 'ZDF.de']])), { code: 'GUIDE_MAPPING' });
});

test('what could not be matched is listed for review', async (t) => {
  const { guides, refresh } = setUp(t, { file: guideFile(guideXml()) });
  await refresh();
  t.like(guides.mapping, { sources: [{ state: 'read', programmes: 2, unmatched: [channel(3).id], available: 3 }] });
});
