/** What a gateway's arbiter can learn of the tuners from outside, and who has to give way to whom. */
import test from 'ava';
import { z } from 'zod';
import { BOUQUETS } from './lineup/bouquets.ts';
import { type DemoService, serviceByName } from './lineup/services.ts';
import type { SimulatedReceiver } from './receiver.ts';
import { startBox, statsOf } from './support/box.ts';
import { RawReader } from './support/raw-reader.ts';
import { getJson } from './support/web.ts';

const OK = 'HTTP/1.0 200 OK\r\nConnection: Close\r\nContent-Type: video/mpeg\r\nServer: streamserver\r\n\r\n';
const REFUSED = `${OK}HTTP/1.0 400 Bad Request\r\n\r\n`;
const first = serviceByName('Das Erste Übung HD'); // 11494
const neighbour = serviceByName('Süd & West HD'); // 11494
const elsewhere = serviceByName('Kino²Welt HD'); // 11362
const third = serviceByName('Klassik SD'); // 11837
const path = (service: DemoService): string => `/${service.ref}`;

const Use = z.object({ name: z.string(), type: z.string(), rec: z.string(), live: z.string(), stream: z.string() });
const Stream = z.looseObject({ ref: z.string(), name: z.string(), ip: z.string(), type: z.string() });
const About = z.object({ info: z.object({ tuners: z.array(Use), streams: z.array(Stream).nullable() }) });
const Playable = z.object({ service: z.object({ isplayable: z.boolean() }) });

/** Of each tuner, what it is used for. */
async function uses(box: SimulatedReceiver): Promise<string[]> {
  const { tuners } = About.parse(await getJson(box, '/api/about')).info;
  return tuners.map((tuner) =>
    [...(['rec', 'live', 'stream'] as const)]
      .filter((kind) => tuner[kind] !== '')
      .map((kind) => `${kind} ${tuner[kind]}`)
      .join(', '),
  );
}

async function playable(box: SimulatedReceiver, service: DemoService, playing?: DemoService): Promise<boolean> {
  const query = { sRef: service.ref, ...(playing === undefined ? {} : { sRefPlaying: playing.ref }) };
  return Playable.parse(await getJson(box, '/api/serviceplayable', query)).service.isplayable;
}

test('the television holds a tuner, shares it with its transponder, and gives it back in standby', async (t) => {
  const box = await startBox(t, { tuners: 2, live: first });
  t.deepEqual(await uses(box), ['live 19.2° E / Das Erste Übung HD', '']);
  const shared = await RawReader.get(t, box.streamPort, path(neighbour));
  await shared.waitForLength(OK.length + 188);
  t.deepEqual(await uses(box), ['live 19.2° E / Das Erste Übung HD, stream 19.2° E / Süd & West HD', '']);
  const { streams } = About.parse(await getJson(box, '/api/about')).info;
  t.like(streams?.[0], { ref: neighbour.ref, name: neighbour.name, ip: '127.0.0.1', type: 'S', tuner_number: 0 });
  t.is((await fetch(`http://127.0.0.1:${box.httpPort}/api/powerstate?newstate=5`)).status, 200);
  t.deepEqual(await uses(box), ['stream 19.2° E / Süd & West HD', ''], 'the reader keeps it');
  shared.leave();
  await statsOf(box, 'both tuners to be free', (stats) => stats.tunersInUse === 0);
  await fetch(`http://127.0.0.1:${box.httpPort}/api/powerstate?newstate=4`);
  t.deepEqual(await uses(box), ['live 19.2° E / Das Erste Übung HD', ''], 'awake again, the television is back');
});

test('with the television on and one tuner, only its transponder can be streamed, as serviceplayable says', async (t) => {
  const box = await startBox(t, { tuners: 1, live: first });
  t.true(await playable(box, neighbour));
  t.false(await playable(box, elsewhere));
  t.true(await playable(box, elsewhere, first), 'but for the service that plays');
  t.false(await playable(box, serviceByName('Stiller Transponder HD'), first), 'what never locks is never playable');
  const refused = await RawReader.get(t, box.streamPort, path(elsewhere));
  await refused.waitForClose();
  t.is(refused.bytes.toString(), REFUSED);
  const list = z
    .object({ services: z.array(z.object({ servicereference: z.string(), isplayable: z.boolean() })) })
    .parse(await getJson(box, '/api/servicelistplayable', { sRef: BOUQUETS[0]?.ref ?? '' }));
  const found = new Map(list.services.map((one) => [one.servicereference, one.isplayable]));
  t.is(found.get(neighbour.ref), true);
  t.is(found.get(elsewhere.ref), false);
});

test('a zap in the living room takes the tuner of a reader, and that of its own reader last', async (t) => {
  const box = await startBox(t, { tuners: 2, live: first });
  const reader = await RawReader.get(t, box.streamPort, path(elsewhere));
  await reader.waitForLength(OK.length + 188);
  t.like(await getJson(box, '/api/zap', { sRef: neighbour.ref }), { result: true });
  t.false(reader.closed, 'on the same transponder nobody has to go');
  const own = await RawReader.get(t, box.streamPort, path(first));
  await own.waitForLength(OK.length + 188);
  t.like(await getJson(box, '/api/zap', { sRef: third.ref }), { result: true });
  await statsOf(box, 'one reader to be thrown out', (stats) => stats.openConnections === 1);
  t.like(await getJson(box, '/api/getcurrent'), { info: { ref: third.ref } });
  t.is((await uses(box)).filter((use) => use.startsWith('live')).length, 1);
});

test('a zap that finds recordings on all tuners is refused, and the television keeps its channel', async (t) => {
  const box = await startBox(t, { tuners: 1, live: first });
  const now = Math.floor(Date.now() / 1000);
  const query = { sRef: neighbour.ref, begin: String(now), end: String(now + 600), name: 'Film' };
  t.like(await getJson(box, '/api/timeradd', query), { result: true });
  t.like(await getJson(box, '/api/zap', { sRef: elsewhere.ref }), { result: false });
  t.like(await getJson(box, '/api/getcurrent'), { info: { ref: first.ref } });
  t.deepEqual(await uses(box), ['rec 19.2° E / Süd & West HD, live 19.2° E / Das Erste Übung HD']);
});

test('signal is that of the television, and nothing in standby', async (t) => {
  const box = await startBox(t, { live: first });
  t.like(await getJson(box, '/api/tunersignal'), { snr: 92, lock: true, inStandby: 'false' });
  box.setStandby(true);
  t.like(await getJson(box, '/api/tunersignal'), { snr: 0, lock: false, inStandby: 'true' });
  const xml = await (await fetch(`http://127.0.0.1:${box.httpPort}/web/signal`)).text();
  t.regex(xml, /<e2snr>\s*0 %\s*<\/e2snr>/);
});

test('six channels of two transponders play on two tuners, a seventh of a third is refused', async (t) => {
  const box = await startBox(t, { tuners: 2 });
  const names = ['Das Erste Übung HD', 'Süd & West HD', 'Testbild "Eins"', 'Kino²Welt HD', 'Dokumentation, Natur HD'];
  const readers: RawReader[] = [];
  for (const name of [...names, 'Bühne UHD']) {
    const reader = await RawReader.get(t, box.streamPort, path(serviceByName(name)));
    await reader.waitForLength(OK.length + 188);
    readers.push(reader);
  }
  const refused = await RawReader.get(t, box.streamPort, path(third));
  await refused.waitForClose();
  t.is(refused.bytes.toString(), REFUSED);
  t.true(readers.every((reader) => !reader.closed));
  t.is(box.stats.tunersInUse, 2);
});
