import { once } from 'node:events';
import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { type ControlLimits, ControlServer } from '#daemon/hdhomerun/control/control-server.ts';
import { encodeGetSetRequest, type GetSetAnswer, type GetSetRequest } from '#daemon/hdhomerun/wire/get-set.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { ControlClient } from './control-client.ts';

interface Served {
  readonly server: ControlServer;
  readonly refused: string[];
}

async function serve(
  t: ExecutionContext,
  options: {
    limits?: Partial<ControlLimits>;
    allowed?: boolean;
    answer?: (request: GetSetRequest) => Promise<GetSetAnswer>;
  } = {},
): Promise<Served> {
  const refused: string[] = [];
  const server = await ControlServer.open({
    host: '127.0.0.1',
    port: 0,
    access: { allowsAnonymous: () => options.allowed ?? true },
    refused: { count: (why) => void refused.push(why) },
    answer: options.answer ?? (async ({ name }) => ({ kind: 'value', text: `it is ${name}` })),
    onLost: () => t.fail('the socket broke'),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  t.teardown(() => server.close());
  return { server, refused };
}

const REQUEST = encodeGetSetRequest({ name: '/sys/model', value: null, lockkey: null });

test('requests are answered in their order, however slow each of them is', async (t) => {
  const { server } = await serve(t, {
    answer: async ({ name }) => {
      if (name === '/slow') await new Promise((resolve) => setTimeout(resolve, 20));
      return { kind: 'value', text: name };
    },
  });
  const client = await ControlClient.connect(t, server.port);
  for (const name of ['/slow', '/a', '/slow', '/b']) client.send({ name, value: null, lockkey: null });
  await eventually(() => client.answers.length === 4, { what: 'four answers' });
  t.deepEqual(client.answers, ['/slow', '/a', '/slow', '/b']);
});

test('a request that comes byte by byte is answered', async (t) => {
  const { server } = await serve(t);
  const client = await ControlClient.connect(t, server.port);
  client.socket.setNoDelay(true);
  for (const byte of REQUEST) client.socket.write(Buffer.from([byte]));
  await eventually(() => client.answers.length === 1, { what: 'the answer' });
  t.is(client.answers[0], 'it is /sys/model');
});

for (const [what, bytes] of [
  ['an absurd length', Buffer.from('0004ffff', 'hex')],
  ['a wrong CRC', Buffer.concat([REQUEST.subarray(0, -1), Buffer.from([0])])],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
  ['an upgrade', Buffer.from('00060000', 'hex')],
] as const) {
  test(`${what} ends the connection; others go on`, async (t) => {
    const { server, refused } = await serve(t);
    const other = await ControlClient.connect(t, server.port);
    const client = await ControlClient.connect(t, server.port);
    const closed = new Promise((resolve) => client.socket.once('close', resolve));
    client.socket.write(bytes);
    if (what === 'an upgrade') client.socket.write(Buffer.from('6f7ae4cd', 'hex')); // its CRC, right or wrong
    await closed;
    t.is(await other.ask('/sys/model'), 'it is /sys/model');
    t.is(refused.length, 1);
  });
}

test('a thousand connections: some are served, the rest is closed at once, and who comes later is served', async (t) => {
  const { server, refused } = await serve(t, { limits: { connections: 20, connectionsPerClient: 20 } });
  const sockets = Array.from({ length: 1_000 }, () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    return socket;
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
  });
  await eventually(() => refused.length === 980, { what: '980 refusals', timeoutMs: 15_000 });
  t.is(server.connections, 20);
  for (const socket of sockets) socket.destroy();
  await eventually(() => server.connections === 0, { what: 'all of them to be gone' });
  const client = await ControlClient.connect(t, server.port);
  t.is(await client.ask('/x'), 'it is /x');
});

test('a client that takes no answers is cut off, and bounded until then', async (t) => {
  const text = 'x'.repeat(1_300);
  const { server, refused } = await serve(t, { answer: async () => ({ kind: 'value', text }) });
  const client = connect(server.port, '127.0.0.1');
  t.teardown(() => client.destroy());
  client.on('error', () => undefined);
  client.pause();
  const many = Buffer.concat(Array.from({ length: 1_000 }, () => REQUEST));
  const closed = new Promise((resolve) => client.once('close', resolve));
  const write = (): void => {
    while (!client.destroyed && client.write(many));
  };
  client.on('drain', write);
  write();
  await eventually(() => refused.length === 1, { what: 'the cut', timeoutMs: 20_000 });
  t.regex(refused[0] ?? '', /does not take its answers/);
  client.resume();
  await closed;
});

test('who says nothing is closed after a while', async (t) => {
  const { server } = await serve(t, { limits: { idleMs: 30 } });
  const client = await ControlClient.connect(t, server.port);
  await once(client.socket, 'close');
  t.pass();
});

test('who is not allowed is closed without a word', async (t) => {
  const { server, refused } = await serve(t, { allowed: false });
  const client = await ControlClient.connect(t, server.port);
  await once(client.socket, 'close');
  t.deepEqual(refused, ['127.0.0.1: not allowed']);
});
