import { execFile } from 'node:child_process';
import { request } from 'node:http';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { createApp } from '#daemon/http/app.ts';
import { mountMovieFiles, mountRecordings, RECORDING_ERROR_STATUS } from '#daemon/http/routes-recordings.ts';
import { HttpServer } from '#daemon/http/server.ts';
import { probe } from '#test/helpers/ffprobe.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { type RecordingHouse, recordingHouse, recordingsAre } from '../support/recording-boxes.ts';
import { appDeps } from '../support/running-app.ts';

const run = promisify(execFile);
const FIRST = 'Das Erste Übung HD';
const TOKEN = 'a-token-of-the-test-0123456789';

interface Timers {
  readonly timers: readonly { readonly id: string; readonly title: string; readonly begin: string }[];
}
interface Movies {
  readonly recordings: readonly { readonly id: string; readonly url: string; readonly sizeBytes: number }[];
}

async function served(t: ExecutionContext, options: Parameters<typeof recordingHouse>[1] = {}) {
  const house = await recordingHouse(t, options);
  const { recordings } = house;
  const find = (id: string) => recordings.movies.find((movie) => movie.id === id) ?? null;
  const deps = appDeps({
    mount: [
      (router) => mountRecordings(router, { recordings }),
      (router) => mountMovieFiles(router, { recordings, find }),
    ],
  });
  const access = { ...deps.access, token: { current: () => TOKEN } };
  const server = new HttpServer(createApp({ ...deps, access }, { errorStatuses: RECORDING_ERROR_STATUS }).callback());
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => server.close({ drainMs: 0 }));
  const url = `http://127.0.0.1:${port}`;
  const send = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(url + path, {
      method,
      headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as Record<string, unknown> };
  };
  return { house, url, send };
}

const inHours = (hours: number): number => Math.floor(Date.now() / 1000) + hours * 3600;
const iso = (seconds: number): string => new Date(seconds * 1000).toISOString();

test('timers over the API: set, listed, changed, deleted, and refused without the token', async (t) => {
  const { house, url, send } = await served(t);
  const channel = house.channel(FIRST).id;
  const begin = inHours(5);
  const made = await send('POST', '/api/v1/timers', { channel, title: 'Film', begin: iso(begin), end: begin + 3600 });
  t.is(made.status, 201);
  t.like(made.body, { channel, channelName: FIRST, title: 'Film', begin: iso(begin), state: 'waiting', enabled: true });
  t.like(house.boxes[0]?.box.timers.all[0], { name: 'Film', begin, end: begin + 3600 });
  const path = `/api/v1/timers/${String(made.body['id'])}`;
  t.is((await fetch(url + path, { method: 'DELETE' })).status, 401);
  t.like(await send('PATCH', path, { enabled: false, title: 'Anders' }), {
    status: 200,
    body: { enabled: false, title: 'Anders' },
  });
  const listed = (await (await fetch(`${url}/api/v1/timers`)).json()) as Timers;
  t.deepEqual(
    listed.timers.map(({ title }) => title),
    ['Anders'],
  );
  t.is((await send('DELETE', path)).status, 204);
  t.like(await send('DELETE', path), { status: 404, body: { code: 'TIMER_UNKNOWN' } });
  t.deepEqual(house.boxes[0]?.box.timers.all, []);
});

