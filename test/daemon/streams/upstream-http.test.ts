import { createCipheriv } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { StreamTarget } from '#daemon/receiver/model.ts';
import { HttpUpstream } from '#daemon/streams/upstream-http.ts';
import { nullPacket } from '#test/helpers/ts-builder.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { UpstreamRecorder } from './support/upstream-recorder.ts';

const TIMEOUTS = { connectMs: 2_000, firstByteMs: 3_000, stallMs: 3_000 };

/** `count` packets, told apart by their last byte. */
function packets(count: number, fill: number): Buffer {
  const bytes = Buffer.concat(Array.from({ length: count }, () => nullPacket()));
  for (let at = 187; at < bytes.length; at += 188) bytes[at] = fill;
  return bytes;
}

type Routes = Readonly<Record<string, (response: ServerResponse, request: IncomingMessage) => unknown>>;

async function provider(t: ExecutionContext, routes: Routes): Promise<{ port: number; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    const route = routes[(request.url ?? '').split('?')[0] ?? ''];
    if (route === undefined) response.writeHead(404).end();
    else route(response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, requests };
}

function open(
  t: ExecutionContext,
  port: number,
  path: string,
  more: Partial<StreamTarget> & { timeouts?: object } = {},
) {
  const { timeouts, ...rest } = more;
  const target: StreamTarget = {
    ...{ kind: 'http', scheme: 'http', host: '127.0.0.1', port, path, programHint: null, ...rest },
  };
  const recorder = new UpstreamRecorder();
  const upstream = new HttpUpstream(target, recorder.listener, { ...TIMEOUTS, ...timeouts });
  t.teardown(() => upstream.close());
  return { recorder, upstream };
}

test('a stream in chunks comes through, behind redirects too', async (t) => {
  const stream = packets(20, 1);
  const { port } = await provider(t, {
    '/a': (response) => response.writeHead(302, { Location: '/b?x=1' }).end(),
    '/b': (response) => response.writeHead(301, { Location: '/c' }).end(),
    '/c': (response) => {
      response.writeHead(200, { 'Content-Type': 'video/mp2t' });
      response.write(stream);
    },
  });
  const { recorder } = open(t, port, '/a');
  t.deepEqual(await recorder.untilBytes(stream.length), stream);
  t.is(recorder.connects, 1);
});

test('a login goes out as HTTP Basic, and not to another host', async (t) => {
  const seen: (string | undefined)[] = [];
  const other = await provider(t, {
    '/stream': (response, request) => {
      seen.push(request.headers.authorization);
      response.write(packets(3, 1));
    },
  });
  const { port } = await provider(t, {
    '/stream': (response, request) => {
      seen.push(request.headers.authorization);
      response.writeHead(302, { Location: `http://localhost:${other.port}/stream` }).end();
    },
  });
  const { recorder } = open(t, port, '/stream', { user: 'me', pass: 'p:w@' });
  await recorder.untilBytes(3 * 188);
  t.deepEqual(seen, [`Basic ${Buffer.from('me:p:w@').toString('base64')}`, undefined]);
});

const ENDINGS: readonly (readonly [string, (response: ServerResponse) => unknown, string])[] = [
  ['404', (response) => response.writeHead(404).end(), 'UPSTREAM_BAD_ANSWER'],
  ['403', (response) => response.writeHead(403).end('expired'), 'UPSTREAM_AUTH'],
  ['a web page', (response) => response.end('<html>No such channel</html>'), 'UPSTREAM_BAD_ANSWER'],
  ['nothing', (response) => response.end(), 'TUNE_FAILED'],
  ['a stream that ends', (response) => response.end(packets(5, 1)), 'UPSTREAM_CLOSED'],
  [
    'a stream that breaks off',
    (response) => response.write(packets(5, 1), () => response.destroy()),
    'UPSTREAM_CLOSED',
  ],
  ['a playlist of nothing', (response) => response.end('#EXTM3U\n'), 'UPSTREAM_BAD_ANSWER'],
];
for (const [what, answer, code] of ENDINGS) {
  test(`${what}: ends once, with ${code} and no address in the words`, async (t) => {
    const { port } = await provider(t, { '/secret-path': answer });
    const { recorder } = open(t, port, '/secret-path?token=hidden');
    const error = await recorder.end();
    t.is(error?.code, code);
    t.notRegex(error?.message ?? '', /secret-path|hidden/);
    t.is(recorder.ends.length, 1);
  });
}

test('never a byte, and no more bytes, are ended by time', async (t) => {
  const { port } = await provider(t, {
    '/never': (response) => response.flushHeaders(),
    '/stalls': (response) => response.write(packets(5, 1)),
  });
  t.is((await open(t, port, '/never', { timeouts: { firstByteMs: 80 } }).recorder.end())?.code, 'TUNE_TIMEOUT');
  t.is((await open(t, port, '/stalls', { timeouts: { stallMs: 80 } }).recorder.end())?.code, 'UPSTREAM_STALLED');
});

