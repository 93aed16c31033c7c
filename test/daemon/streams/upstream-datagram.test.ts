import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import type { StreamTarget } from '#daemon/receiver/model.ts';
import { datagramTarget } from '#daemon/receiver/stream-playlist.ts';
import { DatagramUpstream } from '#daemon/streams/upstream-datagram.ts';
import { nullPacket } from '#test/helpers/ts-builder.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { UpstreamRecorder } from './support/upstream-recorder.ts';

const PACKETS = Buffer.concat(Array.from({ length: 7 }, () => nullPacket()));
const RTP = Buffer.concat([Buffer.from([0x80, 33, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), PACKETS]);
const TIMEOUTS = { connectMs: 1_000, firstByteMs: 2_000, stallMs: 2_000 };

async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

async function sender(t: ExecutionContext): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return socket;
}

function open(t: ExecutionContext, target: StreamTarget, timeouts = TIMEOUTS) {
  const recorder = new UpstreamRecorder();
  const upstream = new DatagramUpstream(target, recorder.listener, timeouts);
  t.teardown(() => upstream.close());
  return { recorder, upstream };
}

function targetOf(address: string): StreamTarget {
  const target = datagramTarget(address);
  if (target === null) throw new Error(`${address} is none`);
  return target;
}

for (const [what, datagram] of [
  ['plain datagrams', PACKETS],
  ['RTP', RTP],
] as const) {
  test(`${what} to this machine come through as packets`, async (t) => {
    const port = await freePort();
    const from = await sender(t);
    const { recorder } = open(t, targetOf(`udp://127.0.0.1:${port}`));
    await eventually(() => recorder.connects === 1, { what: 'it to listen', everyMs: 5 });
    from.send(Buffer.from('who are you'), port, '127.0.0.1');
    from.send(datagram, port, '127.0.0.1');
    from.send(datagram, port, '127.0.0.1');
    t.deepEqual(await recorder.untilBytes(2 * PACKETS.length), Buffer.concat([PACKETS, PACKETS]));
  });
}

test('a multicast group is joined, by two at once', async (t) => {
  const port = await freePort();
  const from = await sender(t);
  from.setMulticastInterface('127.0.0.1');
  const target = targetOf(`udp://@239.255.77.1:${port}`);
  const both = [open(t, target), open(t, target)];
  const listens = await eventually(
    () => both.every(({ recorder }) => recorder.connects === 1 || recorder.ends.length > 0),
    { what: 'both to have joined', everyMs: 5 },
  );
  t.true(listens);
  if (both[0]?.recorder.ends.length !== 0) {
    t.log(`this machine has no way to a multicast group: ${both[0]?.recorder.ends[0]?.message}`);
    t.is(both[0]?.recorder.ends[0]?.code, 'UPSTREAM_BAD_URL');
    return;
  }
  t.is(both[1]?.recorder.ends.length, 0);
});

test('nobody sends: TUNE_TIMEOUT; who stops sending: UPSTREAM_STALLED', async (t) => {
  const port = await freePort();
  const from = await sender(t);
  const silent = open(t, targetOf(`rtp://127.0.0.1:${port}`), { ...TIMEOUTS, firstByteMs: 60 });
  t.is((await silent.recorder.end())?.code, 'TUNE_TIMEOUT');
  const stops = open(t, targetOf(`udp://127.0.0.1:${port}`), { ...TIMEOUTS, stallMs: 60 });
  await eventually(() => stops.recorder.connects === 1, { what: 'it to listen', everyMs: 5 });
  from.send(PACKETS, port, '127.0.0.1');
  t.is((await stops.recorder.end())?.code, 'UPSTREAM_STALLED');
});

test('an address of another machine is refused in words', async (t) => {
  const { recorder } = open(t, targetOf('udp://192.0.2.1:5000'));
  const error = await recorder.end();
  t.is(error?.code, 'UPSTREAM_BAD_URL');
  t.regex(error?.message ?? '', /another machine/);
});

test('closing ends it once, and no packet comes after', async (t) => {
  const port = await freePort();
  const from = await sender(t);
  const { recorder, upstream } = open(t, targetOf(`udp://127.0.0.1:${port}`));
  await eventually(() => recorder.connects === 1, { what: 'it to listen', everyMs: 5 });
  upstream.close();
  from.send(PACKETS, port, '127.0.0.1');
  upstream.close();
  t.deepEqual(recorder.ends, [null]);
  t.is(recorder.bytes.length, 0);
});

const ADDRESSES: readonly (readonly [string, string | null])[] = [
  ['udp://@239.1.1.1:1234', 'udp 239.1.1.1 1234'],
  ['udp://239.1.1.1:1234?pkt_size=1316', 'udp 239.1.1.1 1234'],
  ['RTP://@[ff15::1]:5000', 'rtp ff15::1 5000'],
  ['udp://239.1.1.1', null],
  ['udp://239.1.1.1:0', null],
  ['udp://239.1.1.1:70000', null],
  ['http://239.1.1.1:1234', null],
];
for (const [address, expected] of ADDRESSES) {
  test(`${address} is ${expected ?? 'no address of datagrams'}`, (t) => {
    const target = datagramTarget(address);
    t.is(target === null ? null : `${target.scheme} ${target.host} ${target.port}`, expected);
  });
}
