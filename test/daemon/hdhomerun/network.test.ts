import test from 'ava';
import { Variables } from '#daemon/hdhomerun/control/variables.ts';
import type { LocalAddress } from '#daemon/hdhomerun/discovery/network-interfaces.ts';
import { HdhomerunNetwork, type NetworkOptions } from '#daemon/hdhomerun/network.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { testFace } from '../support/hdhomerun-face.ts';
import { readyLineup } from '../support/running-app.ts';

const ADDRESSES: LocalAddress[] = [
  { interfaceName: 'lo', family: 4, address: '127.0.0.1', cidr: '127.0.0.1/8', internal: true, scope: 0 },
  { interfaceName: 'eth0', family: 4, address: '192.168.178.20', cidr: '192.168.178.20/24', internal: false, scope: 0 },
  { interfaceName: 'eth1', family: 4, address: '10.0.0.5', cidr: '10.0.0.5/8', internal: false, scope: 0 },
  { interfaceName: 'eth1', family: 6, address: 'fd00::5', cidr: 'fd00::5/64', internal: false, scope: 0 },
];

/** What clients are told by UDP, without a network. */
function network(changes: Partial<NetworkOptions> = {}): (client: string) => string[] {
  const access = { allowsAnonymous: () => true };
  const face = testFace(readyLineup([]), {
    further: [
      { name: 'A device with a path only', bouquets: [], tuners: 0, port: null },
      { name: 'Port', bouquets: [], tuners: 0, port: 8081 },
    ],
  });
  const made = new HdhomerunNetwork({
    face,
    variables: new Variables({ face, access, tuner: () => null }),
    access,
    http: { host: null, port: 8080 },
    publicUrl: () => null,
    discovery: true,
    ssdp: false,
    mdns: false,
    interfaces: [],
    openPort: async () => ({ close: () => undefined }),
    version: '1',
    logger: createSilentLogger(),
    addresses: () => ADDRESSES,
    ...changes,
  });
  return (client) => made.repliesFor(client).map(({ baseUrl }) => baseUrl);
}

test('each client is told the address in its own network; a device without a port of its own is not told of', (t) => {
  const told = network();
  t.deepEqual(told('192.168.178.77'), ['http://192.168.178.20:8080', 'http://192.168.178.20:8081']);
  t.deepEqual(told('10.1.2.3'), ['http://10.0.0.5:8080', 'http://10.0.0.5:8081']);
  t.deepEqual(told('fd00::9'), ['http://[fd00::5]:8080', 'http://[fd00::5]:8081']);
  t.deepEqual(told('127.0.0.1'), ['http://127.0.0.1:8080', 'http://127.0.0.1:8081']);
  t.deepEqual(told('172.16.0.9'), ['http://192.168.178.20:8080', 'http://192.168.178.20:8081'], 'through a router');
});

test('where HTTP listens on one address, nobody is sent to another', (t) => {
  const told = network({ http: { host: '10.0.0.5', port: 8080 } });
  t.deepEqual(told('10.1.2.3')[0], 'http://10.0.0.5:8080');
  t.deepEqual(told('192.168.178.77'), []);
});

test('a public URL is what clients are told, ports of devices stay', (t) => {
  const told = network({ publicUrl: () => 'https://tv.example.org/xg2g' });
  t.deepEqual(told('10.1.2.3'), ['https://tv.example.org/xg2g', 'http://10.0.0.5:8081']);
});
