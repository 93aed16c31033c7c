import test from 'ava';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { Lineup } from './lineup/lineup.ts';
import { type DemoService, SERVICES, serviceByName } from './lineup/services.ts';
import { packetDamage } from './stream/manners/damage.ts';
import { startBox, statsOf } from './support/box.ts';
import { firstPat, pidsOf, scramblingOf } from './support/packets.ts';
import { RawReader } from './support/raw-reader.ts';

const OK = 'HTTP/1.0 200 OK\r\nConnection: Close\r\nContent-Type: video/mpeg\r\nServer: streamserver\r\n\r\n';
const BAD_REQUEST = 'HTTP/1.0 400 Bad Request\r\n\r\n';
/** Half a second of any TV service, enough for all its PIDs but subtitles. */
const SOME = 300_000;

const first = serviceByName('Das Erste Übung HD');
const neighbour = serviceByName('Süd & West HD');
const elsewhere = serviceByName('Kino²Welt HD');
const scrambled = serviceByName('Schlüssel Kino HD');
const silent = serviceByName('Stiller Transponder HD');
const path = (service: DemoService): string => `/${service.ref}`;

test('anything but GET is a bad request', async (t) => {
  const box = await startBox(t);
  for (const method of ['HEAD', 'POST', 'OPTIONS', 'get']) {
    const reader = await RawReader.open(t, box.streamPort);
    reader.say(`${method} ${path(first)} HTTP/1.1\r\n\r\n`);
    await reader.waitForClose();
    t.is(reader.bytes.toString(), BAD_REQUEST, method);
  }
  t.is(box.stats.connectionsTotal, 0);
});

test('the box says 200 before it has tuned', async (t) => {
  const box = await startBox(t, { tuneLatencyMs: 400 });
  const asked = performance.now();
  const reader = await RawReader.get(t, box.streamPort, path(first));
  await reader.waitForLength(OK.length);
  t.is(reader.bytes.toString('latin1'), OK);
  t.true(performance.now() - asked < 300, 'the head does not wait for the lock');
  await reader.waitForLength(OK.length + 1);
  t.true(performance.now() - asked >= 399, 'the first packet does');
  t.is(reader.body[0], 0x47);
});

test('the box acts at the first line break and does not wait for the end of the request', async (t) => {
  const box = await startBox(t);
  const reader = await RawReader.open(t, box.streamPort);
  reader.say('GET ');
  reader.say(path(first));
  t.is(reader.length, 0);
  reader.say(' HTTP/1.1\n');
  await reader.waitForLength(OK.length + 188);
  t.is(reader.head, OK);
});

const LOGIN = { user: 'root', pass: 'düne' };
const RIGHT = Buffer.from(`${LOGIN.user}:${LOGIN.pass}`).toString('base64');
const UNAUTHORIZED = /^HTTP\/1\.0 401 .*\r\nWWW-Authenticate: Basic realm="streamserver"\r\n\r\n$/;

test('with a login the stream server lets in who says it right behind the request line', async (t) => {
  const box = await startBox(t, { login: LOGIN });
  const good = await RawReader.get(t, box.streamPort, path(first), `Authorization: Basic ${RIGHT}\r\n`);
  await good.waitForLength(OK.length + 188);
  t.is(good.head, OK);
});

test('a login that comes with the second packet comes too late', async (t) => {
  const box = await startBox(t, { login: LOGIN });
  const late = await RawReader.open(t, box.streamPort);
  late.say(`GET ${path(first)} HTTP/1.0\r\n`);
  await late.waitForClose(); // it was judged before the next line could be said
  t.regex(late.bytes.toString(), UNAUTHORIZED);
});

