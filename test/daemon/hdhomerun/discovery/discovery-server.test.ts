import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { DiscoveryServer, MAX_REPLY_BYTES } from '#daemon/hdhomerun/discovery/discovery-server.ts';
import { SourceLimiter } from '#daemon/hdhomerun/discovery/source-limiter.ts';
import type { DiscoverReply } from '#daemon/hdhomerun/wire/discover.ts';
import { PACKET_TYPE, parsePacket } from '#daemon/hdhomerun/wire/packet.ts';
import { eventually } from '#test/helpers/wait-for.ts';

const REQUEST = Buffer.from('0002000c0104ffffffff0204ffffffff73cc7d8f', 'hex');
const REPLY: DiscoverReply = {
  deviceId: 0x1050_a5c0,
  tunerCount: 4,
  deviceAuth: 'xg2g',
  baseUrl: 'http://192.168.178.200:65535',
  lineupUrl: 'http://192.168.178.200:65535/lineup.json',
};

async function parties(
  t: ExecutionContext,
  options: { replies?: DiscoverReply[]; allowed?: boolean; family?: 4 | 6 } = {},
): Promise<{ client: Socket; got: Buffer[]; ask: (datagram: Buffer) => void; limiter: SourceLimiter }> {
  const { replies = [REPLY], allowed = true, family = 4 } = options;
  const host = family === 4 ? '127.0.0.1' : '::1';
  const limiter = new SourceLimiter({ burst: 5, perSecond: 0.001, maxSources: 10 });
  const server = await DiscoveryServer.open({
    family,
    host,
    port: 0,
    access: { allowsAnonymous: () => allowed },
    limiter,
    repliesFor: () => replies,
    addresses: () => [],
    onLost: () => t.fail('the socket broke'),
  });
  t.teardown(() => server.close());
  const client = createSocket(family === 4 ? 'udp4' : 'udp6');
  t.teardown(() => client.close());
  client.bind(0, host);
  await once(client, 'listening');
  const got: Buffer[] = [];
  client.on('message', (datagram) => got.push(datagram));
  return { client, got, limiter, ask: (datagram) => client.send(datagram, server.port, host) };
}

for (const family of [4, 6] as const) {
  test(`IPv${family}: a client is answered with one packet for each device`, async (t) => {
    const { got, ask } = await parties(t, { family, replies: [REPLY, { ...REPLY, deviceId: 0x1051_0003 }] });
    ask(REQUEST);
    await eventually(() => got.length === 2, { what: 'two replies' });
    for (const datagram of got) {
      t.is(parsePacket(datagram)?.type, PACKET_TYPE.discoverReply);
      t.true(datagram.length <= MAX_REPLY_BYTES);
    }
    t.log(`${REQUEST.length} bytes asked, ${got[0]?.length} answered`);
  });
}

test('noise, replies and half a packet get no answer, and harm nobody', async (t) => {
  const { got, ask } = await parties(t);
  const noise = [Buffer.alloc(0), Buffer.alloc(1), Buffer.alloc(1_400, 0xff), REQUEST.subarray(0, 12)];
  for (const datagram of noise) ask(datagram);
  ask(REQUEST);
  await eventually(() => got.length > 0, { what: 'the one answer' });
  t.is(got.length, 1);
});

test('a source that asks without end gets its burst and no more', async (t) => {
  const { got, ask, limiter } = await parties(t);
  for (let count = 0; count < 200; count++) ask(REQUEST);
  await eventually(() => limiter.refused >= 195, { what: 'the questions to be counted' });
  t.is(got.length, 5);
});

test('who is not allowed hears nothing', async (t) => {
  const { got, ask, limiter } = await parties(t, { allowed: false });
  ask(REQUEST);
  const other = await parties(t);
  other.ask(REQUEST);
  await eventually(() => other.got.length === 1, { what: 'the answer to somebody else' });
  t.is(got.length, 0);
  t.is(limiter.sources, 0);
});

test('a reply that would be longer than its bound is not sent', async (t) => {
  const { got, ask, limiter } = await parties(t, { replies: [{ ...REPLY, lineupUrl: `http://${'x'.repeat(240)}` }] });
  ask(REQUEST);
  await eventually(() => limiter.sources === 1, { what: 'the question' });
  t.is(got.length, 0);
});
