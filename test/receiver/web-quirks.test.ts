import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { probeStreams } from '#test/helpers/ffprobe.ts';
import { eventsOf, nowAndNext } from './epg/schedule.ts';
import { BOUQUETS, ROOT_TV } from './lineup/bouquets.ts';
import { piconName } from './lineup/service-ref.ts';
import { serviceByName } from './lineup/services.ts';
import type { SimulatedReceiver } from './receiver.ts';
import { startBox } from './support/box.ts';
import { RawReader } from './support/raw-reader.ts';

const first = serviceByName('Das Erste Übung HD');
const bare = serviceByName('Ohne Programmführer');

const Rows = z.object({ services: z.array(z.looseObject({ servicereference: z.string(), servicename: z.string() })) });
const Events = z.object({
  result: z.boolean(),
  events: z.array(
    z.looseObject({
      id: z.number().nullable(),
      begin_timestamp: z.number().nullable(),
      duration_sec: z.number().nullable(),
      title: z.string().nullable(),
      longdesc: z.string().nullable(),
      sref: z.string(),
    }),
  ),
});

const urlOf = (box: SimulatedReceiver, path: string, query: Record<string, string> = {}): string =>
  `http://127.0.0.1:${box.httpPort}${path}?${new URLSearchParams(query)}`;

async function json(box: SimulatedReceiver, path: string, query: Record<string, string> = {}): Promise<unknown> {
  const answer = await fetch(urlOf(box, path, query));
  return answer.json();
}

async function withBox(t: ExecutionContext, fault: Parameters<SimulatedReceiver['setFault']>[0] = null) {
  return startBox(t, { fault });
}

test('booleans of the status are words, and in standby the service is N/A', async (t) => {
  const box = await withBox(t);
  const awake = z.record(z.string(), z.unknown()).parse(await json(box, '/api/statusinfo'));
  t.is(awake['inStandby'], 'false');
  t.is(awake['isStreaming'], 'false');
  t.is(awake['currservice_serviceref'], first.ref);
  box.setStandby(true);
  const asleep = z.record(z.string(), z.unknown()).parse(await json(box, '/api/statusinfo'));
  t.is(asleep['inStandby'], 'true');
  t.is(asleep['currservice_name'], 'N/A');
  t.false('currservice_serviceref' in asleep);
});

test('status and tuners tell of a stream while it runs', async (t) => {
  const box = await withBox(t);
  const reader = await RawReader.get(t, box.streamPort, `/${first.ref}`);
  await reader.waitForLength(500);
  const status = z.looseObject({ isStreaming: z.string(), Streaming_list: z.string() });
  const { isStreaming, Streaming_list: list } = status.parse(await json(box, '/api/statusinfo'));
  t.is(isStreaming, 'true');
  t.true(list.startsWith(`127.0.0.1: ${first.name} - `), list);
  const About = z.object({ info: z.object({ tuners: z.array(z.object({ stream: z.string() })) }) });
  const { tuners } = About.parse(await json(box, '/api/about')).info;
  t.deepEqual(
    tuners.map(({ stream }) => stream !== ''),
    [true, false, false, false],
  );
});

test('a bouquet has markers, a sub-bouquet and alternatives among its services', async (t) => {
  const box = await withBox(t);
  const { services } = Rows.parse(await json(box, '/api/getservices', { sRef: BOUQUETS[0]?.ref ?? '' }));
  const kinds = services.map((row) => row.servicereference.split(':')[1]);
  t.deepEqual(kinds, ['64', '0', '0', '0', '0', '7', '64', '0', '134']);
  const inside = async (index: number): Promise<string[]> => {
    const sRef = services[index]?.servicereference ?? '';
    return Rows.parse(await json(box, '/api/getservices', { sRef })).services.map((row) => row.servicename);
  };
  t.deepEqual(await inside(5), ['Bühne UHD', 'Testbild "Eins"']);
  t.deepEqual(await inside(8), ['Schaufenster – frei', "Regional <Nord> 'Platt'"]);
});

