import test from 'ava';
import { addressFor, announcedAddresses, type LocalAddress } from '#daemon/hdhomerun/discovery/network-interfaces.ts';

function address(interfaceName: string, cidr: string, fields: Partial<LocalAddress> = {}): LocalAddress {
  const [bare = ''] = cidr.split('/');
  return {
    interfaceName,
    family: bare.includes(':') ? 6 : 4,
    address: bare,
    cidr,
    internal: false,
    scope: 0,
    ...fields,
  };
}

const ALL = [
  address('lo', '127.0.0.1/8', { internal: true }),
  address('eth0', '192.168.1.5/24'),
  address('eth0', 'fe80::1/64', { scope: 2 }),
  address('eth0', 'fd00::5/64'),
  address('wlan0', '192.168.2.5/24'),
  address('wlan0', 'fe80::2/64', { scope: 3 }),
  address('docker0', '172.17.0.1/16'),
  address('br-0123456789ab', '172.18.0.1/16'),
  address('veth1a2b3c4', '169.254.3.4/16'),
];

test('a client is given the address that lies in its own network', (t) => {
  t.is(addressFor('192.168.1.77', ALL), '192.168.1.5');
  t.is(addressFor('192.168.2.77', ALL), '192.168.2.5');
  t.is(addressFor('::ffff:192.168.2.77', ALL), '192.168.2.5');
  t.is(addressFor('172.17.0.9', ALL), '172.17.0.1', 'a container has its own way here');
  t.is(addressFor('127.0.0.1', ALL), '127.0.0.1');
  t.is(addressFor('fd00::77', ALL), 'fd00::5');
  t.is(addressFor('10.1.2.3', ALL), null, 'behind a router');
});

test('a client with a link-local address is given one that a URL can be made of', (t) => {
  t.is(addressFor('fe80::77%eth0', ALL), 'fd00::5');
  t.is(addressFor('fe80::77%wlan0', ALL), '192.168.2.5');
  t.is(addressFor('fe80::77%3', ALL), '192.168.2.5', 'the zone as a number');
});

test('it is announced on real networks: not on loopback, not on bridges of containers', (t) => {
  const names = announcedAddresses([], ALL).map(({ interfaceName }) => interfaceName);
  t.deepEqual([...new Set(names)], ['eth0', 'wlan0']);
});

test('named interfaces count, whatever they are', (t) => {
  t.deepEqual(
    announcedAddresses(['docker0', 'gone'], ALL).map((one) => one.address),
    ['172.17.0.1'],
  );
});
