import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { decode, encode } from 'dns-packet';
import { discoverReceivers, readAnswer } from '#daemon/receiver/discovery.ts';

const INSTANCE = 'Wohnzimmer._e2stream._tcp.local';

function announcement(name = INSTANCE, withAddress = true): Buffer {
  return encode({
    type: 'response',
    id: 0,
    answers: [{ type: 'PTR', name: '_e2stream._tcp.local', ttl: 120, data: name }],
    additionals: [
      { type: 'SRV', name, ttl: 120, data: { target: 'vuduo2.local', port: 8001 } },
      { type: 'TXT', name, ttl: 120, data: [] },
      ...(withAddress ? [{ type: 'A' as const, name: 'vuduo2.local', ttl: 120, data: '192.168.1.20' }] : []),
    ],
  });
}

/** Answers every question on loopback with these datagrams. */
async function responder(t: ExecutionContext, answers: readonly Buffer[]) {
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  const questions: string[] = [];
  socket.on('message', (datagram, { address, port }) => {
    for (const { name, type } of decode(datagram).questions ?? []) questions.push(`${type} ${name}`);
    for (const answer of answers) socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { target: { host: '127.0.0.1', port: socket.address().port }, questions };
}

test('receivers that announce their stream server are found, each once, whatever else is sent', async (t) => {
  const junk = Buffer.from('not a packet');
  const { target, questions } = await responder(t, [announcement(), junk, announcement(), Buffer.alloc(0)]);
  t.deepEqual(await discoverReceivers({ target, waitMs: 300 }), [
    { name: 'Wohnzimmer', host: 'vuduo2.local', address: '192.168.1.20', streamPort: 8001 },
  ]);
  t.deepEqual(questions, ['PTR _e2stream._tcp.local']);
});

test('without an answer nothing is found, in bounded time', async (t) => {
  const { target, questions } = await responder(t, []);
  const startedAt = performance.now();
  t.deepEqual(await discoverReceivers({ target, waitMs: 600 }), []);
  t.true(performance.now() - startedAt < 3_000);
  t.is(questions.length, 2, 'a question may be lost');
});

test('an announcement without an address is known by its sender; others are not taken for receivers', (t) => {
  t.is(readAnswer(announcement(INSTANCE, false), '192.168.1.21')[0]?.address, '192.168.1.21');
  const printer = encode({
    type: 'response',
    id: 0,
    answers: [{ type: 'PTR', name: '_ipp._tcp.local', ttl: 1, data: 'Drucker._ipp._tcp.local' }],
  });
  t.deepEqual(readAnswer(printer, '192.168.1.3'), []);
  t.deepEqual(readAnswer(announcement().subarray(0, 40), '192.168.1.3'), []);
});

test('control characters of a name do not come through', (t) => {
  t.is(readAnswer(announcement('Box\u0007\n._e2stream._tcp.local'), '1.2.3.4')[0]?.name.includes('\n'), false);
});

test('a datagram that promises more than it holds is not taken apart', (t) => {
  const datagram = Buffer.alloc(1_400);
  datagram.writeUInt16BE(0x8400, 2);
  datagram.writeUInt16BE(0xffff, 6);
  const before = process.cpuUsage();
  for (let n = 0; n < 100; n++) t.deepEqual(readAnswer(datagram, '192.168.1.2'), []);
  const { user, system } = process.cpuUsage(before);
  t.true(user + system < 2_000_000, 'a hundred of them took dns-packet ten seconds and more');
  t.deepEqual(readAnswer(datagram.subarray(0, 11), '192.168.1.2'), []);
});
