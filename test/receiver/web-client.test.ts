/** The daemon's own client at the simulated box: what a test of the daemon sees is what the box means. */
import test, { type ExecutionContext } from 'ava';
import { ReceiverClient } from '#daemon/receiver/client.ts';
import type { EpgEvent } from '#daemon/receiver/model.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { eventsOf } from './epg/schedule.ts';
import type { Fault } from './faults.ts';
import { BOUQUETS } from './lineup/bouquets.ts';
import { SERVICES, serviceByName } from './lineup/services.ts';
import type { ReceiverOptions, SimulatedReceiver } from './receiver.ts';
import { startBox } from './support/box.ts';

const first = serviceByName('Das Erste Übung HD');
const scrambled = serviceByName('Schlüssel Kino HD');
const bare = serviceByName('Ohne Programmführer');

interface Pair {
  readonly box: SimulatedReceiver;
  readonly client: ReceiverClient;
}

async function boxAndClient(t: ExecutionContext, options: ReceiverOptions = {}, user?: string): Promise<Pair> {
  const box = await startBox(t, options);
  const client = new ReceiverClient({
    baseUrl: `http://127.0.0.1:${box.httpPort}`,
    streamPort: box.streamPort,
    relayPort: box.relayPort,
    ...(user === undefined ? {} : { user, pass: options.login?.pass ?? '' }),
    logger: createSilentLogger(),
    timeouts: {},
  });
  t.teardown(() => client.close());
  return { box, client };
}

/** Every service of the bouquets, sub-bouquets and groups entered, by reference. */
async function allServices(client: ReceiverClient): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const enter = async (bouquetRef: string): Promise<void> => {
    for (const row of await client.services(bouquetRef)) {
      const flags = row.ref.split(':')[1];
      if (flags === '0') found.set(row.ref, row.name);
      else if (flags === '7' || flags === '134') await enter(row.ref);
    }
  };
  for (const list of ['tv', 'radio'] as const) {
    for (const bouquet of await client.bouquets(list)) await enter(bouquet.ref);
  }
  return found;
}

const byRef = (a: readonly string[], b: readonly string[]): number => (a[0] ?? '').localeCompare(b[0] ?? '');
const LINEUP = SERVICES.map((service) => [service.ref, service.name]).sort(byRef);

for (const fault of [null, 'xml-only', 'latin1'] as const) {
  const how =
    fault === null ? 'in JSON' : fault === 'latin1' ? 'in unmarked ISO-8859-1' : 'in XML where JSON is unknown';

  test(`the daemon's client reads the whole lineup ${how}`, async (t) => {
    const { box, client } = await boxAndClient(t, { fault });
    const found = [...(await allServices(client))].sort(byRef);
    const expected = fault === 'latin1' ? LINEUP.map(([ref, name]) => [ref, name?.replace('–', '?')]) : LINEUP;
    t.deepEqual(found, expected);
    if (fault === 'xml-only') t.true((box.stats.requests.get('/web/getservices') ?? 0) >= BOUQUETS.length);
    else t.is(box.stats.requests.get('/web/getservices'), undefined);
  });

  test(`the daemon's client reads the guide ${how}`, async (t) => {
    const { client } = await boxAndClient(t, { fault });
    const events = await client.epgService(first.ref);
    const sent = eventsOf(first).filter((event) => event.title !== '');
    t.deepEqual(
      events.map((event) => [event.id, event.startSeconds]),
      sent.map((event) => [event.id, event.begin]),
    );
    const named = (title: string): EpgEvent | undefined => events.find((event) => event.title === title);
    t.is(named('Tagesschau')?.longDescription, 'Die Nachrichten des Tages\nmit Wetter', 'U+008A breaks the line');
    t.is(named('Der Kommissar & das Meer')?.shortDescription, 'Staffel 3, Folge 7: Nebel über Gotland');
    t.true(
      events.every((event) => event.durationSeconds > 0),
      'no length becomes half an hour',
    );
    if (fault !== 'xml-only') t.is(named('Tagesschau')?.genreId, 0x21);
    t.deepEqual(await client.epgService(bare.ref), []);
  });
}

