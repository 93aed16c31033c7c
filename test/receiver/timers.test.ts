import test from 'ava';
import { z } from 'zod';
import { probe } from '#test/helpers/ffprobe.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { eventsOf } from './epg/schedule.ts';
import { type DemoService, serviceByName } from './lineup/services.ts';
import type { SimulatedReceiver } from './receiver.ts';
import { startBox, statsOf } from './support/box.ts';
import { RawReader } from './support/raw-reader.ts';
import { getJson, urlOf } from './support/web.ts';

const first = serviceByName('Das Erste Übung HD'); // 11494
const neighbour = serviceByName('Süd & West HD'); // 11494
const elsewhere = serviceByName('Kino²Welt HD'); // 11362
const third = serviceByName('Klassik SD'); // 11837
const HOUR = 3600;

const Timer = z.looseObject({
  serviceref: z.string(),
  name: z.string(),
  begin: z.number(),
  end: z.number(),
  disabled: z.number(),
  state: z.number(),
  filename: z.string().nullable(),
});
const Timers = z.object({ result: z.literal(true), timers: z.array(Timer) });
const Movie = z.looseObject({ filename: z.string(), eventname: z.string(), length: z.string(), filesize: z.number() });
const Movies = z.object({ movies: z.array(Movie) });

const now = (): number => Math.floor(Date.now() / 1000);

function add(
  box: SimulatedReceiver,
  service: DemoService,
  begin: number,
  end: number,
  more: Record<string, string> = {},
): Promise<unknown> {
  const query = {
    sRef: service.ref,
    begin: String(begin),
    end: String(end),
    name: `Film auf ${service.name}`,
    ...more,
  };
  return getJson(box, '/api/timeradd', query);
}

const timersOf = async (box: SimulatedReceiver) => Timers.parse(await getJson(box, '/api/timerlist')).timers;
const moviesOf = async (box: SimulatedReceiver) => Movies.parse(await getJson(box, '/api/movielist')).movies;

test('a timer is added, listed in order, changed, toggled and deleted, each by its reference and times', async (t) => {
  const box = await startBox(t);
  const at = now() + 10 * HOUR;
  t.deepEqual(await add(box, elsewhere, at + HOUR, at + 2 * HOUR), {
    result: true,
    message: `Timer 'Film auf ${elsewhere.name}' added`,
  });
  t.like(await add(box, first, at, at + HOUR, { returntimer: '1' }), { result: true, timer: { state: 0 } });
  t.deepEqual(
    (await timersOf(box)).map((timer) => [timer.serviceref, timer.begin]),
    [
      [first.ref, at],
      [elsewhere.ref, at + HOUR],
    ] as [string, number][],
  );
  t.like(await add(box, first, at, at + HOUR), { result: false, message: 'Timer already exists!' });
  const old = { channelOld: first.ref, beginOld: String(at), endOld: String(at + HOUR) };
  const wish = { sRef: first.ref, begin: String(at - 300), end: String(at + HOUR + 300), name: 'Länger' };
  t.like(await getJson(box, '/api/timerchange', { ...wish, ...old }), { result: true });
  t.like(await getJson(box, '/api/timerchange', { ...wish, ...old }), { result: false }, 'the old one is gone');
  t.like((await timersOf(box))[0], { begin: at - 300, name: 'Länger', disabled: 0 });
  const key = { sRef: first.ref, begin: String(at - 300), end: String(at + HOUR + 300) };
  t.like(await getJson(box, '/api/timertogglestatus', key), { result: true });
  t.is((await timersOf(box))[0]?.disabled, 1);
  t.like(await getJson(box, '/api/timerdelete', key), { result: true });
  t.like(await getJson(box, '/api/timerdelete', key), { result: false, message: 'No matching Timer found' });
  t.is((await timersOf(box)).length, 1);
});

test('what is missing or wrong in a timer is said with status 200', async (t) => {
  const box = await startBox(t);
  const at = now() + HOUR;
  t.deepEqual(await getJson(box, '/api/timeradd', { sRef: first.ref }), {
    result: false,
    message: "The parameter 'begin' can't be empty",
  });
  t.like(await add(box, first, at, at - 60), { result: false, message: 'End time is before begin time' });
  t.like(await add(box, first, at - 2 * HOUR, at - 1.5 * HOUR), { result: false, message: 'End time is in the past' });
  t.like(await add(box, first, at, at + 60, { sRef: '1:0:19:DEAD:3FB:1:C00000:0:0:0:' }), { result: false });
});

test('timers of three transponders at one time on two tuners conflict, and the answer names with what', async (t) => {
  const box = await startBox(t, { tuners: 2 });
  const at = now() + 10 * HOUR;
  t.like(await add(box, first, at, at + HOUR), { result: true });
  t.like(await add(box, elsewhere, at + 0.5 * HOUR, at + 1.5 * HOUR), { result: true });
  t.like(await add(box, third, at + HOUR, at + 2 * HOUR), { result: true }, 'the first has ended by then');
  const refused = z
    .object({ result: z.literal(false), message: z.string(), conflicts: z.array(z.looseObject({ name: z.string() })) })
    .parse(await add(box, third, at + 0.75 * HOUR, at + 0.9 * HOUR));
  t.deepEqual(refused.conflicts.map((timer) => timer.name).sort(), [
    `Film auf ${first.name}`,
    `Film auf ${elsewhere.name}`,
  ]);
  t.like(await add(box, neighbour, at, at + HOUR), { result: true }, 'one on the same transponder needs no tuner');
  t.like(await add(box, third, at + 0.75 * HOUR, at + 0.9 * HOUR, { justplay: '1' }), { result: true });
  t.like(await add(box, third, at + 0.7 * HOUR, at + 0.9 * HOUR, { disabled: '1' }), { result: true });
});

