import test from 'ava';
import { cleanLine } from '#daemon/receiver/clean-text.ts';
import { XgError } from '#shared/errors.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { eventsOf } from '#test/receiver/epg/schedule.ts';
import { serviceByName } from '#test/receiver/lineup/services.ts';
import { recordingHouse, recordingsAre } from '../support/recording-boxes.ts';

const FIRST = 'Das Erste Übung HD'; // 11494
const ELSEWHERE = 'Kino²Welt HD'; // 11362
const HOUR = 3600;
const inHours = (hours: number): number => Math.floor(Date.now() / 1000) + hours * HOUR;

test('a timer set by us stands on the box with our texts, is changed in place and deleted', async (t) => {
  const house = await recordingHouse(t, {});
  const { recordings, boxes } = house;
  const channel = house.channel(FIRST);
  let changes = 0;
  recordings.onChange(() => changes++);
  const begin = inHours(5);
  const wish = {
    channelId: channel.id,
    title: 'Über & "drüber"',
    description: 'Zeile',
    beginSeconds: begin,
    endSeconds: begin + HOUR,
  };
  const timer = await recordings.addTimer(wish);
  t.like(timer, { title: wish.title, channelId: channel.id, channelName: FIRST, state: 'waiting', enabled: true });
  t.regex(timer.id, /^receiver\.[0-9a-f]{16}$/);
  t.like(boxes[0]?.box.timers.all[0], { name: wish.title, description: 'Zeile', begin, end: begin + HOUR });
  t.deepEqual(recordings.timers, [timer]);
  await t.throwsAsync(recordings.addTimer(wish), { code: 'TIMER_EXISTS' });

  const later = await recordings.changeTimer(timer.id, { endSeconds: begin + 2 * HOUR, title: 'Länger' });
  t.like(later, { title: 'Länger', beginSeconds: begin, endSeconds: begin + 2 * HOUR, description: 'Zeile' });
  const off = await recordings.changeTimer(later.id, { enabled: false });
  t.false(off.enabled);
  t.is(off.id, later.id, 'it keeps its id with its service and times');
  t.true(boxes[0]?.box.timers.all[0]?.disabled);
  await t.throwsAsync(recordings.changeTimer(timer.id, { title: 'x' }), { code: 'TIMER_UNKNOWN' });

  await recordings.deleteTimer(off.id);
  t.deepEqual(recordings.timers, []);
  t.deepEqual(boxes[0]?.box.timers.all, []);
  t.true(changes >= 4);
});

test('what a change does not name stays: a weekly timer stays weekly, in its folder, with its tags', async (t) => {
  const { recordings, boxes } = await recordingHouse(t, {});
  const service = serviceByName(FIRST);
  const begin = inHours(5);
  const more = {
    repeated: 0b0011111,
    dirname: '/media/hdd/movie/Serien/',
    tags: 'serie',
    afterevent: 1,
    eit: 4711,
    justplay: false,
  };
  boxes[0]?.box.timers.add({
    service,
    begin,
    end: begin + HOUR,
    name: 'Serie',
    description: 'd',
    disabled: false,
    ...more,
  });
  await recordings.refresh();
  const [timer] = recordings.timers;
  t.like(timer, { repeatedDays: 0b0011111, eventId: 4711 });
  await recordings.changeTimer(timer?.id ?? '', { title: 'Serie (neu)' });
  t.like(boxes[0]?.box.timers.all[0], { name: 'Serie (neu)', description: 'd', ...more });
});

test("a conflict is refused in the box's own words, and names what is in the way", async (t) => {
  const house = await recordingHouse(t, { tuners: 1 });
  const { recordings } = house;
  const begin = inHours(5);
  const wish = (name: string) => ({
    channelId: house.channel(name).id,
    title: `Film auf ${name}`,
    beginSeconds: begin,
    endSeconds: begin + HOUR,
  });
  await recordings.addTimer(wish(FIRST));
  const error = await t.throwsAsync(recordings.addTimer(wish(ELSEWHERE)), {
    instanceOf: XgError,
    code: 'TIMER_CONFLICT',
  });
  t.regex(error.message, /Conflicting Timer\(s\) detected! Film auf Das Erste/);
  t.like(error.data, { conflicts: [{ name: `Film auf ${FIRST}`, serviceName: FIRST, beginSeconds: begin }] });
  t.is(recordings.timers.length, 1);
  const past = { ...wish(FIRST), beginSeconds: 1_000, endSeconds: 2_000 };
  await t.throwsAsync(recordings.addTimer(past), { code: 'RECEIVER_REFUSED', message: /End time is in the past/ });
  await t.throwsAsync(recordings.addTimer({ ...wish(FIRST), channelId: 'no-such' }), { code: 'CHANNEL_UNKNOWN' });
});

