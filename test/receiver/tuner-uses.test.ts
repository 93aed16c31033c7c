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

test('a zap in the living room takes a free tuner or shares one; readers keep theirs, and the screen stays dark', async (t) => {
  const box = await startBox(t, { tuners: 2, live: first });
  const reader = await RawReader.get(t, box.streamPort, path(elsewhere));
  await reader.waitForLength(OK.length + 188);
  t.like(await getJson(box, '/api/zap', { sRef: neighbour.ref }), { result: true });
  t.deepEqual(await uses(box), ['live 19.2° E / Süd & West HD', 'stream 19.2° E / Kino²Welt HD']);
  t.like(await getJson(box, '/api/zap', { sRef: third.ref }), { result: true });
  t.deepEqual(
    await uses(box),
    ['live 19.2° E / Klassik SD', 'stream 19.2° E / Kino²Welt HD'],
    'its own was free again',
  );
  const other = await RawReader.get(t, box.streamPort, path(serviceByName("Regional <Nord> 'Platt'")));
  await other.waitForLength(OK.length + 188);
  t.like(await getJson(box, '/api/zap', { sRef: first.ref }), { result: true }, 'the box does not say it');
  t.is((await uses(box)).filter((use) => use.includes('live')).length, 0);
  t.false(reader.closed || other.closed);
});

test('an old image tells of a stream as of a recording, by name only while it is the one', async (t) => {
  const box = await startBox(t, { tuners: 2, live: first, fault: 'streams-as-recordings' });
  const about = async (): Promise<unknown> => getJson(box, '/api/about');
  const reader = await RawReader.get(t, box.streamPort, path(elsewhere));
  await reader.waitForLength(OK.length + 188);
  const type = 'Vuplus DVB-S NIM(7376 FBC) (DVB-S2)';
  const own = { name: 'Tuner A', type, rec: '', live: '19.2° E / Das Erste Übung HD' };
  t.like(await about(), {
    info: { tuners: [own, { name: 'Tuner B', type, rec: '19.2° E / Kino²Welt HD (127.0.0.1)', live: '' }] },
  });
  const second = await RawReader.get(t, box.streamPort, path(neighbour));
  await second.waitForLength(OK.length + 188);
  t.like(await about(), {
    info: {
      tuners: [
        { ...own, rec: '19.2° E / ' },
        { name: 'Tuner B', type, rec: '19.2° E / ', live: '' },
      ],
    },
  });
  t.like(await getJson(box, '/api/statusinfo'), { isRecording: 'false', isStreaming: 'true' });
});

test('signal is that of the television, and nothing in standby', async (t) => {
  const box = await startBox(t, { live: first });
  t.like(await getJson(box, '/api/tunersignal'), { snr: 92, lock: true, inStandby: 'false' });
  box.setStandby(true);
  t.like(await getJson(box, '/api/tunersignal'), { tunertype: '', snr: '', snr_db: '', inStandby: 'true' });
  const xml = await (await fetch(`http://127.0.0.1:${box.httpPort}/web/signal`)).text();
  t.regex(xml, /<e2snr>\s*%\s*<\/e2snr>/);
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
