import test from 'ava';
import { isForbiddenAddress, isMulticastAddress, parseDestination } from '#daemon/hdhomerun/control/target.ts';

test('a target is UDP or RTP to an address and a port', (t) => {
  t.deepEqual(parseDestination('udp://192.168.1.5:5000'), { protocol: 'udp', address: '192.168.1.5', port: 5_000 });
  t.deepEqual(parseDestination('RTP://192.168.1.5:65535'), { protocol: 'rtp', address: '192.168.1.5', port: 65_535 });
  t.deepEqual(parseDestination('192.168.1.5:1234'), { protocol: 'udp', address: '192.168.1.5', port: 1_234 });
});

for (const text of ['', 'none', 'udp://', 'udp://host:1', 'udp://1.2.3.4', 'udp://1.2.3.4:0', 'udp://1.2.3.4:65536']) {
  test(`"${text}" is none`, (t) => t.is(parseDestination(text), null));
}

for (const text of [
  'tcp://1.2.3.4:1',
  'udp://1.2.3.4:1/x',
  'udp://1.2.3.400:1',
  'udp://[::1]:1',
  'udp://1.2.3.4:1 x',
]) {
  test(`"${text}" is none`, (t) => t.is(parseDestination(text), null));
}

test('groups are groups; broadcast and the routers’ own groups are nobody’s target', (t) => {
  t.true(isMulticastAddress('239.1.2.3'));
  t.false(isMulticastAddress('192.168.1.5'));
  t.true(['255.255.255.255', '224.0.0.251', '0.0.0.0'].every(isForbiddenAddress));
  t.false(isForbiddenAddress('239.1.2.3'));
});