test('with two receivers the second takes what the first has no tuner for; ids say where a timer is', async (t) => {
  const house = await recordingHouse(t, { tuners: 1 }, { tuners: 1 });
  const { recordings, boxes } = house;
  const begin = inHours(5);
  const add = (name: string) =>
    recordings.addTimer({
      channelId: house.channel(name).id,
      title: name,
      beginSeconds: begin,
      endSeconds: begin + HOUR,
    });
  const one = await add(FIRST);
  const two = await add(ELSEWHERE);
  t.true(one.id.startsWith('receiver.'));
  t.true(two.id.startsWith('receiver-2.'));
  t.is(boxes[1]?.box.timers.all.length, 1);
  t.is(recordings.timers.length, 2);
  t.is(recordings.movies.length, 2, 'the recordings of both');
  await recordings.deleteTimer(two.id);
  t.is(boxes[1]?.box.timers.all.length, 0);
  t.is(boxes[0]?.box.timers.all.length, 1);
});

test('a timer for an event takes title and times from the box', async (t) => {
  const house = await recordingHouse(t, {});
  const { recordings } = house;
  const event = eventsOf(serviceByName(FIRST)).find(({ begin }) => begin > inHours(1));
  const eventId = event?.id ?? 0;
  const channelId = house.channel(FIRST).id;
  const timer = await recordings.addEventTimer({ channelId, eventId });
  t.like(timer, { title: cleanLine(event?.title ?? ''), beginSeconds: event?.begin ?? 0, eventId, channelId });
  await t.throwsAsync(recordings.addEventTimer({ channelId, eventId }), { code: 'TIMER_EXISTS' });
  await t.throwsAsync(recordings.addEventTimer({ channelId, eventId: 99_999_999 }), {
    code: 'RECEIVER_REFUSED',
    message: /EventId not found/,
  });
});

test('an image with XML only can all of it too', async (t) => {
  const house = await recordingHouse(t, { tuners: 1, fault: 'xml-only' });
  const { recordings } = house;
  const begin = inHours(5);
  const wish = (name: string) => ({
    channelId: house.channel(name).id,
    title: name,
    beginSeconds: begin,
    endSeconds: begin + HOUR,
  });
  const timer = await recordings.addTimer(wish(FIRST));
  await t.throwsAsync(recordings.addTimer(wish(ELSEWHERE)), { code: 'TIMER_CONFLICT', message: /Conflicting Timer/ });
  t.like(await recordings.changeTimer(timer.id, { title: 'Anders' }), { title: 'Anders' });
  await recordings.deleteTimer(recordings.timers[0]?.id ?? '');
  t.deepEqual(recordings.timers, []);
  t.like(recordings.movies[0], { title: 'Tagesschau', durationSeconds: 60 });
  await recordings.deleteMovie(recordings.movies[0]?.id ?? '');
  t.deepEqual(recordings.movies, []);
});

test('a recording has its channel, its length and its bytes from any offset', async (t) => {
  const house = await recordingHouse(t, {});
  const { recordings } = house;
  const [movie] = recordings.movies;
  t.like(movie, { title: 'Tagesschau', description: 'Nachrichten', durationSeconds: 60 });
  t.truthy(movie?.channelId);
  t.is(movie?.isGrowing, undefined);
  const id = movie?.id ?? '';
  const size = movie?.sizeBytes ?? 0;
  t.true(size > 1_000_000);
  const read = async (startByte: number, endByte: number | null) => {
    const file = await recordings.openMovie(id, { startByte, endByte, signal: AbortSignal.timeout(10_000) });
    const bytes = Buffer.concat(await file.body.toArray());
    t.is(bytes.length, file.endByte - file.startByte + 1);
    t.is(file.sizeBytes, size);
    return bytes;
  };
  const whole = await read(0, null);
  t.is(whole.length, size);
  t.true((await read(1_000_000, 1_000_187)).equals(whole.subarray(1_000_000, 1_000_188)));
  t.true((await read(size - 10, null)).equals(whole.subarray(size - 10)));
  t.is((await read(size, null)).length, 0);
  await t.throwsAsync(
    recordings.openMovie('receiver.0123456789abcdef', {
      startByte: 0,
      endByte: null,
      signal: AbortSignal.timeout(1_000),
    }),
    {
      code: 'MOVIE_UNKNOWN',
    },
  );
});

