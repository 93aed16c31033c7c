import test from 'ava';
import {
  asksForTuner,
  type DiscoverRequest,
  encodeDiscoverReply,
  parseDiscoverRequest,
} from '#daemon/hdhomerun/wire/discover.ts';
import { encodePacket, PACKET_TYPE } from '#daemon/hdhomerun/wire/packet.ts';

const OURS = 0x1050_a5c0;

/** Requests as clients send them: the bytes are the contract. */
const REQUESTS: readonly {
  readonly what: string;
  readonly bytes: string;
  readonly request: DiscoverRequest;
  readonly isForUs: boolean;
}[] = [
  {
    what: 'Jellyfin: any type, any id',
    bytes: '0002000c0104ffffffff0204ffffffff73cc7d8f',
    request: { types: [0xffff_ffff], deviceId: null },
    isForUs: true,
  },
  {
    what: 'the older library: a tuner, any id',
    bytes: '0002000c0104000000010204ffffffff4e507f35',
    request: { types: [1], deviceId: null },
    isForUs: true,
  },
  {
    what: 'the newer library: several types in one tag, no id',
    bytes: '0002000a2d0800000001000000054f63391f',
    request: { types: [1, 5], deviceId: null },
    isForUs: true,
  },
  {
    what: 'the newer library: one type, no id',
    bytes: '00020006010400000001393077e7',
    request: { types: [1], deviceId: null },
    isForUs: true,
  },
  {
    what: 'our id',
    bytes: '0002000c01040000000102041050a5c09e83759f',
    request: { types: [1], deviceId: OURS },
    isForUs: true,
  },
  {
    what: "somebody else's id",
    bytes: '0002000c01040000000102041251e8e28e5109a4',
    request: { types: [1], deviceId: 0x1251_e8e2 },
    isForUs: false,
  },
  {
    what: 'a storage device',
    bytes: '0002000601040000000520f41ae0',
    request: { types: [5], deviceId: null },
    isForUs: false,
  },
  {
    what: 'no type at all',
    bytes: '000200060204ffffffffe2525fc8',
    request: { types: [], deviceId: null },
    isForUs: false,
  },
  {
    what: 'tags that nobody knows, and our type',
    bytes: '0002000b7f03aabbcc010400000001fd0cb279',
    request: { types: [1], deviceId: null },
    isForUs: true,
  },
];

for (const { what, bytes, request, isForUs } of REQUESTS) {
  test(`asked for: ${what}`, (t) => {
    const parsed = parseDiscoverRequest(Buffer.from(bytes, 'hex'));
    t.deepEqual(parsed, request);
    t.is(parsed !== null && asksForTuner(parsed, OURS), isForUs);
  });
}

test('a reply, a get and noise are no requests', (t) => {
  for (const type of [PACKET_TYPE.discoverReply, PACKET_TYPE.getSetRequest, 0, 0xffff]) {
    t.is(parseDiscoverRequest(encodePacket(type, Buffer.from('010400000001', 'hex'))), null);
  }
  t.is(parseDiscoverRequest(Buffer.from('M-SEARCH * HTTP/1.1')), null);
  t.is(parseDiscoverRequest(Buffer.alloc(0)), null);
});

test('the reply, byte by byte', (t) => {
  const reply = encodeDiscoverReply({
    deviceId: OURS,
    tunerCount: 4,
    deviceAuth: 'xg2g',
    baseUrl: 'http://10.0.0.5:8080',
    lineupUrl: 'http://10.0.0.5:8080/lineup.json',
  });
  const payload = [
    '0104 00000001', // device type: tuner
    '0204 1050a5c0', // device id
    '1001 04', // tuner count
    '2b04 78673267', // device auth, no zero byte
    `2a14 ${Buffer.from('http://10.0.0.5:8080').toString('hex')}`, // base URL
    `2720 ${Buffer.from('http://10.0.0.5:8080/lineup.json').toString('hex')}`, // lineup URL
  ]
    .join('')
    .replaceAll(' ', '');
  t.is(reply.subarray(0, 4).toString('hex'), `0003${(payload.length / 2).toString(16).padStart(4, '0')}`);
  t.is(reply.subarray(4, -4).toString('hex'), payload);
});