test('a timer that cannot be is refused with what is wrong with it', async (t) => {
  const { house, send } = await served(t, { tuners: 1 });
  const channel = house.channel(FIRST).id;
  const begin = inHours(5);
  const timer = { channel, title: 'Film', begin, end: begin + 3600 };
  for (const [body, detail] of [
    ['{', /no JSON/],
    [[], /cannot be used/],
    [{ ...timer, end: begin }, /end must be after begin/],
    [{ ...timer, begin: 'tomorrow' }, /begin/],
    [{ ...timer, title: '' }, /title/],
    [{ ...timer, title: 'x'.repeat(201) }, /title/],
    [{ ...timer, more: 1 }, /more/],
  ] as const) {
    const answer = await send('POST', '/api/v1/timers', body);
    t.is(answer.status, 400, JSON.stringify(body));
    t.regex(String(answer.body['detail']), detail);
  }
  t.like(await send('POST', '/api/v1/timers', { ...timer, channel: 'nothing' }), {
    status: 404,
    body: { code: 'CHANNEL_UNKNOWN' },
  });
  t.like(await send('POST', '/api/v1/timers', JSON.stringify({ ...timer, title: 'x'.repeat(100_000) })), {
    status: 413,
  });
  t.is((await send('POST', '/api/v1/timers', timer)).status, 201);
  t.like(await send('POST', '/api/v1/timers', timer), { status: 409, body: { code: 'TIMER_EXISTS' } });
  const other = await send('POST', '/api/v1/timers', { ...timer, channel: house.channel('Kino²Welt HD').id });
  t.like(other, { status: 409, body: { code: 'TIMER_CONFLICT' } });
  t.regex(String(other.body['detail']), /Conflicting Timer\(s\) detected! Film/);
});

async function firstMovie(url: string) {
  const { recordings } = (await (await fetch(`${url}/api/v1/recordings`)).json()) as Movies;
  const [movie] = recordings;
  if (movie === undefined) throw new Error('no recording is listed');
  return movie;
}

test('a recording is listed, and plays from anywhere: whole, in parts, as HEAD, and not again when nothing has changed', async (t) => {
  const { url } = await served(t);
  const movie = await firstMovie(url);
  const address = url + movie.url;
  const whole = await fetch(address);
  t.is(whole.headers.get('content-type'), 'video/mp2t');
  t.is(whole.headers.get('accept-ranges'), 'bytes');
  const bytes = Buffer.from(await whole.arrayBuffer());
  t.is(bytes.length, movie.sizeBytes);
  const size = bytes.length;
  for (const [range, from, to] of [
    ['bytes=0-', 0, size],
    ['bytes=1000000-1000187', 1_000_000, 1_000_188],
    ['bytes=-100', size - 100, size],
    [`bytes=${size - 5}-${size + 5}`, size - 5, size],
  ] as const) {
    const part = await fetch(address, { headers: { range } });
    t.is(part.status, 206, range);
    t.is(part.headers.get('content-range'), `bytes ${from}-${to - 1}/${size}`);
    t.true(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(from, to)), range);
  }
  for (const range of ['bytes=5-2', 'bytes=a-b', 'lines=0-1', 'bytes=0-1,5-6', 'bytes=-']) {
    const ignored = await fetch(address, { headers: { range } });
    t.is(ignored.status, 200, range);
    await ignored.arrayBuffer();
  }
  const behind = await fetch(address, { headers: { range: `bytes=${size}-` } });
  t.is(behind.status, 416);
  t.is(behind.headers.get('content-range'), `bytes */${size}`);
  const head = await fetch(address, { method: 'HEAD' });
  t.is(head.headers.get('content-length'), String(size));
  const etag = whole.headers.get('etag') ?? '';
  t.is(head.headers.get('etag'), etag);
  t.is(await statusOf(address, { 'If-None-Match': etag }), 304);
  t.is(await statusOf(address, { Range: 'bytes=0-9', 'If-Range': etag }), 206);
  t.is(await statusOf(address, { Range: 'bytes=0-9', 'If-Range': '"other"' }), 200);
  t.is((await fetch(`${url}/dvrfile/receiver.0000000000000000`)).status, 404);
  t.true((await probe(bytes)).streams.length >= 2);
});

/** Not with fetch, which adds a Cache-Control of its own. */
function statusOf(address: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request(address, { headers }, (response) => {
      response.destroy();
      resolve(response.statusCode);
    });
    asking.on('error', reject).end();
  });
}