test('more readers than the disk bears are told so, and who has gone makes room', async (t) => {
  const { recordings } = await recordingHouse(t, {});
  const id = recordings.movies[0]?.id ?? '';
  const gone = new AbortController();
  const open = () => recordings.openMovie(id, { startByte: 0, endByte: null, signal: gone.signal });
  const files = [await open(), await open(), await open(), await open()];
  await t.throwsAsync(open(), { code: 'RECEIVER_BUSY' });
  const closed = new Promise((resolve) => files[0]?.body.once('close', resolve));
  files[0]?.body.destroy();
  await closed;
  (await open()).body.destroy();
  gone.abort();
});

test('a recording that runs is seen to grow, and is listed when it has begun without being asked for', async (t) => {
  const house = await recordingHouse(t, { prepareSeconds: 0 });
  const { recordings } = house;
  const now = Math.floor(Date.now() / 1000);
  await recordings.addTimer({
    channelId: house.channel(FIRST).id,
    title: 'Jetzt',
    beginSeconds: now - 10,
    endSeconds: now + HOUR,
  });
  t.is(recordings.timers[0]?.state, 'running');
  const movie = await recordingsAre(house, 'the new recording', () =>
    recordings.movies.find(({ title }) => title === 'Jetzt'),
  );
  t.true(movie.isGrowing);
  t.is(movie.channelId, house.channel(FIRST).id);
});

test('a box that loses a recording meanwhile is no error of the others', async (t) => {
  const { recordings, boxes } = await recordingHouse(t, {}, {});
  const lost = recordings.movies.find(({ id }) => id.startsWith('receiver.'));
  const [simulated] = boxes[0]?.box.movies.all ?? [];
  if (simulated !== undefined) boxes[0]?.box.movies.remove(simulated);
  const range = { startByte: 0, endByte: null, signal: AbortSignal.timeout(5_000) };
  await t.throwsAsync(recordings.openMovie(lost?.id ?? '', range), { code: 'MOVIE_UNKNOWN', message: /Tagesschau/ });
  await recordings.refresh();
  t.is(recordings.movies.length, 1);
});

test('looking costs a box few requests: lists are shared, and fresh ones are not asked for again', async (t) => {
  const { recordings, boxes } = await recordingHouse(t, {});
  const asked = () =>
    [...(boxes[0]?.stats.requests ?? new Map<string, number>()).values()].reduce((sum, one) => sum + one, 0);
  const before = asked();
  for (let round = 0; round < 100; round++) {
    await Promise.all([
      recordings.freshen('timers', { maxAgeMs: 10_000 }),
      recordings.freshen('movies', { maxAgeMs: 300_000 }),
    ]);
  }
  t.is(asked(), before);
});

test('a box with a login gives its recordings with it', async (t) => {
  const { recordings } = await recordingHouse(t, { login: { user: 'root', pass: 'geheim' } });
  const range = { startByte: 188, endByte: 375, signal: AbortSignal.timeout(5_000) };
  const file = await recordings.openMovie(recordings.movies[0]?.id ?? '', range);
  t.is(Buffer.concat(await file.body.toArray()).length, 188);
});

test('a box that is off keeps its lists, refuses with why, and goes on when it is back', async (t) => {
  const house = await recordingHouse(t, {});
  const { recordings, boxes } = house;
  const begin = inHours(5);
  const wish = { channelId: house.channel(FIRST).id, title: 'Film', beginSeconds: begin, endSeconds: begin + HOUR };
  await recordings.addTimer(wish);
  boxes[0]?.faults.add({ fault: 'refused' });
  await recordings.freshen('timers', { maxAgeMs: -1 });
  await recordings.freshen('movies', { maxAgeMs: -1 });
  t.is(recordings.timers.length, 1);
  t.is(recordings.movies.length, 1);
  const later = { ...wish, beginSeconds: begin + HOUR, endSeconds: begin + 2 * HOUR };
  await t.throwsAsync(recordings.addTimer(later), { code: 'RECEIVER_UNREACHABLE' });
  const range = { startByte: 0, endByte: null, signal: AbortSignal.timeout(5_000) };
  await t.throwsAsync(recordings.openMovie(recordings.movies[0]?.id ?? '', range), { code: 'RECEIVER_UNREACHABLE' });
  boxes[0]?.faults.remove('refused');
  await eventually(async () => recordings.addTimer(later).catch(() => null), {
    what: 'the box to be asked again',
    timeoutMs: 10_000,
  });
  t.is(recordings.timers.length, 2);
});