test('closing hangs up on the provider', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { port } = await provider(t, {
    '/live': (response) => {
      response.once('close', () => resolve());
      response.write(packets(5, 1));
    },
  });
  const { recorder, upstream } = open(t, port, '/live');
  await recorder.untilBytes(5 * 188);
  upstream.close();
  await promise;
  t.deepEqual(recorder.ends, [null]);
});

/** A live HLS stream whose window a test moves on. */
function hls(seconds: number) {
  const state = { first: 10, count: 5, discontinuityAt: -1, key: '', ended: false, missing: new Set<number>() };
  const segment = (number: number): Buffer => packets(40, number);
  const media = (): string =>
    [
      '#EXTM3U',
      `#EXT-X-TARGETDURATION:${Math.max(1, Math.ceil(seconds))}`,
      `#EXT-X-MEDIA-SEQUENCE:${state.first}`,
      ...(state.key === '' ? [] : [state.key]),
      ...Array.from({ length: state.count }, (_, index) => {
        const number = state.first + index;
        const mark = number === state.discontinuityAt ? '#EXT-X-DISCONTINUITY\n' : '';
        return `${mark}#EXTINF:${seconds},\ns${number}.ts`;
      }),
      ...(state.ended ? ['#EXT-X-ENDLIST'] : []),
      '',
    ].join('\n');
  const routes: Record<string, (response: ServerResponse) => unknown> = {
    '/index.m3u8': (response) => response.writeHead(200, { 'Content-Type': 'application/x-mpegURL' }).end(media()),
    '/master.m3u8': (response) =>
      response.end('#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nlow.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=9\nindex.m3u8\n'),
  };
  for (let number = 0; number < 60; number++) {
    routes[`/s${number}.ts`] = (response) =>
      state.missing.has(number) ? response.writeHead(404).end() : response.end(segment(number));
  }
  return { state, segment, routes };
}

test('HLS: the best variant, from three segments behind the edge, on and on', async (t) => {
  const { state, segment, routes } = hls(0.1);
  const { port, requests } = await provider(t, routes);
  const { recorder } = open(t, port, '/master.m3u8');
  await recorder.untilBytes(3 * 40 * 188);
  t.deepEqual(recorder.bytes, Buffer.concat([segment(12), segment(13), segment(14)]));
  state.first = 13;
  await recorder.untilBytes(6 * 40 * 188);
  t.deepEqual(recorder.bytes.subarray(3 * 40 * 188), Buffer.concat([segment(15), segment(16), segment(17)]));
  t.false(requests.includes('/low.m3u8'));
  t.is(requests.filter((url) => url === '/s12.ts').length, 1);
  t.deepEqual(recorder.breaks, []);
  t.deepEqual(recorder.ends, []);
});

test('HLS: a discontinuity, a segment that is gone and a jump of the window are told of', async (t) => {
  const { state, routes } = hls(0.1);
  state.discontinuityAt = 13;
  const { port } = await provider(t, routes);
  const { recorder } = open(t, port, '/index.m3u8');
  await recorder.untilBytes(3 * 40 * 188);
  t.is(recorder.breaks.length, 1);
  state.missing.add(15);
  state.first = 13;
  await recorder.untilBytes(5 * 40 * 188);
  await eventually(() => recorder.breaks.length === 2, { what: 'the gap to be told of', everyMs: 5 });
  state.first = 40;
  await recorder.untilBytes(6 * 40 * 188);
  await eventually(() => recorder.breaks.length === 3, { what: 'the jump to be told of', everyMs: 5 });
});

test('HLS: the end of a playlist is the end, after its last byte', async (t) => {
  const { state, routes } = hls(0.05);
  state.ended = true;
  const { port } = await provider(t, routes);
  const { recorder } = open(t, port, '/index.m3u8');
  t.is((await recorder.end())?.code, 'UPSTREAM_CLOSED');
  t.is(recorder.bytes.length, 5 * 40 * 188, 'from its beginning');
});

test('HLS: AES-128 is decrypted, by the number of the segment where no IV is given', async (t) => {
  const key = Buffer.from('0123456789abcdef');
  const { state, segment, routes } = hls(0.05);
  state.key = '#EXT-X-KEY:METHOD=AES-128,URI="key"';
  const locked: Routes = {
    ...routes,
    '/key': (response) => response.end(key),
    ...Object.fromEntries(
      Array.from({ length: 60 }, (_, number) => [
        `/s${number}.ts`,
        (response: ServerResponse) => {
          const iv = Buffer.alloc(16);
          iv.writeUInt32BE(number, 12);
          const cipher = createCipheriv('aes-128-cbc', key, iv);
          response.end(Buffer.concat([cipher.update(segment(number)), cipher.final()]));
        },
      ]),
    ),
  };
  const { port } = await provider(t, locked);
  const { recorder } = open(t, port, '/index.m3u8');
  await recorder.untilBytes(3 * 40 * 188);
  t.deepEqual(recorder.bytes, Buffer.concat([segment(12), segment(13), segment(14)]));
});
