import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { ControlTuner } from '#daemon/hdhomerun/control/control-tuner.ts';
import { Variables } from '#daemon/hdhomerun/control/variables.ts';
import type { Channel } from '#daemon/lineup/channel.ts';
import { Ring } from '#daemon/streams/ring.ts';
import { XgError } from '#shared/errors.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { Programme } from '../../streams/support/programme.ts';
import { channel } from '../../support/channels.ts';
import { testFace } from '../../support/hdhomerun-face.ts';
import { readyLineup } from '../../support/running-app.ts';

const CHANNELS = [channel(1), channel(2), channel(5, { transponder: 'c00000:3f3:1' })];

interface Control {
  get(name: string): Promise<string>;
  set(name: string, value: string, from?: { client?: string; lockkey?: number }): Promise<string>;
  readonly ring: Ring;
  readonly leases: { channel: Channel; released: boolean }[];
}

/** The variables over tuners whose streams are one ring; `join` may refuse. */
function control(
  t: ExecutionContext,
  options: { join?: (channel: Channel) => Promise<void>; idleMs?: number } = {},
): Control {
  const ring = new Ring();
  const leases: { channel: Channel; released: boolean }[] = [];
  const face = testFace(readyLineup(CHANNELS), { tuners: 2 });
  const tuners = [0, 1].map(
    (index) =>
      new ControlTuner({
        index,
        device: face.devices.first,
        face,
        logger: createSilentLogger(),
        ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
        join: async (wanted, _viewer, signal) => {
          await options.join?.(wanted);
          signal.throwIfAborted();
          const lease = { channel: wanted, released: false };
          leases.push(lease);
          return {
            ring,
            release: () => {
              lease.released = true;
            },
          };
        },
      }),
  );
  t.teardown(() => {
    for (const tuner of tuners) tuner.close();
  });
  const variables = new Variables({
    face,
    access: { allowsAnonymous: (address) => address.startsWith('127.') || address.startsWith('10.') },
    tuner: (index) => tuners[index] ?? null,
  });
  const ask = async (name: string, value: string | null, client = '127.0.0.1', lockkey: number | null = null) =>
    (await variables.answer({ name, value, lockkey }, client)).text;
  return {
    ring,
    leases,
    get: (name) => ask(name, null),
    set: (name, value, from = {}) => ask(name, value, from.client, from.lockkey ?? null),
  };
}

test('what the device is', async (t) => {
  const { get } = control(t);
  t.is(await get('/sys/model'), 'hdhomerun5_dvbt');
  t.is(await get('/sys/hwmodel'), 'HDHR5-4DT');
  t.regex(await get('/sys/version'), /^\d{8}$/);
  t.regex(await get('/sys/features'), /^channelmap: eu-bcast\n/);
  t.regex(await get('/sys/debug'), /^mem: /);
  t.regex(await get('help'), /\/tuner<n>\/lockkey/);
  t.is(await get('/lineup/scan'), 'state=complete progress=100% found=3');
});

for (const name of [
  '/sys/nothing',
  '/tuner2/status',
  '/tuner0/nothing',
  '/tuner0',
  '',
  '/tuner0/status/x',
  '__proto__',
]) {
  test(`"${name}" is no variable`, async (t) => {
    const { get, set } = control(t);
    t.is(await get(name), 'ERROR: unknown getset variable');
    t.is(await set(name, '1'), 'ERROR: unknown getset variable');
  });
}

test('what can only be read cannot be set', async (t) => {
  const { set } = control(t);
  for (const name of ['/sys/model', '/tuner0/status', '/tuner0/streaminfo', '/tuner0/plpinfo']) {
    t.is(await set(name, 'x'), 'ERROR: variable is read-only');
  }
});