for (const [what, header] of [
  ['no login', ''],
  ['a wrong password', `Authorization: Basic ${Buffer.from('root:dune').toString('base64')}\r\n`],
  ['a longer password', `Authorization: Basic ${Buffer.from(`root:${LOGIN.pass}+`).toString('base64')}\r\n`],
  ['a header in lower case', `authorization: Basic ${RIGHT}\r\n`],
  ['a login beyond the 512 bytes that are read', `X-Filler: ${'x'.repeat(500)}\r\nAuthorization: Basic ${RIGHT}\r\n`],
] as const) {
  test(`${what} is answered with 401 on the stream server`, async (t) => {
    const box = await startBox(t, { login: LOGIN });
    const reader = await RawReader.get(t, box.streamPort, path(first), header);
    await reader.waitForClose();
    t.regex(reader.bytes.toString(), UNAUTHORIZED);
    t.is(box.stats.connectionsTotal, 0);
  });
}

test('a password that only begins with the right one is wrong, also where base64 has no padding', async (t) => {
  const box = await startBox(t, { login: { user: 'ab', pass: 'cde' } });
  const header = `Authorization: Basic ${Buffer.from('ab:cdefgh').toString('base64')}\r\n`;
  const reader = await RawReader.get(t, box.streamPort, path(first), header);
  await reader.waitForClose();
  t.regex(reader.bytes.toString(), UNAUTHORIZED);
});

test('the relay asks for no login', async (t) => {
  const box = await startBox(t, { login: LOGIN });
  const reader = await RawReader.get(t, box.relayPort, path(scrambled));
  await reader.waitForLength(OK.length + 188);
  t.is(reader.head, OK);
});

for (const [what, asked] of [
  ['an unknown reference', '/1:0:19:DEAD:3FB:1:C00000:0:0:0:'],
  ['no reference', '/'],
  ['a broken escape', '/1:0:19%zz'],
] as const) {
  test(`${what} is refused in the body, behind a 200`, async (t) => {
    const box = await startBox(t);
    const reader = await RawReader.get(t, box.streamPort, asked);
    await reader.waitForClose();
    t.is(reader.bytes.toString(), OK + BAD_REQUEST);
    t.is(box.stats.tunersInUse, 0);
  });
}

test('references may be escaped, in lower case, with arguments, or those of a group', async (t) => {
  const box = await startBox(t);
  const group = '1:134:1:0:0:0:0:0:0:0:FROM BOUQUET "alternatives.regional.tv" ORDER BY bouquet';
  const forms: readonly (readonly [string, DemoService | null])[] = [
    [`/${encodeURIComponent(first.ref)}`, first],
    [path(first).toLowerCase(), first],
    [`${path(first)}?bitrate=1000000&width=720`, first],
    [`${path(first)}&bitrate=1000000`, first],
    [`/${encodeURIComponent(group)}`, new Lineup().resolve(group)],
  ];
  for (const [asked, service] of forms) {
    const reader = await RawReader.get(t, box.streamPort, asked);
    await reader.waitForLength(OK.length + SOME / 2);
    t.is(service !== null && pidsOf(reader.body).has(service.media.pmtPid), true, asked);
    reader.leave();
  }
});

test('a stream with a duration is ended by the box, and its tuner is free', async (t) => {
  const box = await startBox(t);
  const since = performance.now();
  const reader = await RawReader.get(t, box.streamPort, `${path(first)}?duration=3`);
  await reader.waitForClose();
  t.true(performance.now() - since > 2_990, `${performance.now() - since} ms`);
  t.true(reader.body.length > 188, `${reader.body.length} bytes`);
  await statsOf(box, 'the tuner to be free', (stats) => stats.tunersInUse === 0);
});

test('fault stream-text: refused in the body; stream-empty: no byte behind the head; stream-hang: never a byte', async (t) => {
  const box = await startBox(t, { fault: 'stream-text' });
  const refused = await RawReader.get(t, box.streamPort, path(first));
  await refused.waitForClose();
  t.is(refused.bytes.toString(), OK + BAD_REQUEST);

  box.setFault('stream-empty');
  const empty = await RawReader.get(t, box.streamPort, path(first));
  await empty.waitForClose();
  t.is(empty.bytes.toString(), OK);

  box.setFault('stream-hang');
  const hanging = await RawReader.get(t, box.streamPort, path(first));
  await hanging.waitForLength(OK.length);
  box.setFault(null);
  const well = await RawReader.get(t, box.streamPort, path(first));
  await well.waitForLength(OK.length + SOME);
  t.is(hanging.length, OK.length, 'while another has played for half a second');
  t.false(hanging.closed);
});

