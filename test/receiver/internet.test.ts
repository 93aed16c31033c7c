/** Services that come over the network: what the box says of them, and what their sources send. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { z } from 'zod';
import { PACKET_SIZE } from '#shared/mpegts/packet.ts';
import { decodeErrors, probe } from '#test/helpers/ffprobe.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { eventually, waitFor } from '#test/helpers/wait-for.ts';
import { PROVIDER_REF } from './internet/provider.ts';
import { INTERNET_SERVICE } from './lineup/internet.ts';
import type { ReceiverOptions, SimulatedReceiver } from './receiver.ts';
import { startBox } from './support/box.ts';
import { RawReader } from './support/raw-reader.ts';
import { getJson, urlOf } from './support/web.ts';

const BOUQUET = '1:7:1:0:0:0:0:0:0:0:FROM BOUQUET "userbouquet.internet.tv" ORDER BY bouquet';
const Rows = z.object({ services: z.array(z.looseObject({ servicereference: z.string(), servicename: z.string() })) });
const SID = INTERNET_SERVICE.sid.toString(16);

const withInternet = (t: ExecutionContext, options: ReceiverOptions = {}): Promise<SimulatedReceiver> =>
  startBox(t, { internet: {}, ...options });

const sourceUrl = (box: SimulatedReceiver, path: string): string => `http://127.0.0.1:${box.internetPort}${path}`;

/** The reference of the service of that name, from the box. */
async function refOf(box: SimulatedReceiver, name: string): Promise<string> {
  const { services } = Rows.parse(await getJson(box, '/api/getservices', { sRef: BOUQUET }));
  const found = services.find((row) => row.servicename === name);
  if (found === undefined) throw new Error(`no service "${name}"`);
  return found.servicereference;
}

