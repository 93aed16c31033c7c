import test from 'ava';
import { z } from 'zod';
import { probe } from '#test/helpers/ffprobe.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { startBox } from './support/box.ts';
import { RawReader } from './support/raw-reader.ts';
import { getJson, urlOf } from './support/web.ts';

const Movies = z.object({
  directory: z.string(),
  locations: z.array(z.string()),
  movies: z.array(
    z.looseObject({ filename: z.string(), serviceref: z.string(), filesize: z.number(), length: z.string() }),
  ),
});

test('a recording is on the disk; its file has the size that the list says, with ranges, and plays', async (t) => {
  const box = await startBox(t);
  const { movies, directory, locations } = Movies.parse(await getJson(box, '/api/movielist'));
  t.deepEqual(locations, [directory]);
  const [movie] = movies;
  t.like(movie, { eventname: 'Tagesschau', length: '1:00', serviceref: `1:0:0:0:0:0:0:0:0:0:${movie?.filename}` });
  const url = urlOf(box, '/file', { file: movie?.filename ?? '' });
  const whole = await fetch(url);
  t.is(whole.status, 200);
  t.is(whole.headers.get('accept-ranges'), 'bytes');
  const bytes = Buffer.from(await whole.arrayBuffer());
  t.is(bytes.length, movie?.filesize ?? 0);
  const size = bytes.length;
  for (const [range, from, to] of [
    ['bytes=0-', 0, size],
    ['bytes=1000000-1000999', 1_000_000, 1_001_000],
    ['bytes=-500', size - 500, size],
    [`bytes=${size - 10}-${size + 10}`, size - 10, size],
  ] as const) {
    const part = await fetch(url, { headers: { range } });
    t.is(part.status, 206, range);
    t.is(part.headers.get('content-range'), `bytes ${from}-${to - 1}/${size}`);
    t.true(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(from, to)), range);
  }
  t.is((await fetch(url, { headers: { range: `bytes=${size}-` } })).status, 416);
  const head = await fetch(url, { method: 'HEAD' });
  t.is(head.headers.get('content-length'), String(size));
  t.is((await probe(bytes.subarray(0, 2_000_000))).streams.length, 2);
  const { errors } = checkTransportStream(bytes.subarray(0, 188 * 20_000));
  t.deepEqual(Object.keys(errors), ['pmt-interval'], 'the PAT names programmes that are not recorded');
});

test('the stream server plays a recording too, as fast as it is taken', async (t) => {
  const box = await startBox(t);
  const [movie] = Movies.parse(await getJson(box, '/api/movielist')).movies;
  const since = performance.now();
  const reader = await RawReader.get(t, box.streamPort, `/file?file=${encodeURIComponent(movie?.filename ?? '')}`);
  await reader.waitForClose(10_000);
  t.is(reader.body.length, movie?.filesize ?? 0);
  t.true(performance.now() - since < 10_000, 'a minute of pictures');
  const none = await RawReader.get(t, box.streamPort, '/file?file=/etc/passwd');
  await none.waitForClose();
  t.is(none.body.length, 0);
});

test('a file that is not there is a text with status 200, as OpenWebif has it', async (t) => {
  const box = await startBox(t);
  const answer = await fetch(urlOf(box, '/file', { file: '/etc/passwd' }));
  t.is(answer.status, 200);
  t.is(await answer.text(), "File '/etc/passwd' not found");
});

test('a recording is deleted by its reference, and clients keep their notes in its tags', async (t) => {
  const box = await startBox(t);
  const sRef = Movies.parse(await getJson(box, '/api/movielist')).movies[0]?.serviceref ?? '';
  t.like(await getJson(box, '/api/movieinfo', { sRef, addtag: 'LastPlayed=12,PlayCount=1' }), { result: true });
  t.like(await getJson(box, '/api/movieinfo', { sRef, addtag: 'PlayCount=2', deltag: 'PlayCount=1' }), {
    tags: 'LastPlayed=12 PlayCount=2',
  });
  t.like(await getJson(box, '/api/moviedelete', { sRef }), { result: true });
  t.like(await getJson(box, '/api/moviedelete', { sRef }), { result: false });
  t.deepEqual(Movies.parse(await getJson(box, '/api/movielist')).movies, []);
});
