/** The faults of the stream server, seen by a reader without any library. */
import test, { type ExecutionContext } from 'ava';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import type { Fault, FaultSetting } from './faults.ts';
import { type DemoService, serviceByName } from './lineup/services.ts';
import type { SimulatedReceiver } from './receiver.ts';
import { startBox } from './support/box.ts';
import { firstPmt, pidsOf, scramblingOf } from './support/packets.ts';
import { RawReader } from './support/raw-reader.ts';

const OK = 'HTTP/1.0 200 OK\r\nConnection: Close\r\nContent-Type: video/mpeg\r\nServer: streamserver\r\n\r\n';
/** Half a second of any TV service. */
const SOME = 300_000;
const first = serviceByName('Das Erste Übung HD');
const neighbour = serviceByName('Süd & West HD');
const scrambled = serviceByName('Schlüssel Kino HD');

const get = (t: ExecutionContext, box: SimulatedReceiver, service: DemoService = first): Promise<RawReader> =>
  RawReader.get(t, box.streamPort, `/${service.ref}`);

const faulty = (t: ExecutionContext, fault: FaultSetting, paced = false): Promise<SimulatedReceiver> =>
  startBox(t, { fault, paced });

for (const [fault, expected] of [
  ['stream-traceback', /^<html>.*Traceback \(most recent call last\).*<\/html>\n$/s],
  ['stream-busy', /^HTTP\/1\.0 409 Conflict\r\n/],
] as const) {
  test(`fault ${fault}: a text is the whole body, behind a 200, and takes no tuner`, async (t) => {
    const box = await faulty(t, { fault });
    const reader = await get(t, box);
    await reader.waitForClose();
    t.is(reader.head, OK);
    t.regex(reader.body.toString(), expected);
    t.is(box.stats.connectionsTotal, 0);
  });
}

test('fault stream-text-late: pictures, then a line of text in their midst, then the end', async (t) => {
  const box = await faulty(t, { fault: 'stream-text-late', afterBytes: 200_000 });
  const reader = await get(t, box);
  await reader.waitForClose();
  t.is(reader.body.readUInt8(188 * 1_000), 0x47);
  t.is(reader.body.subarray(200_000).toString(), '\r\nHTTP/1.0 500 Internal Server Error\r\n\r\n');
});

test('fault stream-slow: the head at once, the first byte after the time that was set', async (t) => {
  const box = await faulty(t, { fault: 'stream-slow', seconds: 0.7 });
  const since = performance.now();
  const reader = await get(t, box);
  await reader.waitForLength(OK.length);
  t.true(performance.now() - since < 500);
  await reader.waitForLength(OK.length + 188);
  t.true(performance.now() - since >= 699);
});

test('fault stream-stall: so many bytes and no more, and the connection stands', async (t) => {
  const box = await startBox(t, { fault: { fault: 'stream-stall', afterBytes: 100_000, ref: first.ref } });
  const stalled = await get(t, box);
  await stalled.waitForLength(OK.length + 100_000);
  const other = await get(t, box, neighbour);
  await other.waitForLength(OK.length + SOME);
  t.is(stalled.body.length, 100_000, 'while another channel has played for half a second');
  t.false(stalled.closed);
  box.setFault(null);
  await stalled.waitForLength(OK.length + 100_001);
});

for (const fault of ['stream-cut', 'stream-reset'] as const) {
  test(`fault ${fault}: so many bytes, then the end; the next connection as well`, async (t) => {
    const box = await faulty(t, { fault, afterBytes: 100_000 });
    for (let count = 0; count < 2; count++) {
      const reader = await get(t, box);
      await reader.waitForClose();
      if (fault === 'stream-cut') t.is(reader.body.length, 100_000);
      else t.true(reader.body.length <= 100_000, 'a reset takes along what has not been read');
    }
  });
}

test('faults come to streams that run, and their bytes are counted from then on', async (t) => {
  const box = await startBox(t);
  const reader = await get(t, box);
  await reader.waitForLength(OK.length + SOME);
  const so = reader.length;
  box.setFault('stream-cut', { afterBytes: 50_000 });
  await reader.waitForClose();
  t.true(reader.length - so >= 50_000, `${reader.length - so} bytes`);
  t.true(reader.length - so < 2_000_000, 'and not much later, however busy the machine');
});

test('fault stream-garbage: bytes come at the rate of the stream, and no packet is among them', async (t) => {
  const box = await startBox(t, { fault: { fault: 'stream-garbage', afterBytes: 18_800 } });
  const reader = await get(t, box);
  await reader.waitForLength(OK.length + SOME);
  const syncs = (from: number, packets: number): number =>
    Array.from({ length: packets }, (_, index) => reader.body[from + index * 188]).filter((byte) => byte === 0x47)
      .length;
  t.is(syncs(0, 100), 100);
  t.true(syncs(18_800, 1_000) < 50);
});