test('a timer of an event takes its times from the guide', async (t) => {
  const box = await startBox(t);
  const event = eventsOf(first).find((one) => one.begin > now() + HOUR && one.title !== '' && one.durationSeconds > 0);
  const query = { sRef: first.ref, eventid: String(event?.id) };
  t.like(await getJson(box, '/api/timeraddbyeventid', query), { result: true });
  t.like((await timersOf(box))[0], { begin: event?.begin, name: event?.title });
});

test('a recording that needs a tuner ends a stream, takes it before it begins, and leaves a file that plays', async (t) => {
  const box = await startBox(t, { tuners: 1, prepareSeconds: 2, retrySeconds: 0.2 });
  const reader = await RawReader.get(t, box.streamPort, `/${elsewhere.ref}`);
  await reader.waitForLength(500);
  const begin = now() + 3;
  t.like(await add(box, first, begin, begin + 4), { result: true });
  t.false(reader.closed, 'not yet');
  await reader.waitForClose();
  t.true(Date.now() / 1000 < begin, 'when the box prepares, before the recording begins');
  await statsOf(box, 'the tuner to be taken', (stats) => stats.recordings === 1);
  t.is((await timersOf(box))[0]?.state, 1);
  t.like(await getJson(box, '/api/statusinfo'), { isRecording: 'false', Recording_list: '\n' }, 'it only waits');
  await statsOf(box, 'the recording to run', () => box.box.recording.some((timer) => timer.state === 2));
  t.like(await getJson(box, '/api/statusinfo'), {
    isRecording: 'true',
    Recording_list: `\n${first.name}: Film auf ${first.name}\n`,
  });
  await statsOf(box, 'the recording to end', (stats) => stats.recordings === 0, 10_000);
  t.is(box.stats.tunersInUse, 0);
  const [timer] = await timersOf(box);
  t.is(timer?.state, 3);
  const [movie] = await moviesOf(box);
  t.is(movie?.filename, `${timer?.filename}.ts`);
  t.regex(movie?.length ?? '', /^0:0[34]$/);
  const file = Buffer.from(await (await fetch(urlOf(box, '/file', { file: movie?.filename ?? '' }))).arrayBuffer());
  t.is(file.length, movie?.filesize ?? 0);
  t.deepEqual((await probe(file)).streams.map((stream) => stream.codec_name).sort(), ['h264', 'mp2']);
});

test('the oldest stream has to go first, wherever it is tuned, and the next one at the next try', async (t) => {
  const box = await startBox(t, { tuners: 2, retrySeconds: 0.3 });
  const readers: RawReader[] = [];
  for (const service of [first, elsewhere, neighbour]) {
    const reader = await RawReader.get(t, box.streamPort, `/${service.ref}`);
    await reader.waitForLength(500);
    readers.push(reader);
  }
  t.like(await add(box, third, now(), now() + 600), { result: true });
  await readers[0]?.waitForClose();
  t.is(box.stats.recordings, 0, 'its neighbour holds the tuner');
  t.like((await timersOf(box))[0], { state: 0, backoff: 0.3, firsttryprepare: false });
  await statsOf(box, 'the recording to run', (stats) => stats.recordings === 1);
  t.deepEqual(
    readers.map((reader) => reader.closed),
    [true, true, false],
  );
});

test('when no stream is left to end, the television is zapped to what is to be recorded', async (t) => {
  const box = await startBox(t, { tuners: 1, live: elsewhere, retrySeconds: 0.2 });
  t.like(await add(box, first, now(), now() + 600), { result: true });
  t.is(box.stats.recordings, 0);
  t.like(await getJson(box, '/api/getcurrent'), { info: { ref: first.ref } });
  await statsOf(box, 'the recording to run', (stats) => stats.recordings === 1);
  t.like(await getJson(box, '/api/about'), {
    info: { tuners: [{ rec: `19.2° E / ${first.name}`, live: `19.2° E / ${first.name}` }] },
  });
});

test('a recording that finds no tuner until its end leaves no file', async (t) => {
  const box = await startBox(t, { tuners: 0, retrySeconds: 0.2 });
  t.like(await add(box, first, now(), now() + 5), { result: true });
  const before = await moviesOf(box);
  await eventually(async () => (await timersOf(box))[0]?.state === 3, {
    what: 'the timer to end',
    timeoutMs: 15_000,
  });
  t.deepEqual(await moviesOf(box), before);
});

test('a recording in work is listed and grows; deleting its timer ends it', async (t) => {
  const box = await startBox(t);
  const begin = now();
  await add(box, first, begin, begin + 600);
  const size = async (): Promise<number> => (await moviesOf(box))[0]?.filesize ?? 0;
  const before = await size();
  const reader = await RawReader.get(t, box.streamPort, `/${first.ref}`);
  await reader.waitForLength(300_000); // a good half second of the same service
  t.true((await size()) > before);
  const key = { sRef: first.ref, begin: String(begin), end: String(begin + 600) };
  t.like(await getJson(box, '/api/timerdelete', key), { result: true });
  t.is(box.stats.recordings, 0);
  const ended = await size();
  await reader.waitForLength(600_000);
  t.is(await size(), ended);
});

test('a zap timer zaps the television when its time has come, and does nothing in standby', async (t) => {
  const box = await startBox(t, { live: first });
  await add(box, elsewhere, now(), now() + 60, { justplay: '1' });
  t.like(await getJson(box, '/api/getcurrent'), { info: { ref: elsewhere.ref } });
  box.setStandby(true);
  await add(box, third, now(), now() + 60, { justplay: '1' });
  box.setStandby(false);
  t.like(await getJson(box, '/api/getcurrent'), { info: { ref: elsewhere.ref } });
  t.is(box.stats.recordings, 0);
});