test('players that leave in the middle, as they do when they seek, make room for the next', async (t) => {
  const { url } = await served(t);
  const movie = await firstMovie(url);
  for (let round = 0; round < 12; round++) {
    const gone = new AbortController();
    const range = `bytes=${round * 1_000_000}-`;
    const response = await fetch(url + movie.url, { headers: { range }, signal: gone.signal });
    t.is(response.status, 206);
    await response.body?.getReader().read();
    gone.abort();
  }
  await eventually(async () => (await fetch(url + movie.url, { headers: { range: 'bytes=0-9' } })).status === 206, {
    what: 'room for one more',
  });
});

test('a reader that stalls is waited for while others read on, and gets the rest later', async (t) => {
  const { url } = await served(t);
  const movie = await firstMovie(url);
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  t.teardown(() => socket.destroy());
  let received = 0;
  let text = '';
  let isSlow = true;
  socket.on('data', (piece: Buffer) => {
    received += piece.length;
    if (text.length < 4_096) text += piece.toString('latin1');
    if (isSlow && received > 100_000) socket.pause();
  });
  socket.write(`GET ${movie.url} HTTP/1.1\r\nHost: x\r\n\r\n`);
  const others = Array.from({ length: 3 }, () => fetch(url + movie.url, { headers: { range: 'bytes=0-99' } }));
  for (const other of await Promise.all(others)) t.is((await other.arrayBuffer()).byteLength, 100);
  t.true(received < 1_000_000, `${received} bytes`);
  isSlow = false;
  socket.resume();
  const head = text.indexOf('\r\n\r\n') + 4;
  await eventually(async () => received >= movie.sizeBytes + head, { what: 'the rest', timeoutMs: 20_000 });
  t.is(received, movie.sizeBytes + head);
});

test('ffprobe reads a recording over HTTP, seeking to its end for the length', async (t) => {
  const { url } = await served(t);
  const movie = await firstMovie(url);
  const args = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', url + movie.url];
  const { stdout } = await run('ffprobe', args, { timeout: 30_000 });
  t.true(Math.abs(Number(stdout) - 60) < 2, stdout);
});

test('a recording that grows is sent until it has ended, to who asks for the whole', async (t) => {
  const { house, url } = await served(t, { prepareSeconds: 0 });
  const now = Math.floor(Date.now() / 1000);
  const { recordings } = house;
  const timer = await recordings.addTimer({
    channelId: house.channel(FIRST).id,
    title: 'Jetzt',
    beginSeconds: now - 10,
    endSeconds: now + 3600,
  });
  const movie = await recordingsAre(house, 'the new recording', () =>
    recordings.movies.find(({ title }) => title === 'Jetzt'),
  );
  const part = await fetch(`${url}/dvrfile/${movie.id}`, { headers: { range: 'bytes=0-187' } });
  t.is(part.status, 206);
  t.is((await part.arrayBuffer()).byteLength, 188);
  const whole = await fetch(`${url}/dvrfile/${movie.id}`);
  t.is(whole.headers.get('content-length'), null);
  t.is(whole.headers.get('etag'), null);
  const before = sizeOf(house);
  let received = 0;
  const reading = (async () => {
    for await (const piece of whole.body ?? []) {
      received += piece.length;
      if (received > before + 200_000 && house.boxes[0]?.box.timers.all.length === 1)
        await recordings.deleteTimer(timer.id);
    }
  })();
  await reading;
  t.true(received > before + 200_000, `${received} bytes of a file that had ${before}`);
  const after = await fetch(`${url}/dvrfile/${movie.id}`, { headers: { range: 'bytes=0-0' } });
  await after.arrayBuffer();
  t.is(after.headers.get('content-range'), `bytes 0-0/${received}`, 'all of it, not a byte more');
});

function sizeOf({ recordings }: RecordingHouse): number {
  return recordings.movies.find(({ title }) => title === 'Jetzt')?.sizeBytes ?? 0;
}

test('a recording is deleted over the API', async (t) => {
  const { house, url, send } = await served(t);
  const { id } = await firstMovie(url);
  t.is((await send('DELETE', `/api/v1/recordings/${id}`)).status, 204);
  t.deepEqual(house.boxes[0]?.box.movies.all, []);
  t.like(await (await fetch(`${url}/api/v1/recordings`)).json(), { recordings: [], total: 0 });
});