test('a virtual channel is tuned, shown in all its forms, and given back', async (t) => {
  const { get, set, leases } = control(t);
  t.is(await set('/tuner0/vchannel', '2'), '2');
  t.is(leases[0]?.channel.number, 2);
  t.is(await get('/tuner0/channel'), 'auto:482000000');
  t.is(await get('/tuner0/program'), '2');
  t.is(await get('/tuner0/vstatus'), 'vch=2 name=Channel 2 auth=unspecified cci=none cgms=none');
  t.is(await get('/tuner0/streaminfo'), '1: 1 Channel 1\n2: 2 Channel 2\ntsid=0x03FB\nonid=0x0001\n');
  t.regex(await get('/tuner0/status'), /^ch=auto:482000000 lock=dvbs ss=100 snq=100 seq=100 bps=0 pps=0$/);
  t.regex(
    await get('/tuner0/debug'),
    /^tun: ch=auto:482000000 lock=dvbs .*\ndev: .*\nts: .*\nflt: .*\nnet: pps=0 err=0 stop=1\n$/,
  );
  t.is(await set('/tuner0/vchannel', 'none'), 'none');
  t.true(leases[0]?.released);
  t.is(await get('/tuner0/status'), 'ch=none lock=none ss=0 snq=0 seq=0 bps=0 pps=0');
  t.is(await get('/tuner0/streaminfo'), 'none\n');
  t.is(await set('/tuner0/vchannel', '99'), 'ERROR: invalid virtual channel');
});

test('a frequency is tuned, a programme of it chosen; an empty one has no signal', async (t) => {
  const { get, set, leases } = control(t);
  t.is(await set('/tuner0/channel', 'auto:22'), 'auto:482000000');
  t.is(await set('/tuner0/program', '2'), '2');
  t.deepEqual(
    leases.map((lease) => [lease.channel.number, lease.released]),
    [
      [1, true],
      [2, false],
    ],
  );
  t.is(await set('/tuner0/program', '77'), 'ERROR: invalid virtual channel');
  t.is(await set('/tuner0/channel', 'auto:600000000'), 'auto:600000000');
  t.is(await get('/tuner0/status'), 'ch=auto:600000000 lock=none ss=0 snq=0 seq=0 bps=0 pps=0');
  t.is(await set('/tuner0/channel', 'west'), 'ERROR: west is no frequency and no channel');
  t.is(await set('/tuner0/channelmap', 'eu-bcast'), 'eu-bcast');
  t.is(await set('/tuner0/channelmap', 'us-bcast'), 'ERROR: invalid channelmap, there is eu-bcast');
});

test('without a free tuner the answer is in the words of the device, and the tuner is free for another', async (t) => {
  const { get, set } = control(t, {
    join: async ({ number }) => {
      if (number === 5) throw new XgError('NO_TUNER', 'all tuners are in use');
    },
  });
  t.is(await set('/tuner0/vchannel', '5'), 'ERROR: 805 All Tuners In Use');
  t.is(await get('/tuner0/vchannel'), '5');
  t.regex(await get('/tuner0/status'), / lock=none ss=0 /);
  t.is(await set('/tuner0/vchannel', '1'), '1');
});

test('a channel that takes long is answered for in time, and tuned later', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { get, set } = control(t, { join: () => promise });
  const startedAt = performance.now();
  t.is(await set('/tuner0/vchannel', '1'), '1');
  t.true(performance.now() - startedAt < 2_400);
  t.is(
    await get('/tuner0/status'),
    'ch=auto:482000000 lock=none ss=50 snq=0 seq=0 bps=0 pps=0',
    'clients go on waiting',
  );
  resolve();
  await eventually(async () => (await get('/tuner0/status')).includes('lock=dvbs'), { what: 'the lock' });
});

test('a channel that was left while it was being tuned is given back', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { set, leases } = control(t, { join: ({ number }) => (number === 1 ? promise : Promise.resolve()) });
  const first = set('/tuner0/vchannel', '1');
  await set('/tuner0/vchannel', '2');
  resolve();
  await first;
  await eventually(() => leases.filter(({ released }) => !released).length === 1, { what: 'one lease' });
  t.is(leases.find(({ released }) => !released)?.channel.number, 2);
});

test('a locked tuner can be read by everybody, set by its owner, and forced open', async (t) => {
  const { get, set } = control(t);
  const owner = { client: '10.0.0.1', lockkey: 4_711 };
  const other = { client: '10.0.0.2' };
  t.is(await set('/tuner0/lockkey', '4711', { client: '10.0.0.1' }), '10.0.0.1');
  t.is(await set('/tuner0/vchannel', '1', other), 'ERROR: resource locked by 10.0.0.1');
  t.is(await set('/tuner0/lockkey', '5', other), 'ERROR: resource locked by 10.0.0.1');
  t.is(await get('/tuner0/lockkey'), '10.0.0.1');
  t.is(await set('/tuner0/vchannel', '1', owner), '1');
  t.is(await set('/tuner1/vchannel', '1', other), '1', 'the other tuner is not locked');
  t.is(await set('/tuner0/lockkey', 'force', other), 'none');
  t.is(await set('/tuner0/vchannel', '2', other), '2');
  t.is(await set('/tuner0/lockkey', 'nonsense', other), 'ERROR: invalid lock key');
});