test('fault stream-pids: a new version of the PMT in the middle of the stream, and everything on other PIDs', async (t) => {
  const box = await faulty(t, { fault: 'stream-pids', afterBytes: 1_000_000 });
  const reader = await get(t, box, neighbour);
  await reader.waitForLength(OK.length + 3_000_000);
  const { body } = reader;
  const { pmtPid } = neighbour.media;
  const before = firstPmt(body.subarray(0, 900_000 - (900_000 % 188)), pmtPid);
  const after = firstPmt(body.subarray(188 * 10_000), pmtPid);
  t.is(Number(after?.header.version), (Number(before?.header.version) + 1) & 31);
  t.is(after?.streams.length, before?.streams.length);
  t.deepEqual(
    after?.streams.map((stream) => stream.streamType),
    before?.streams.map((stream) => stream.streamType),
  );
  const oldPids = new Set<number>(before?.streams.map((stream) => stream.pid));
  const late = pidsOf(body.subarray(188 * 10_000));
  t.deepEqual(
    [...late].filter((pid) => oldPids.has(pid)),
    [],
  );
  t.true(late.has(after?.pcrPid ?? 0), 'the PCR as well');
  const { errors } = checkTransportStream(body.subarray(188 * 10_000));
  t.deepEqual(Object.keys(errors), ['pmt-interval'], 'the PAT names programmes that are not sent');
});

test('fault stream-lock-loss: no byte for a while, then the stream as it is by then', async (t) => {
  const box = await startBox(t, { fault: { fault: 'stream-lock-loss', afterBytes: 100_016, seconds: 1 } });
  const reader = await get(t, box);
  await reader.waitForLength(OK.length + 100_016);
  const since = performance.now();
  await reader.waitForLength(OK.length + 100_017);
  const silentMs = performance.now() - since;
  t.true(silentMs > 900 && silentMs < 4_000, `${silentMs} ms`);
  t.false(reader.closed);
  await reader.waitForLength(OK.length + 100_016 + SOME);
  const report = checkTransportStream(reader.body);
  t.true(report.errors['continuity'] !== undefined, JSON.stringify(report.errors));
});

test('fault stream-scrambled: a clear service is scrambled on the stream server, and clear on the relay', async (t) => {
  const box = await faulty(t, { fault: 'stream-scrambled' });
  const coded = await get(t, box);
  await coded.waitForLength(OK.length + 2_000_000);
  const { pmtPid, video, audio } = first.media;
  t.deepEqual(scramblingOf(coded.body), { scrambled: [video?.pid ?? 0, audio[0]?.pid ?? 0], clear: [0, 0x14, pmtPid] });
  coded.leave();
  const relayed = await RawReader.get(t, box.relayPort, `/${first.ref}`);
  await relayed.waitForLength(OK.length + 2_000_000);
  t.deepEqual(scramblingOf(relayed.body).scrambled, []);
});

for (const [fault, port] of [
  ['stream-clears-late', 'streamPort'],
  ['stream-clears-late', 'relayPort'],
  ['relay-clears-late', 'relayPort'],
] as const) {
  test(`fault ${fault}: on the ${port === 'relayPort' ? 'relay' : 'stream server'} scrambled at first, clear later`, async (t) => {
    const box = await startBox(t, { fault: { fault, seconds: 0.6 } });
    const reader = await RawReader.get(t, box[port], `/${first.ref}`);
    await reader.waitForLength(OK.length + 3 * SOME);
    const cut = 188 * 500;
    t.is(scramblingOf(reader.body.subarray(0, cut)).scrambled.length, 2);
    t.deepEqual(scramblingOf(reader.body.subarray(188 * 3_500)).scrambled, []);
  });
}

test('while the relay clears late, a pay service stays scrambled on the stream server', async (t) => {
  const box = await faulty(t, { fault: 'relay-clears-late', seconds: 0.2 });
  const coded = await get(t, box, scrambled);
  await coded.waitForLength(OK.length + 4_000_000);
  t.is(scramblingOf(coded.body.subarray(188 * 15_000)).scrambled.length, 2);
});

test('several faults at once, each for its own channel', async (t) => {
  const box = await startBox(t, {
    fault: [
      { fault: 'stream-cut', afterBytes: 188 * 1_200, ref: first.ref },
      { fault: 'stream-loss', ref: first.ref },
      { fault: 'stream-empty', ref: neighbour.ref },
    ],
    paced: false,
  });
  const cut = await get(t, box);
  await cut.waitForClose();
  t.is(cut.body.length, 188 * 1_200);
  t.true(checkTransportStream(cut.body).errors['continuity'] !== undefined);
  const empty = await get(t, box, neighbour);
  await empty.waitForClose();
  t.is(empty.length, OK.length);
  const well = await get(t, box, serviceByName('Klassik SD'));
  await well.waitForLength(OK.length + 1_000_000);
  t.deepEqual(Object.keys(checkTransportStream(well.body.subarray(0, 999_972)).errors), ['pmt-interval']);
});

test('faults of the web interface and of other channels leave a stream alone', async (t) => {
  const faults: Fault[] = ['html', 'slow', 'traceback', 'bouquet-missing'];
  const box = await startBox(t, { fault: faults.map((fault) => ({ fault })), paced: false });
  const reader = await get(t, box);
  await reader.waitForLength(OK.length + 1_000_000);
  t.deepEqual(Object.keys(checkTransportStream(reader.body.subarray(0, 999_972)).errors), ['pmt-interval']);
});
