/** Faults of the whole box: what is refused, what is silent, and how it comes back. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { eventually, waitFor } from '#test/helpers/wait-for.ts';
import { serviceByName } from './lineup/services.ts';
import { isMagicPacket } from './network/wake-listener.ts';
import type { SimulatedReceiver } from './receiver.ts';
import { startBox, statsOf } from './support/box.ts';
import { RawReader } from './support/raw-reader.ts';
import { getJson, urlOf } from './support/web.ts';

const first = serviceByName('Das Erste Übung HD');
const MAC = '00:1d:ec:00:00:01';

type Outcome = 'open' | 'refused' | 'silent';

/** What happens to a new connection: it stands, is refused, or nothing for so long. */
async function tryPort(port: number, patienceMs = 1_500): Promise<Outcome> {
  const socket = createConnection({ host: '127.0.0.1', port });
  try {
    return await new Promise<Outcome>((resolve, reject) => {
      socket.once('connect', () => resolve('open'));
      socket.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') resolve('refused');
        else reject(error);
      });
      setTimeout(() => resolve('silent'), patienceMs);
    });
  } finally {
    socket.on('error', () => undefined);
    socket.destroy();
  }
}

const outcomes = (box: SimulatedReceiver): Promise<Outcome[]> =>
  Promise.all([box.httpPort, box.streamPort, box.relayPort].map((port) => tryPort(port)));

async function playing(t: ExecutionContext, box: SimulatedReceiver): Promise<RawReader> {
  const reader = await RawReader.get(t, box.streamPort, `/${first.ref}`);
  await reader.waitForLength(500);
  return reader;
}

async function sendMagic(box: SimulatedReceiver, mac: string): Promise<void> {
  const socket = createSocket('udp4');
  const address = Buffer.from(mac.replaceAll(':', ''), 'hex');
  const magic = Buffer.concat([Buffer.alloc(6, 0xff), ...Array.from({ length: 16 }, () => address)]);
  await new Promise((resolve) => socket.send(magic, box.wakePort, '127.0.0.1', resolve));
  socket.close();
}

test('fault refused: every port refuses, what stood is broken off, and all is back on the same ports', async (t) => {
  const box = await startBox(t);
  const reader = await playing(t, box);
  box.setFault('refused');
  await reader.waitForClose();
  t.deepEqual(await outcomes(box), ['refused', 'refused', 'refused']);
  box.setFault(null);
  await box.settled;
  t.deepEqual(await outcomes(box), ['open', 'open', 'open']);
  await playing(t, box);
});

test('a box may be switched off from the start', async (t) => {
  const box = await startBox(t, { fault: 'refused' });
  t.deepEqual(await outcomes(box), ['refused', 'refused', 'refused']);
});

for (const [fault, expected] of [
  ['stream-refused', ['open', 'refused', 'open']],
  ['relay-refused', ['open', 'open', 'refused']],
] as const) {
  test(`fault ${fault}: only that port refuses`, async (t) => {
    const box = await startBox(t);
    box.setFault(fault);
    t.deepEqual(await outcomes(box), [...expected]);
    t.is((await fetch(urlOf(box, '/api/about'))).status, 200);
  });
}

test('fault restart: all is broken off and refused, and well again by itself, the television on as before', async (t) => {
  const box = await startBox(t, { live: first });
  const reader = await playing(t, box);
  const since = performance.now();
  box.setFault('restart', { seconds: 1 });
  await reader.waitForClose();
  t.deepEqual(await outcomes(box), ['refused', 'refused', 'refused']);
  t.is(box.stats.tunersInUse, 0);
  await eventually(async () => (await tryPort(box.httpPort)) === 'open', { what: 'the box to be back' });
  t.true(performance.now() - since > 990);
  t.is(box.stats.tunersInUse, 1);
  t.deepEqual(box.faults.settings, []);
  await playing(t, box);
});