test('a tuner that nobody asks about any more is given back, and its lock opened', async (t) => {
  const { get, set, leases } = control(t, { idleMs: 40 });
  await set('/tuner0/lockkey', '4711');
  await set('/tuner0/vchannel', '1', { lockkey: 4_711 });
  await eventually(() => leases[0]?.released === true, { what: 'the lease to be given back' });
  t.is(await get('/tuner0/lockkey'), 'none');
});

for (const protocol of ['udp', 'rtp'] as const) {
  test(`a stream goes to a ${protocol} target, seven packets in each datagram, until its end`, async (t) => {
    const { get, set, ring } = control(t);
    const receiver = createSocket('udp4');
    t.teardown(() => receiver.close());
    receiver.bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    const got: Buffer[] = [];
    receiver.on('message', (datagram) => got.push(datagram));
    const target = `${protocol}://127.0.0.1:${receiver.address().port}`;
    await set('/tuner0/vchannel', '1');
    t.is(await set('/tuner0/target', target), target);
    const programme = new Programme();
    for (let count = 0; count < 20; count++) ring.append(programme.tables().picture('key', 2_000).sound().take());
    await eventually(() => got.length >= 5, { what: 'datagrams' });
    const head = protocol === 'rtp' ? 12 : 0;
    for (const [index, datagram] of got.entries()) {
      t.is(datagram.length, head + 7 * 188);
      for (let at = head; at < datagram.length; at += 188) t.is(datagram[at], 0x47);
      if (head === 0) continue;
      t.is(datagram.readUInt16BE(0), 0x8021, 'version 2, payload type 33');
      t.is(datagram.readUInt16BE(2), ((got[0]?.readUInt16BE(2) ?? 0) + index) & 0xffff);
    }
    ring.close(null);
    await eventually(async () => (await get('/tuner0/status')).includes('lock=none'), { what: 'the end' });
  });
}

test('a filter leaves the other PIDs out', async (t) => {
  const { set, ring } = control(t);
  const receiver = createSocket('udp4');
  t.teardown(() => receiver.close());
  receiver.bind(0, '127.0.0.1');
  await once(receiver, 'listening');
  const pids = new Set<number>();
  receiver.on('message', (datagram) => {
    for (let at = 0; at < datagram.length; at += 188) pids.add(datagram.readUInt16BE(at + 1) & 0x1fff);
  });
  t.is(await set('/tuner0/filter', 'all'), 'ERROR: invalid filter');
  await set('/tuner0/vchannel', '1');
  t.is(await set('/tuner0/filter', '0x0001-0x1FFF'), '0x0001-0x1FFF');
  await set('/tuner0/target', `127.0.0.1:${receiver.address().port}`);
  const programme = new Programme();
  await eventually(
    () => {
      ring.append(programme.tables().picture('key', 2_000).sound().take());
      return pids.size > 1;
    },
    { what: 'packets' },
  );
  t.false(pids.has(0), 'no PAT');
});

test('a target that nobody listens on is given up', async (t) => {
  const { get, set, ring } = control(t);
  const gone = createSocket('udp4');
  gone.bind(0, '127.0.0.1');
  await once(gone, 'listening');
  const { port } = gone.address();
  gone.close();
  await set('/tuner0/vchannel', '1');
  await set('/tuner0/target', `udp://127.0.0.1:${port}`);
  const programme = new Programme();
  await eventually(
    async () => {
      ring.append(programme.tables().picture('key', 2_000).sound().take());
      return (await get('/tuner0/target')) === 'none';
    },
    { what: 'the target to be given up' },
  );
  t.is(await get('/tuner0/vchannel'), '1', 'it stays tuned');
});

test('nobody can have a stream sent out of the house', async (t) => {
  const { set } = control(t);
  t.is(await set('/tuner0/target', 'udp://203.0.113.9:5000'), 'ERROR: target is not in an allowed network');
  t.is(await set('/tuner0/target', 'udp://255.255.255.255:5000'), 'ERROR: invalid target');
  t.is(await set('/tuner0/target', 'udp://203.0.113.9:5000', { client: '203.0.113.9' }), 'udp://203.0.113.9:5000');
});