/** The address that the box gives to play a reference. */
async function streamUrl(box: SimulatedReceiver, ref: string): Promise<string> {
  const text = await (await fetch(urlOf(box, '/web/stream.m3u', { ref, name: 'x' }))).text();
  return text.split('\n').find((line) => /^[a-z]+:\/\//.test(line)) ?? '';
}

test('without the option the box has no services of the network', async (t) => {
  const box = await startBox(t);
  t.is(box.internetPort, 0);
  t.like(await getJson(box, '/api/getservices', { sRef: BOUQUET }), { result: false });
});

test('references of the network escape only colons; the playlist gives their address as it is', async (t) => {
  const box = await withInternet(t);
  const { internetPort: port, relayPort } = box;
  const ref = await refOf(box, 'Netz: direkt');
  t.is(ref, `4097:0:1:0:0:0:0:0:0:0:http%3a//127.0.0.1%3a${port}/live/${SID}.ts:Netz: direkt`);
  t.is(await streamUrl(box, ref), sourceUrl(box, `/live/${SID}.ts`));
  t.is(await streamUrl(box, await refOf(box, 'Netz: HLS')), sourceUrl(box, `/hls/${SID}/index.m3u8`));
  t.regex(await refOf(box, 'Netz: umgeleitet'), /^5001:0:/);
  t.regex(await refOf(box, 'Netz: DVB-Typ'), /^1:0:1:0:0:0:0:0:0:0:http%3a/);
  const relay = await refOf(box, 'Schlüssel Kino HD (Relay)');
  t.regex(relay, new RegExp(`^1:0:19:EF:455:85:C00000:0:0:0:http%3a//127\\.0\\.0\\.1%3a${relayPort}/1%3a0%3a19%3aEF`));
});

test('the stream server plays no reference of the network', async (t) => {
  const box = await withInternet(t);
  const reader = await RawReader.get(t, box.streamPort, `/${encodeURIComponent(await refOf(box, 'Netz: direkt'))}`);
  await reader.waitForClose();
  t.true(reader.bytes.toString().endsWith('HTTP/1.0 400 Bad Request\r\n\r\n'));
});

test('the direct source comes in chunks over HTTP/1.1, plain to HTTP/1.0, and HEAD has no body', async (t) => {
  const box = await withInternet(t, { paced: false });
  const modern = await RawReader.open(t, box.internetPort);
  modern.say(`GET /live/${SID}.ts HTTP/1.1\r\nHost: x\r\n\r\n`);
  await modern.waitForLength(10_000);
  t.regex(modern.head, /^HTTP\/1\.1 200 .*transfer-encoding: chunked/is);
  modern.leave();
  const old = await RawReader.get(t, box.internetPort, `/live/${SID}.ts`);
  await old.waitForLength(2_000_000);
  t.notRegex(old.head, /chunked|content-length/i);
  const whole = old.body.length - (old.body.length % PACKET_SIZE);
  t.deepEqual(Object.keys(checkTransportStream(old.body.subarray(0, whole)).errors), ['pmt-interval']);
  const head = await fetch(sourceUrl(box, `/live/${SID}.ts`), { method: 'HEAD' });
  t.is(head.headers.get('content-type'), 'video/mp2t');
});

test('the redirected source sends its readers on', async (t) => {
  const box = await withInternet(t);
  const moved = await fetch(sourceUrl(box, `/moved/${SID}.ts`), { redirect: 'manual' });
  t.is(moved.status, 302);
  const followed = await fetch(sourceUrl(box, `/moved/${SID}.ts`));
  t.is(followed.url, sourceUrl(box, `/live/${SID}.ts`));
  await followed.body?.cancel();
});

test('the HLS source is played by ffmpeg over a new segment and more, without an error', async (t) => {
  const box = await withInternet(t);
  const url = sourceUrl(box, `/hls/${SID}/index.m3u8`);
  const media = async (): Promise<string> => (await fetch(url)).text();
  const sequence = (text: string): number => Number(/MEDIA-SEQUENCE:(\d+)/.exec(text)?.[1]);
  const segments = (text: string): string[] => text.split('\n').filter((line) => line.endsWith('.ts'));
  // Nothing has been on the air when the box starts.
  t.deepEqual(segments(await media()), []);
  const reader = await RawReader.get(t, box.internetPort, `/live/${SID}.ts`);
  await reader.waitForLength(7_964_056 * 0.4, 20_000); // ten seconds of the loop, as a clock
  // The clock of the segments is the box's, which may be behind that of a reader that was sent a burst.
  const text = await eventually(
    async () => {
      const playlist = await media();
      return segments(playlist).length >= 3 ? playlist : null;
    },
    { what: 'three segments', timeoutMs: 20_000 },
  );
  t.true(Number(/TARGETDURATION:(\d+)/.exec(text)?.[1]) >= 2);
  for (const name of segments(text)) {
    const segment = Buffer.from(await (await fetch(new URL(name, url))).arrayBuffer());
    t.is((await probe(segment)).streams.length, 2, name);
  }
  // Its sound has frames across PES packets: whoever joins begins in the midst of one.
  const errors = (await decodeErrors(url, { seconds: 5 })).filter((line) => !/^\[(mp[23]|null)|stream #0:1/.test(line));
  t.deepEqual(errors, []);
  t.true(sequence(await media()) >= sequence(text));
  t.is((await fetch(new URL('9999.ts', url))).status, 404);
  t.regex(await (await fetch(sourceUrl(box, `/hls/${SID}/master.m3u8`))).text(), /#EXT-X-STREAM-INF:.*\nindex\.m3u8\n/);
});

test('the UDP source sends seven packets a datagram, in real time, without an error', async (t) => {
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const datagrams: Buffer[] = [];
  const changes = new Set<() => void>();
  socket.on('message', (datagram) => {
    datagrams.push(datagram);
    for (const changed of changes) changed();
  });
  const box = await startBox(t, { internet: { udp: { host: '127.0.0.1', port } } });
  t.is(await streamUrl(box, await refOf(box, 'Netz: UDP')), `udp://127.0.0.1:${port}`);
  await waitFor(
    (changed) => {
      changes.add(changed);
      return () => changes.delete(changed);
    },
    () => datagrams.length >= 400,
    { what: '400 datagrams' },
  );
  t.true(datagrams.every((datagram) => datagram.length === 7 * PACKET_SIZE));
  t.deepEqual(Object.keys(checkTransportStream(Buffer.concat(datagrams)).errors), ['pmt-interval']);
});

test('a multicast group is written with the @ that its readers need', async (t) => {
  const box = await startBox(t, { internet: { udp: { host: '239.255.77.1', port: 20_771 } } });
  t.is(await streamUrl(box, await refOf(box, 'Netz: UDP')), 'udp://@239.255.77.1:20771');
});

test("faults of the source are its own, and it needs none of the box's tuners", async (t) => {
  const box = await withInternet(t, {
    tuners: 0,
    fault: { fault: 'stream-cut', afterBytes: 100_000, ref: PROVIDER_REF },
  });
  const reader = await RawReader.get(t, box.internetPort, `/live/${SID}.ts`);
  await reader.waitForClose();
  t.is(reader.body.length, 100_000);
});