test('fault off: no connection lives, those that stood are broken off', async (t) => {
  const box = await startBox(t);
  const before = await RawReader.get(t, box.streamPort, path(first));
  await before.waitForLength(OK.length + 188);
  box.setFault('off');
  await before.waitForClose();
  const after = await RawReader.get(t, box.streamPort, path(first));
  await after.waitForClose();
  t.is(after.length, 0);
  await t.throwsAsync(fetch(`http://127.0.0.1:${box.httpPort}/api/about`));
});

test('a service that never locks holds a tuner and sends nothing', async (t) => {
  const box = await startBox(t);
  const reader = await RawReader.get(t, box.streamPort, path(silent));
  await reader.waitForLength(OK.length);
  await statsOf(box, 'the tuner to be taken', (stats) => stats.tunersInUse === 1);
  const other = await RawReader.get(t, box.streamPort, path(first));
  await other.waitForLength(OK.length + SOME);
  t.is(reader.bytes.toString('latin1'), OK, 'while another has played for half a second');
  t.false(reader.closed);
});

test('the PAT names the whole transponder, one PMT PID carries packets, there is neither SDT nor EIT', async (t) => {
  const box = await startBox(t, { paced: false });
  const reader = await RawReader.get(t, box.streamPort, path(first));
  await reader.waitForLength(OK.length + 3_000_000);
  const { body } = reader;
  const pat = firstPat(body);
  const onTransponder = SERVICES.filter((service) => service.transponder === first.transponder);
  t.deepEqual(
    pat?.programs.map((entry) => [entry.program, entry.pmtPid] as [number, number]),
    onTransponder.map((service) => [service.sid, service.media.pmtPid]),
  );
  t.true(onTransponder.length >= 3);
  t.is(pat?.transportStreamId, first.transponder.tsid);
  const pids = pidsOf(body);
  t.deepEqual(
    onTransponder.filter((service) => pids.has(service.media.pmtPid)),
    [first],
  );
  const { pmtPid, video, audio } = first.media;
  t.deepEqual(
    [...pids].sort((a, b) => a - b),
    [0, 0x14, pmtPid, video?.pid ?? 0, audio[0]?.pid ?? 0],
  );
});

test('a scrambled service is scrambled on the stream server and clear on the relay, its tables clear on both', async (t) => {
  const box = await startBox(t, { paced: false });
  const { pmtPid, video, audio } = scrambled.media;
  const media = [video?.pid ?? 0, audio[0]?.pid ?? 0];
  const coded = await RawReader.get(t, box.streamPort, path(scrambled));
  await coded.waitForLength(OK.length + 2_000_000);
  const onStream = scramblingOf(coded.body);
  coded.leave();
  t.deepEqual(onStream.scrambled, media);
  t.deepEqual(onStream.clear, [0, 0x14, pmtPid]);

  const relayed = await RawReader.get(t, box.relayPort, path(scrambled));
  await relayed.waitForLength(OK.length + 2_000_000);
  const onRelay = scramblingOf(relayed.body);
  t.deepEqual(onRelay.scrambled, []);
  t.deepEqual(onRelay.clear, [0, 0x14, pmtPid, ...media]);
});

test('two tuners: a third transponder is refused, a shared one is not, what is closed is free again', async (t) => {
  const box = await startBox(t, { tuners: 2 });
  const get = (service: DemoService): Promise<RawReader> => RawReader.get(t, box.streamPort, path(service));
  const one = await get(first);
  const two = await get(elsewhere);
  await one.waitForLength(OK.length + 188);
  await two.waitForLength(OK.length + 188);
  const shared = await get(neighbour);
  await shared.waitForLength(OK.length + 188);
  t.is(box.stats.tunersInUse, 2);
  t.is(box.stats.openConnections, 3);

  const refused = await get(scrambled);
  await refused.waitForClose();
  t.is(refused.bytes.toString(), OK + BAD_REQUEST);
  t.is(box.stats.connectionsTotal, 3);

  one.leave();
  await statsOf(box, 'the first reader to be gone', (stats) => stats.openConnections === 2);
  t.is(box.stats.tunersInUse, 2, 'the neighbour still plays');
  shared.leave();
  await statsOf(box, 'its tuner to be free', (stats) => stats.tunersInUse === 1);
  const third = await get(scrambled);
  await third.waitForLength(OK.length + 188);
  t.is(third.head, OK);
  t.is(third.body[0], 0x47);
});