test('without a reference getservices gives the TV bouquets, for the radio root those of radio', async (t) => {
  const box = await withBox(t);
  const names = async (query: Record<string, string>): Promise<string[]> =>
    Rows.parse(await json(box, '/api/getservices', query)).services.map((row) => row.servicename);
  t.deepEqual(await names({}), ['Favoriten (TV)', 'Privat "& mehr"']);
  t.deepEqual(await names({ sRef: ROOT_TV }), ['Favoriten (TV)', 'Privat "& mehr"']);
  t.deepEqual(await names({ sRef: ROOT_TV.replace('bouquets.tv', 'bouquets.radio') }), ['Favoriten (Radio)']);
});

test('events without a title, without a length, with U+008A and with entities are among the others', async (t) => {
  const box = await withBox(t);
  const { events } = Events.parse(await json(box, '/api/epgservice', { sRef: first.ref }));
  t.true(events.some((event) => event.title === ''));
  t.true(events.some((event) => event.duration_sec === 0));
  t.true(events.some((event) => event.longdesc?.includes('\u008a') === true));
  t.true(events.some((event) => event.longdesc?.includes('\u0086') === true));
  t.true(events.some((event) => event.title === 'Der Kommissar &amp; das Meer'));
  const begins = events.map((event) => event.begin_timestamp ?? 0);
  t.deepEqual(
    begins,
    begins.toSorted((a, b) => a - b),
  );
  t.true((begins.at(-1) ?? 0) > Date.now() / 1000 + 7 * 86_400, 'eight days ahead');
});

test('a service without a guide has no events, and nulls for now and next', async (t) => {
  const box = await withBox(t);
  t.deepEqual(await json(box, '/api/epgservice', { sRef: bare.ref }), { result: true, events: [] });
  const { events } = Events.parse(await json(box, '/api/epgnownext', { bRef: BOUQUETS[1]?.ref ?? '' }));
  const own = events.filter((event) => event.sref === bare.ref);
  t.is(own.length, 2);
  t.true(own.every((event) => event.id === null && event.title === null && event.begin_timestamp === null));
});

test('a programme keeps its start, its number and its length from one day to the next', (t) => {
  const noon = Date.UTC(2026, 9, 6, 12) / 1000;
  for (const name of ['Das Erste Übung HD', 'Radio Ödland', 'Schlüssel Kino HD']) {
    const service = serviceByName(name);
    const today = eventsOf(service, noon);
    for (const hours of [1, 5, 19, 24, 100]) {
      const later = eventsOf(service, noon + hours * 3_600);
      const common = today.filter((event) => event.begin >= (later[0]?.begin ?? 0));
      t.true(common.length > 20);
      t.deepEqual(later.slice(0, common.length), common, `${name}, ${hours} h later`);
    }
    t.is(new Set(today.map((event) => event.id)).size, today.length, 'no number twice');
    const gap = today.findIndex((event, index) => {
      const next = today[index + 1];
      return next !== undefined && event.durationSeconds > 0 && event.begin + event.durationSeconds !== next.begin;
    });
    t.is(gap, -1, 'one begins when the other ends');
    const { now, next } = nowAndNext(service, (today[20]?.begin ?? 0) + 1);
    t.deepEqual([now, next], [today[20] ?? null, today[21] ?? null]);
  }
});

test('fault latin1: bodies are ISO-8859-1 and the header does not say so', async (t) => {
  const box = await withBox(t, 'latin1');
  const answer = await fetch(urlOf(box, '/api/epgservice', { sRef: first.ref }));
  t.is(answer.headers.get('content-type'), 'application/json');
  const bytes = Buffer.from(await answer.arrayBuffer());
  t.false(bytes.toString('utf8').includes('Löwenzahn'));
  const { events } = Events.parse(JSON.parse(bytes.toString('latin1')));
  t.true(events.some((event) => event.title === 'Löwenzahn'));
  t.true(
    events.some((event) => event.title === 'Spielfilm: ?Die Brücke?'),
    'what Latin-1 lacks is a question mark',
  );
  t.true(events.some((event) => event.longdesc?.includes('\u008a') === true));
});

