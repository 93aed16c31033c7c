import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test from 'ava';
import { magicPacket, sendMagicPacket } from '#daemon/tuners/magic-packet.ts';

const MAC = '00:1d:ec:00:00:01';

test('a magic packet is six times ff and sixteen times the address', (t) => {
  const packet = magicPacket(MAC);
  t.is(packet.length, 102);
  t.is(packet.toString('hex'), `${'ff'.repeat(6)}${'001dec000001'.repeat(16)}`);
  t.deepEqual(magicPacket('00-1D-EC-00-00-01'), packet);
});

for (const wrong of ['', '00:1d:ec:00:00', '00:1d:ec:00:00:zz', '001dec000001']) {
  test(`"${wrong}" is no hardware address`, (t) => void t.throws(() => magicPacket(wrong), { code: 'MAC_INVALID' }));
}

test('it arrives', async (t) => {
  const socket = createSocket('udp4');
  t.teardown(() => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const arrived = once(socket, 'message');
  await sendMagicPacket(MAC, { host: '127.0.0.1', port: socket.address().port });
  t.deepEqual((await arrived)[0], magicPacket(MAC));
});
