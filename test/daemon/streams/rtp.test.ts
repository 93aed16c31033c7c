import test from 'ava';
import { datagramPayload } from '#daemon/streams/rtp.ts';
import { nullPacket } from '#test/helpers/ts-builder.ts';

const PACKETS = Buffer.concat(Array.from({ length: 7 }, () => nullPacket()));

interface Rtp {
  readonly version?: number;
  readonly csrc?: number;
  readonly extensionWords?: number;
  readonly padding?: number;
}

function rtp({ version = 2, csrc = 0, extensionWords, padding = 0 }: Rtp): Buffer {
  const head = Buffer.alloc(12 + 4 * csrc);
  head[0] = (version << 6) | (padding > 0 ? 0x20 : 0) | (extensionWords === undefined ? 0 : 0x10) | csrc; // V, P, X, CC
  head[1] = 33; // M 0, PT 33: MP2T
  const extension = extensionWords === undefined ? Buffer.alloc(0) : Buffer.alloc(4 + 4 * extensionWords);
  if (extensionWords !== undefined) extension.writeUInt16BE(extensionWords, 2); // length
  const tail = Buffer.alloc(padding);
  if (padding > 0) tail[padding - 1] = padding;
  return Buffer.concat([head, extension, PACKETS, tail]);
}

test('plain packets are taken as they are', (t) => {
  t.is(datagramPayload(PACKETS), PACKETS);
});

const FORMS: readonly Rtp[] = [{}, { csrc: 3 }, { extensionWords: 0 }, { extensionWords: 2, csrc: 1 }, { padding: 4 }];
for (const form of FORMS) {
  test(`RTP ${JSON.stringify(form)} is taken off`, (t) => {
    t.deepEqual(datagramPayload(rtp(form)), PACKETS);
  });
}

const OTHERS: readonly (readonly [string, Buffer])[] = [
  ['nothing', Buffer.alloc(0)],
  ['RTP of another version', rtp({ version: 1 })],
  ['a header alone', rtp({}).subarray(0, 12)],
  ['half a header', rtp({}).subarray(0, 7)],
  ['an extension that ends beyond the datagram', rtp({ extensionWords: 2 }).subarray(0, 14)],
  ['padding longer than the datagram', Buffer.concat([Buffer.from([0xa0]), Buffer.alloc(20, 0xff)])],
  ['RTP of something else', Buffer.concat([rtp({}).subarray(0, 12), Buffer.from('hello, world')])],
];
for (const [what, bytes] of OTHERS) {
  test(`${what} is no transport stream`, (t) => {
    t.is(datagramPayload(bytes), null);
  });
}
