import { type AddressInfo, createConnection, createServer } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { type Fields, HtspClient } from '#test/daemon/tvheadend/htsp/support/htsp-client.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { CHANNELS, type Gateway, type GatewayOptions, startGateway } from './support/gateway.ts';

async function connect(t: ExecutionContext, gateway: Gateway): Promise<HtspClient> {
  const client = await HtspClient.connect(gateway.htspPort);
  t.teardown(() => client.close());
  await client.hello();
  return client;
}

let shared: Gateway;
const cleanUps: (() => unknown)[] = [];
test.before(async () => {
  shared = await startGateway({ teardown: (cleanUp) => cleanUps.push(cleanUp) }, { env: { XG2G_STREAM_LINGER: '0s' } });
});
test.after.always(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

/** A client of the gateway that most tests share, or of one of its own. */
async function start(t: ExecutionContext, options?: GatewayOptions): Promise<{ gateway: Gateway; client: HtspClient }> {
  const gateway = options === undefined ? shared : await startGateway(t, options);
  return { gateway, client: await connect(t, gateway) };
}

/** The distances between packets, each once, in microseconds (to the nearest hundred). */
function steps(packets: readonly Fields[], stamp: 'pts' | 'dts'): number[] {
  const distances = packets.slice(1).map((packet, at) => packet[stamp] - packets[at]?.[stamp]);
  return [...new Set(distances.map((distance) => Math.round(distance / 100) * 100))];
}

async function numberOf(client: HtspClient, channel: keyof typeof CHANNELS): Promise<number> {
  const messages = client.messages.some(({ method }) => method === 'channelAdd')
    ? client.messages
    : await client.metadata();
  const found = messages.find((message) => message['channelIdStr'] === CHANNELS[channel]);
  return found?.['channelId'] as number;
}

async function subscribe(client: HtspClient, channel: keyof typeof CHANNELS, wishes: Fields = {}): Promise<Fields> {
  const channelId = await numberOf(client, channel);
  return client.ask('subscribe', { channelId, subscriptionId: 1, normts: 1, ...wishes });
}

test.serial('channels, groups and programmes come in the order that clients rely on', async (t) => {
  const { client } = await start(t);
  await client.metadata({ epg: 1 });
  const messages = client.messages.slice(
    0,
    client.messages.findIndex(({ method }) => method === 'initialSyncCompleted') + 1,
  );
  const order = messages.map(({ method }) => method as string).filter((method, at, all) => method !== all[at - 1]);
  t.deepEqual(order, ['tagAdd', 'channelAdd', 'tagUpdate', 'dvrEntryAdd', 'eventAdd', 'initialSyncCompleted']);
  const channels = messages.filter(({ method }) => method === 'channelAdd');
  const tags = messages.filter(({ method }) => method === 'tagUpdate');
  t.true(channels.length >= 13);
  const numbers = new Set(channels.map(({ channelId }) => channelId));
  t.is(numbers.size, channels.length, 'every channel has a number of its own');
  for (const tag of tags)
    t.true(
      tag['members'].every((member: number) => numbers.has(member)),
      tag['tagName'],
    );
  for (const event of messages.filter(({ method }) => method === 'eventAdd')) {
    if (!numbers.has(event['channelId']) || !(event['stop'] > event['start'])) t.fail(JSON.stringify(event));
  }
});

test.serial('a channel plays: its tracks first, then pictures and sound from time 0 on', async (t) => {
  const { client } = await start(t);
  t.like(await subscribe(client, 'mp2'), { normts: 1 });
  const started = await client.waitForMethod('subscriptionStart');
  const [video, audio] = started['streams'];
  t.like(video, { index: 1, type: 'H264', width: 1024, height: 576, aspect_num: 16, aspect_den: 9, duration: 40_000 });
  t.like(audio, { index: 2, type: 'MPEG2AUDIO', language: 'deu', channels: 2, rate: 48_000 });
  await client.waitFor(() => client.packets(1).length >= 60 && client.packets(2).length >= 60);
  const pictures = client.packets(1);
  t.is(pictures[0]?.['frametype'], 'I'.charCodeAt(0));
  t.is(pictures[0]?.['dts'], 0);
  t.deepEqual(steps(pictures, 'dts'), [40_000]);
  t.true(pictures.every((picture) => picture['pts'] >= picture['dts']));
  const frames = client.packets(2);
  t.deepEqual(steps(frames, 'pts'), [24_000]);
  t.true(frames[0]?.['pts'] >= pictures[0]?.['pts'], 'no sound from before the first picture');
  t.true(frames[0]?.['pts'] < pictures[0]?.['pts'] + 30_000, 'and none is missing behind it');
  t.is(frames[0]?.['payload'].readUInt16BE(0) & 0xffe0, 0xffe0);
  await client.waitForMethod('queueStatus');
  t.truthy((await client.waitForMethod('signalStatus'))['feStatus']);
});

const described = test.macro<[keyof typeof CHANNELS, Fields, Fields[]]>({
  async exec(t, channel, wishes, expected) {
    const { client } = await start(t);
    await subscribe(client, channel, wishes);
    const { streams } = await client.waitForMethod('subscriptionStart');
    for (const stream of expected) {
      const found = streams.find((one: Fields) => Object.entries(stream).every(([name, value]) => one[name] === value));
      t.truthy(found, `${JSON.stringify(stream)} among ${JSON.stringify(streams)}`);
      if (stream['type'] !== 'DVBSUB') await client.waitFor(() => client.packets(found?.['index']).length > 3);
    }
  },
  title: (_, channel, wishes, expected) =>
    `${channel} ${wishes['profile'] ?? ''} has ${expected.map(({ type }) => type).join(', ')}`,
});
test.serial(described, 'ac3', {}, [
  { type: 'H264', width: 1920, height: 1080 },
  { type: 'AC3', channels: 6, rate: 48_000 },
]);
test.serial(described, 'eac3', {}, [{ type: 'EAC3' }]);
test.serial(described, 'latm', {}, [{ type: 'AAC', rate: 48_000 }]);
test.serial(described, 'mpeg2', {}, [{ type: 'MPEG2VIDEO', width: 720, height: 576 }, { type: 'MPEG2AUDIO' }]);
test.serial(described, 'radio', {}, [{ type: 'MPEG2AUDIO' }]);
test.serial(described, 'mp2', { profile: 'aac' }, [{ type: 'AAC', channels: 2, rate: 48_000 }]);

test.serial('who joins a channel that runs has its first picture at once', async (t) => {
  const { gateway, client } = await start(t);
  await subscribe(client, 'mp2');
  await client.waitFor(() => client.packets(1).length >= 100);
  const opened = await gateway.metric('xg2g_upstream_connections_total');
  const other = await connect(t, gateway);
  const channelId = await numberOf(other, 'mp2');
  const askedAt = performance.now();
  await other.ask('subscribe', { channelId, subscriptionId: 7, normts: 1 });
  await other.waitFor(() => other.packets(1).length >= 25 && other.packets(2).length >= 20);
  const tookMs = performance.now() - askedAt;
  t.log(`25 pictures and 20 frames of sound after ${tookMs.toFixed(0)} ms`);
  t.true(tookMs < 400, `took ${tookMs.toFixed(0)} ms`);
  t.is(await gateway.metric('xg2g_upstream_connections_total'), opened, 'one connection to the receiver for both');
});

test.serial('pause, resume, back and forward, and live again', async (t) => {
  const { client } = await start(t);
  t.true((await subscribe(client, 'mp2', { timeshiftPeriod: 0xffff_ffff }))['timeshiftPeriod'] > 60);
  await client.waitFor(() => client.packets(1).length >= 75);
  await client.ask('subscriptionSpeed', { subscriptionId: 1, speed: 0 });
  t.is((await client.waitForMethod('subscriptionSpeed'))['speed'], 0);
  const atPause = client.packets(1).at(-1)?.['dts'] as number;
  await client.waitFor((message) => message['method'] === 'timeshiftStatus' && message['shift'] > 1_500_000);
  t.is(client.packets(1).at(-1)?.['dts'], atPause, 'nothing comes while it is paused');
  client.messages.length = 0;
  await client.ask('subscriptionSpeed', { subscriptionId: 1, speed: 100 });
  await client.waitFor(() => client.packets(1).length >= 10);
  t.is(client.packets(1)[0]?.['dts'], atPause + 40_000, 'it goes on with the very next picture');

  client.messages.length = 0;
  await client.ask('subscriptionSeek', { subscriptionId: 1, time: 500_000, absolute: 1 });
  const skipped = await client.waitForMethod('subscriptionSkip');
  t.true(skipped['time'] <= 500_000);
  await client.waitFor(() => client.packets(1).length >= 5);
  const first = client.packets(1)[0];
  t.deepEqual(
    [first?.['dts'], first?.['frametype']],
    [skipped['time'], 73],
    'it begins where it was said, with an I picture',
  );

  await client.ask('subscriptionLive', { subscriptionId: 1 });
  await client.waitFor((message) => message['method'] === 'subscriptionSkip' && message['live'] === 1);
  await client.waitFor((message) => message['method'] === 'muxpkt' && message['dts'] > atPause + 1_500_000);
});

test.serial('a receiver without a free tuner is said in the words that clients have a text for', async (t) => {
  const { gateway, client } = await start(t, { receiver: { tuners: 1 } });
  await subscribe(client, 'mp2');
  await client.waitForMethod('subscriptionStart');
  const other = await connect(t, gateway);
  await subscribe(other, 'ac3', { weight: 100 });
  const refused = await other.waitFor((message) => message['subscriptionError'] !== undefined, 15_000);
  t.is(refused['subscriptionError'], 'noFreeAdapter');
  t.regex(refused['status'], /tuner/);
  // When the tuner is free the channel comes by itself.
  await client.ask('unsubscribe', { subscriptionId: 1 });
  t.is((await client.waitForMethod('subscriptionStop'))['subscriptionId'], 1);
  await other.waitForMethod('subscriptionStart', 25_000);
});

test.serial('a timer that is set is on the receiver, is told to all, and goes again', async (t) => {
  const { gateway, client } = await start(t);
  const other = await connect(t, gateway);
  await other.metadata();
  const channelId = await numberOf(client, 'mp2');
  const { events } = await client.ask('getEvents', { channelId, numFollowing: 3 });
  const event = events.at(-1);
  const answer = await client.ask('addDvrEntry', { eventId: event.eventId, startExtra: 2, stopExtra: 5 });
  t.like(answer, { success: 1 });
  const added = await other.waitFor((message) => message['method'] === 'dvrEntryAdd' && message['id'] === answer['id']);
  t.like(added, {
    channel: channelId,
    state: 'scheduled',
    title: event.title,
    start: event.start - 120,
    stop: event.stop + 300,
  });
  for (const name of ['startExtra', 'stopExtra', 'retention', 'removal', 'priority'])
    t.is(typeof added[name], 'number', name);
  t.like(await client.ask('addDvrEntry', { eventId: event.eventId, startExtra: 2, stopExtra: 5 }), { success: 0 });
  t.like(await client.ask('cancelDvrEntry', { id: answer['id'] }), { success: 1 });
  await other.waitFor((message) => message['method'] === 'dvrEntryDelete' && message['id'] === answer['id']);
  t.like(await client.ask('addAutorecEntry', { title: 'x' }), { success: 0 });
});

test.serial('a ticket opens the channel at the web server', async (t) => {
  const { gateway, client } = await start(t);
  const { path, ticket } = await client.ask('getTicket', { channelId: await numberOf(client, 'mp2') });
  const response = await fetch(`${gateway.url}${path}?ticket=${ticket}`, { method: 'HEAD' });
  t.is(response.status, 200);
  t.regex(response.headers.get('content-type') ?? '', /mp2t/i);
});

test.serial('users have to give the right password; without one only those of the house get in', async (t) => {
  const gateway = await startGateway(t, {
    env: { XG2G_ACCESS_NETWORKS: '10.99.0.0/16', XG2G_ACCESS_USERS: 'anna:geheim-genug' },
    waitForReady: false,
  });
  await gateway.waitForLog(/HTSP listens/);
  const client = await HtspClient.connect(gateway.htspPort);
  t.teardown(() => client.close());
  t.is((await client.hello())['challenge'].length, 32);
  t.like(await client.ask('getSysTime'), { noaccess: 1 });
  t.like(await client.login('anna', 'falsch'), { noaccess: 1 });
  t.like(await client.ask('getSysTime'), { noaccess: 1 });
  t.like(await client.login('anna', 'geheim-genug'), { streaming: 1, anonymous: 0 });
  t.is((await client.ask('getSysTime'))['noaccess'], undefined);
});

test.serial('whoever says nonsense is cut off or told so, and the others notice nothing', async (t) => {
  const { gateway, client } = await start(t);
  await subscribe(client, 'mp2');
  await client.waitFor(() => client.packets(1).length >= 10);

  t.like(await client.ask('makeCoffee'), { error: 'Method not found' });
  t.truthy((await client.ask('subscribe', { channelId: 1, subscriptionId: 2 }))['error']);
  t.truthy((await client.ask('subscriptionSkip', { subscriptionId: 99, time: 0 }))['error']);
  t.truthy((await client.ask('fileOpen', { file: '../../etc/passwd' }))['error']);

  for (const nonsense of ['ffffffff00', '0000000709010000000061', '474554202f20485454502f312e310d0a0d0a']) {
    const stranger = await HtspClient.connect(gateway.htspPort);
    stranger.socket.write(Buffer.from(nonsense, 'hex'));
    await stranger.waitForClose();
  }
  t.is(await gateway.metric('xg2g_htsp_refused_total{reason="broken"}'), 3);

  const crowd = await Promise.all(
    Array.from({ length: 300 }, async () => {
      const socket = createConnection({ port: gateway.htspPort, host: '127.0.0.1' });
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
      return socket;
    }),
  );
  await eventually(async () => ((await gateway.metric('xg2g_htsp_refused_total{reason="limit"}')) ?? 0) > 200, {
    what: 'most of the crowd to be refused',
  });
  const before = client.packets(1).length;
  await client.waitFor(() => client.packets(1).length >= before + 50);
  for (const socket of crowd) socket.destroy();
  await eventually(async () => ((await gateway.metric('xg2g_htsp_clients')) ?? 99) < 5, {
    what: 'the crowd to be gone',
    timeoutMs: 15_000,
  });
  const dts = client.packets(1).map((picture) => picture['dts'] as number);
  t.true(
    dts.slice(1).every((time, at) => time - (dts[at] ?? 0) === 40_000),
    'no picture is missing',
  );
});

test.serial('a client that reads nothing loses pictures of its own, and nobody else does', async (t) => {
  const { gateway, client } = await start(t);
  await subscribe(client, 'ac3');
  const slow = await connect(t, gateway);
  const channelId = await numberOf(slow, 'ac3');
  for (let subscriptionId = 1; subscriptionId <= 10; subscriptionId++) {
    await slow.ask('subscribe', { channelId, subscriptionId, normts: 1, queueDepth: 1 });
  }
  slow.socket.pause();
  await eventually(async () => ((await gateway.metric('xg2g_htsp_dropped_packets_total{picture="P"}')) ?? 0) > 20, {
    what: 'packets to be dropped',
    timeoutMs: 30_000,
  });
  await client.waitFor(() => client.packets(1).length > 100);
  t.deepEqual(steps(client.packets(1), 'dts'), [40_000], 'no picture of the other client is missing');
  t.is((await client.ask('getSysTime'))['error'], undefined);
});

test.serial('a port that another program has is a warning, and everything else works', async (t) => {
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
  t.teardown(() => holder.close());
  const { port } = holder.address() as AddressInfo;
  const gateway = await startGateway(t, { env: { XG2G_HTSP_LISTEN: `127.0.0.1:${port}` } });
  t.regex(await gateway.waitForLog(/no HTSP on/), /"level":"warn".*another program uses it.*XG2G_HTSP_LISTEN/);
  t.is(gateway.htspPort, 0);
});
