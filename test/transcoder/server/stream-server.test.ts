import test, { type ExecutionContext } from 'ava';
import { encodeFrame, encodeHello, frameHead, MAX_PAYLOAD } from '#shared/ipc/frame.ts';
import { OPEN, RawStreamClient, type RunningTranscoder, startTranscoder } from '../support/running-transcoder.ts';
import { syntheticProgramme } from '../support/synthetic-programme.ts';

function openSession(t: ExecutionContext, transcoder: RunningTranscoder): RawStreamClient {
  const token = transcoder.sessions.open(OPEN);
  const client = new RawStreamClient(t, transcoder.streamPath);
  client.hello(token);
  return client;
}

test('a stream goes in with MPEG audio and comes out with the programme announced and bytes to play', async (t) => {
  const client = openSession(t, await startTranscoder(t));
  client.socket.write(encodeFrame('data', syntheticProgramme(50)));
  const info = JSON.parse((await client.waitForFrame('info')).toString('utf8'));
  t.deepEqual(info.tracks, [
    { pid: 0x101, codec: 'h264', action: 'pass', addedPid: null, language: null, role: null },
    { pid: 0x102, codec: 'mpeg-audio', action: 'aac', addedPid: null, language: 'deu', role: 'main' },
  ]);
  await client.waitUntil(() => client.data.length > 50 * 188, 'the remuxed packets');
  t.is(client.data.length % 188, 0);
});

test('a stream cut into single bytes is understood all the same', async (t) => {
  const transcoder = await startTranscoder(t);
  const token = transcoder.sessions.open(OPEN);
  const client = new RawStreamClient(t, transcoder.streamPath);
  const bytes = Buffer.concat([encodeHello(token), encodeFrame('data', syntheticProgramme(4))]);
  client.socket.setNoDelay(true);
  for (const byte of bytes) client.socket.write(Buffer.from([byte]));
  const info = JSON.parse((await client.waitForFrame('info')).toString('utf8'));
  t.is(info.program, 0x283d);
});

const REFUSALS: readonly (readonly [string, (token: string) => Buffer, string])[] = [
  ['random bytes', () => Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 'FRAME_UNKNOWN_TYPE'],
  ['a frame that declares more than 1 MiB', () => frameHead('hello', MAX_PAYLOAD + 1), 'FRAME_TOO_LARGE'],
  ['DATA before HELLO', () => encodeFrame('data', Buffer.alloc(188, 0x47)), 'BAD_HELLO'],
  ['a HELLO of another magic', () => encodeFrame('hello', Buffer.from('NOPE\x01\x01x')), 'BAD_HELLO'],
  ['a token nobody gave out', () => encodeHello('no-such-token'), 'BAD_TOKEN'],
  [
    'a HELLO of another version',
    (token) => {
      const hello = encodeHello(token);
      hello[8 + 4] = 99;
      return hello;
    },
    'BAD_VERSION',
  ],
  [
    'half a packet of DATA',
    (token) => Buffer.concat([encodeHello(token), encodeFrame('data', Buffer.alloc(100))]),
    'BAD_DATA',
  ],
  [
    'a frame only the transcoder sends',
    (token) => Buffer.concat([encodeHello(token), encodeFrame('segment')]),
    'UNEXPECTED_FRAME',
  ],
];

for (const [what, bytes, code] of REFUSALS) {
  test(`${what}: refused with ${code}, and another session goes on`, async (t) => {
    const transcoder = await startTranscoder(t);
    const other = openSession(t, transcoder);
    other.socket.write(encodeFrame('data', syntheticProgramme(8)));
    await other.waitForFrame('info');

    const bad = new RawStreamClient(t, transcoder.streamPath);
    bad.socket.write(bytes(transcoder.sessions.open(OPEN)));
    t.is(await bad.waitForRefusal(), code);

    const before = other.data.length;
    other.socket.write(encodeFrame('data', syntheticProgramme(50, { startTicks: 90_000 + 8 * 2160 })));
    await other.waitUntil(() => other.data.length > before, 'more of the other stream');
    t.false(other.closed);
  });
}

test('a token opens one stream and no second', async (t) => {
  const transcoder = await startTranscoder(t);
  const token = transcoder.sessions.open(OPEN);
  const first = new RawStreamClient(t, transcoder.streamPath);
  first.hello(token);
  first.socket.write(encodeFrame('data', syntheticProgramme(4)));
  await first.waitForFrame('info');
  const second = new RawStreamClient(t, transcoder.streamPath);
  second.hello(token);
  t.is(await second.waitForRefusal(), 'BAD_TOKEN');
  t.is(transcoder.sessions.size, 1);
});

test('a connection that ends in the middle of a frame takes its session with it', async (t) => {
  const transcoder = await startTranscoder(t);
  const client = openSession(t, transcoder);
  client.socket.write(encodeFrame('data', syntheticProgramme(4)));
  await client.waitForFrame('info');
  client.socket.end(frameHead('data', 188));
  await client.waitUntil(() => client.closed, 'the connection to close');
  t.is(transcoder.sessions.size, 0);
});

test('a stream without a programme is ended after 5 s with what was seen', async (t) => {
  const client = openSession(t, await startTranscoder(t));
  const nothing = Buffer.alloc(188, 0xff);
  nothing.set([0x47, 0x1f, 0xff, 0x10]);
  client.socket.write(encodeFrame('data', nothing));
  const payload = await client.waitUntil(
    () => client.frames.find((frame) => frame.type === 'error')?.payload,
    'the refusal',
    7_000,
  );
  const error = JSON.parse(payload.toString('utf8'));
  t.is(error.code, 'NO_PROGRAM');
  t.regex(error.message, /no PAT came/);
});