test('a running recording is ended by a restart and begun again behind it', async (t) => {
  const box = await startBox(t);
  const begin = Math.floor(Date.now() / 1000);
  const query = { sRef: first.ref, begin: String(begin), end: String(begin + 600), name: 'Film' };
  t.like(await getJson(box, '/api/timeradd', query), { result: true });
  box.setFault('restart', { seconds: 0.5 });
  t.is(box.stats.recordings, 0);
  await statsOf(box, 'the recording to go on', (stats) => stats.recordings === 1);
  await box.settled;
  const list = JSON.stringify(await getJson(box, '/api/movielist'));
  t.is(list.match(/"eventname":"Film"/g)?.length, 2, 'two files');
});

test('fault deep-standby: refused until the magic packet of its own address comes, and a moment more', async (t) => {
  const box = await startBox(t, { wakePort: 0 });
  const reader = await playing(t, box);
  box.setFault('deep-standby', { seconds: 0.5 });
  await reader.waitForClose();
  t.deepEqual(await outcomes(box), ['refused', 'refused', 'refused']);
  await sendMagic(box, '00:1d:ec:00:00:02');
  const since = performance.now();
  await sendMagic(box, MAC);
  await eventually(async () => (await tryPort(box.streamPort)) === 'open', { what: 'the box to boot' });
  t.true(performance.now() - since > 490);
  await playing(t, box);
  t.like(await getJson(box, '/api/about'), { info: { ifaces: [{ mac: MAC }] } }, 'the address is the one it tells');
});

test("another box's magic packet wakes nobody", (t) => {
  const address = Buffer.from(MAC.replaceAll(':', ''), 'hex');
  const repeated = (count: number): Buffer => Buffer.concat(Array.from({ length: count }, () => address));
  t.true(isMagicPacket(Buffer.concat([Buffer.alloc(6, 0xff), repeated(16)]), MAC));
  t.true(isMagicPacket(Buffer.concat([Buffer.alloc(20), Buffer.alloc(6, 0xff), repeated(16), Buffer.alloc(6)]), MAC));
  t.false(isMagicPacket(Buffer.concat([Buffer.alloc(6, 0xff), repeated(15)]), MAC));
  t.false(isMagicPacket(Buffer.concat([Buffer.alloc(5, 0xff), repeated(16)]), MAC));
  t.false(isMagicPacket(Buffer.concat([Buffer.alloc(6, 0xff), repeated(16)]), '00:1d:ec:00:00:02'));
});

for (const [what, state, expected] of [
  ['deep standby', '1', 'deep-standby'],
  ['a restart of its software', '3', 'restart'],
] as const) {
  test(`the web interface sends the box into ${what}, and still answers that call`, async (t) => {
    const box = await startBox(t);
    t.like(await getJson(box, '/api/powerstate', { newstate: state }), { result: true });
    await statsOf(box, 'the power to go', () => box.faults.has(expected));
    t.is(await tryPort(box.httpPort), 'refused');
  });
}

test('fault black-hole: nobody answers, neither new connections nor old ones, and nothing is broken off', async (t) => {
  const box = await startBox(t);
  const reader = await playing(t, box);
  box.setFault('black-hole');
  await box.settled;
  const so = reader.length;
  t.deepEqual(await outcomes(box), ['silent', 'silent', 'silent']);
  t.is(reader.length, so, 'not a byte while three ports were tried');
  t.false(reader.closed);
  box.setFault(null);
  await reader.waitForLength(so + 188);
});

test('what a session asks into a black hole is answered when the network is back', async (t) => {
  const box = await startBox(t);
  const socket = createConnection({ host: '127.0.0.1', port: box.httpPort });
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  let heard = '';
  socket.on('data', (bytes) => {
    heard += bytes.toString();
  });
  const answers = (count: number): Promise<boolean> =>
    waitFor(
      (changed) => {
        socket.on('data', changed);
        return () => socket.off('data', changed);
      },
      () => heard.match(/"status":true/g)?.length === count,
      { what: `answer ${count}` },
    );
  const ask = (): boolean => socket.write('GET /api/currenttime HTTP/1.1\r\nHost: box\r\n\r\n');
  ask();
  await answers(1);
  box.setFault('black-hole');
  await box.settled;
  const before = heard;
  ask();
  t.is(await tryPort(box.httpPort), 'silent');
  t.is(heard, before);
  t.false(socket.readableEnded, 'the session was not ended either');
  box.setFault(null);
  await answers(2);
});