for (const paced of [true, false]) {
  test(`a reader that stalls is dropped, another of the same service goes on (${paced ? 'paced' : 'unpaced'})`, async (t) => {
    const box = await startBox(t, { stallMs: 300, paced });
    const stalled = await RawReader.get(t, box.streamPort, path(elsewhere));
    await stalled.waitForLength(OK.length + 188);
    const reading = await RawReader.get(t, box.streamPort, path(elsewhere));
    await reading.waitForLength(OK.length + 188);
    stalled.stall();
    // In real time it takes seconds until the kernel has its buffers full, and only then the reader stalls for the box.
    await statsOf(box, 'the stalled reader to be dropped', (stats) => stats.openConnections === 1, 20_000);
    const so = reading.length;
    await reading.waitForLength(so + SOME);
    t.false(reading.closed);
    stalled.goOn();
    await stalled.waitForClose();
    t.true(stalled.closed);
  });
}

test('a reader is not dropped because it waits for the first packets', async (t) => {
  const box = await startBox(t, { stallMs: 50, tuneLatencyMs: 200 });
  const reader = await RawReader.get(t, box.streamPort, path(first));
  await reader.waitForLength(OK.length + SOME);
  t.false(reader.closed);
});

test('dropAfterBytes breaks off after exactly so many bytes, in the middle of a packet too', async (t) => {
  for (const paced of [true, false]) {
    const box = await startBox(t, { dropAfterBytes: 100_000, paced });
    const reader = await RawReader.get(t, box.streamPort, path(first));
    await reader.waitForClose();
    t.is(reader.body.length, 100_000, paced ? 'paced' : 'unpaced');
  }
});

test('streams come in real time, and two readers see the same broadcast', async (t) => {
  const box = await startBox(t);
  const since = performance.now();
  const one = await RawReader.get(t, box.streamPort, path(first));
  const two = await RawReader.get(t, box.streamPort, path(first));
  await one.waitForLength(OK.length + 2 * SOME);
  await two.waitForLength(OK.length + 2 * SOME);
  const seconds = (performance.now() - since) / 1000;
  const { durationMs } = checkTransportStream(one.body);
  t.true((durationMs ?? 0) / 1000 <= seconds + 0.1, `${durationMs} ms of stream in ${seconds} s`);
  t.true((durationMs ?? 0) > 200, 'and no less than a part of it: the machine may be slow, the broadcast is not');
  const at = one.body.indexOf(two.body.subarray(0, 1_880));
  t.true(at >= 0, 'what the second hears first, the first has heard as well');
  const both = Math.min(one.body.length - at, two.body.length);
  t.true(one.body.subarray(at, at + both).equals(two.body.subarray(0, both)));
});

test('damage: one packet in 500 is lost, marked, or followed by junk', (t) => {
  const packets = Buffer.concat(Array.from({ length: 1_500 }, () => Buffer.from([0x47, ...Buffer.alloc(187)])));
  const damage = (fault: 'stream-loss' | 'stream-junk' | 'stream-tei'): Buffer =>
    packetDamage(fault)(Buffer.from(packets)).bytes;
  t.is(damage('stream-loss').length, packets.length - 3 * 188);
  t.is(damage('stream-junk').length, packets.length + 3 * 100);
  const marked = damage('stream-tei');
  t.is(marked.length, packets.length);
  t.is(marked.filter((byte, index) => index % 188 === 1 && byte === 0x80).length, 3);
});