test('fault html: a web page in place of data; fault truncated: half of it; fault traceback: status 500', async (t) => {
  const box = await withBox(t, 'html');
  const page = await fetch(urlOf(box, '/api/about'));
  t.is(page.status, 200);
  t.regex(await page.text(), /^<!DOCTYPE html>/);

  box.setFault(null);
  const whole = await (await fetch(urlOf(box, '/api/bouquets'))).text();
  box.setFault('truncated');
  const half = Buffer.from(await (await fetch(urlOf(box, '/api/bouquets'))).arrayBuffer());
  t.is(half.length, Buffer.byteLength(whole) >> 1);
  t.throws(() => JSON.parse(half.toString()), { instanceOf: SyntaxError });

  box.setFault('traceback');
  const broken = await fetch(urlOf(box, '/api/about'));
  t.is(broken.status, 500);
  t.regex(await broken.text(), /Traceback \(most recent call last\)/);
});

test('fault slow: the answer comes, after three seconds', async (t) => {
  const box = await withBox(t, 'slow');
  const since = performance.now();
  t.is((await fetch(urlOf(box, '/api/about'))).status, 200);
  t.true(performance.now() - since > 2_990);
});

test('fault bouquet-missing: the second bouquet is an exception with status 200, the first is there', async (t) => {
  const box = await withBox(t, 'bouquet-missing');
  t.like(await json(box, '/api/getservices', { sRef: BOUQUETS[1]?.ref ?? '' }), { result: false });
  t.like(await json(box, '/api/getservices', { sRef: BOUQUETS[0]?.ref ?? '' }), { result: true });
});

test('with a login everything is 401 with its realm until the login is right', async (t) => {
  const box = await startBox(t, { login: { user: 'root', pass: 'düne' } });
  const ask = (authorization: string | null): Promise<Response> =>
    fetch(urlOf(box, '/api/about'), { headers: authorization === null ? {} : { authorization } });
  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  for (const wrong of [null, basic('root:'), basic('root:dune'), basic('admin:düne'), 'Bearer x']) {
    const answer = await ask(wrong);
    t.is(answer.status, 401, String(wrong));
    t.is(answer.headers.get('www-authenticate'), 'Basic realm="OpenWebif"');
    await answer.body?.cancel();
  }
  t.is((await ask(basic('root:düne'))).status, 200);
});

test('fault unauthorized: the right login is refused as well', async (t) => {
  const box = await withBox(t, 'unauthorized');
  t.is((await fetch(urlOf(box, '/api/about'))).status, 401);
});

test('picons are pictures, under the SD form of the name, and 404 where there is none', async (t) => {
  const box = await withBox(t);
  const picon = (name: string): Promise<Response> => fetch(urlOf(box, `/picon/${name}.png`));
  const own = piconName(first.ref);
  t.is((await picon(own)).status, 404, 'the HD form has no file');
  const found = await picon(own.replace('1_0_19_', '1_0_1_'));
  t.is(found.headers.get('content-type'), 'image/png');
  const [stream] = await probeStreams(Buffer.from(await found.arrayBuffer()), 'video');
  t.like(stream, { codec_name: 'png', width: 100, height: 60 });
  t.is((await picon(piconName(bare.ref).replace(/^1_0_[0-9A-F]+_/, '1_0_1_'))).status, 404);
  t.is((await picon('1_0_1_DEAD_3FB_1_C00000_0_0_0')).status, 404);
});

test('calls that the box does not know are the page of its web interface, with 404', async (t) => {
  const box = await withBox(t);
  for (const path of ['/api/nosuchcall', '/web/nosuchcall']) {
    const answer = await fetch(urlOf(box, path));
    t.is(answer.status, 404);
    t.regex(await answer.text(), /^<!DOCTYPE html>/);
  }
  t.is(box.stats.requests.get('/api/nosuchcall'), 1);
});
