import { connect } from 'node:net';
import test from 'ava';
import { readyControlClient } from '../support/control-client.ts';
import { OPEN, startTranscoder } from '../support/running-transcoder.ts';

/** Writes bytes and waits for the other side to close. */
async function closedAfter(path: string, bytes: Buffer): Promise<void> {
  const socket = connect({ path });
  socket.on('error', () => undefined); // a reset is a way of closing
  socket.resume();
  socket.write(bytes);
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

test('capabilities name the codecs, stats count sessions', async (t) => {
  const transcoder = await startTranscoder(t);
  const client = await readyControlClient(t, transcoder.controlPath);
  const capabilities = await client.request('capabilities', {});
  t.true(capabilities.decoders.includes('ac3') && capabilities.decoders.includes('mp3float'));
  await client.request('session.open', OPEN);
  const stats = await client.request('stats', {});
  t.is(stats.sessions.length, 1);
  t.is(stats.sessions[0]?.state, 'waiting');
});

test('a session that was closed is closed once', async (t) => {
  const transcoder = await startTranscoder(t);
  const client = await readyControlClient(t, transcoder.controlPath);
  const { token } = await client.request('session.open', OPEN);
  t.true((await client.request('session.close', { token })).closed);
  t.false((await client.request('session.close', { token })).closed);
});

test('a request with a bad value is refused by name, and the connection goes on', async (t) => {
  const transcoder = await startTranscoder(t);
  const client = await readyControlClient(t, transcoder.controlPath);
  const error = await t.throwsAsync(client.request('session.open', { ...OPEN, audio: { ...OPEN.audio, bitrate: 7 } }));
  t.regex(error.message, /params\.audio\.bitrate/);
  t.is((await client.request('health', {})).status, 'ok');
});

test('a request that even its schema stumbles over is refused, and the transcoder goes on', async (t) => {
  const transcoder = await startTranscoder(t);
  const client = await readyControlClient(t, transcoder.controlPath);
  const build = { length: { toString: -1 } } as unknown as string;
  await t.throwsAsync(client.request('hello', { version: 1, build }), { message: /not understood/ });
  t.is((await client.request('health', {})).status, 'ok');
});

const GARBAGE: readonly (readonly [string, Buffer])[] = [
  ['text that is no net-ipc', Buffer.from('hello there, who are you?\r\n')],
  ['a message of bad bytes', Buffer.concat([Buffer.from('IPC'), Buffer.from([0x84, 1, 2, 3, 4])])],
  ['a message that never ends', Buffer.concat([Buffer.from('IPC'), Buffer.alloc(2 * 1024 * 1024, 0x7f)])],
];
for (const [what, bytes] of GARBAGE) {
  test(`${what} closes its connection and disturbs no other`, async (t) => {
    const transcoder = await startTranscoder(t);
    const client = await readyControlClient(t, transcoder.controlPath);
    await closedAfter(transcoder.controlPath, bytes);
    t.is((await client.request('health', {})).status, 'ok');
    t.is(client.reconnects, 0);
  });
}