test("the daemon's client understands about, status, now and next", async (t) => {
  const { box, client } = await boxAndClient(t, { tuners: 3 });
  const about = await client.about();
  t.like(about, { model: 'Duo²', boxType: 'vuduo2', imageDistro: 'openATV', webifVersion: 'OWIF 2.2.2' });
  t.is(about.tuners.length, 3);
  t.like(await client.statusInfo(), { standby: false, currentService: { ref: first.ref, name: first.name } });
  box.setStandby(true);
  t.deepEqual(await client.statusInfo(), { standby: true, recording: false, streaming: false, currentService: null });
  const nowNext = await client.epgNowNext(BOUQUETS[2]?.ref ?? '');
  t.is(new Set(nowNext.map((event) => event.ref)).size, 2, 'both radio services');
});

test('an old image answers about in XML', async (t) => {
  const { client } = await boxAndClient(t, { fault: 'xml-only' });
  t.like(await client.about(), { model: 'Duo²', imageVersion: '7.5' });
});

test("the box sends the daemon's client to the stream server, and for a scrambled service to the relay", async (t) => {
  const { box, client } = await boxAndClient(t);
  t.like(await client.streamUrl(first.ref, { name: first.name }), {
    kind: 'e2-stream',
    host: '127.0.0.1',
    port: box.streamPort,
    path: `/${first.ref}`,
    programHint: first.sid,
  });
  t.like(await client.streamUrl(scrambled.ref), { kind: 'relay', port: box.relayPort, programHint: scrambled.sid });
});

test("the daemon's client finds the picon of an HD service, and none where there is none", async (t) => {
  const { client } = await boxAndClient(t);
  const picon = await client.picon(first.ref, { name: first.name });
  t.is(picon?.contentType, 'image/png');
  const other = await client.picon(scrambled.ref, { name: scrambled.name });
  t.false(picon?.bytes.equals(other?.bytes ?? Buffer.alloc(0)), 'each has its own');
  t.is(await client.picon(bare.ref, { name: bare.name }), null);
});

const FAULT_CODES: readonly (readonly [Fault, string])[] = [
  ['off', 'RECEIVER_UNREACHABLE'],
  ['unauthorized', 'RECEIVER_AUTH'],
  ['html', 'RECEIVER_NOT_OPENWEBIF'],
  ['truncated', 'RECEIVER_BAD_ANSWER'],
  ['traceback', 'RECEIVER_BAD_ANSWER'],
];
for (const [fault, code] of FAULT_CODES) {
  test(`the daemon's client meets fault ${fault} as ${code}, and all is well once it is gone`, async (t) => {
    const { box, client } = await boxAndClient(t);
    t.is((await client.bouquets('tv')).length, 2);
    box.setFault(fault);
    await t.throwsAsync(client.bouquets('tv'), { code });
    box.setFault(null);
    t.is((await client.bouquets('tv')).length, 2);
  });
}

test("the daemon's client hears which bouquet is missing", async (t) => {
  const { client } = await boxAndClient(t, { fault: 'bouquet-missing' });
  await t.throwsAsync(client.services(BOUQUETS[1]?.ref ?? ''), { code: 'RECEIVER_REFUSED', message: /No such file/ });
  t.is((await client.services(BOUQUETS[0]?.ref ?? '')).length, 9);
});

test("the daemon's client is let in with the right login only", async (t) => {
  const login = { user: 'root', pass: 'düne' };
  const good = await boxAndClient(t, { login }, 'root');
  t.is((await good.client.bouquets('radio')).length, 1);
  const bad = await boxAndClient(t, { login });
  await t.throwsAsync(bad.client.about(), { code: 'RECEIVER_AUTH' });
});
