import test from 'ava';
import { MAX_PES_HEADER, PES_HEADER_WITH_PTS, parsePesHeader, writePesHeader } from '#shared/mpegts/pes-header.ts';
import type { Pts90k } from '#shared/mpegts/types.ts';
import { type PesFields, pesPacket } from '#test/helpers/ts-builder.ts';

const DATA = Buffer.alloc(50, 0xaa);
const STAMPS = [0, 90_000, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 33 - 1];

const fields = test.macro<[string, PesFields, number]>({
  exec(t, _name, given, headerLength) {
    // Behind other bytes, and in a view with an offset.
    const bytes = Buffer.concat([Buffer.alloc(9, 0xff), pesPacket(given)]).subarray(2);
    t.deepEqual(parsePesHeader(bytes, 7, bytes.length), {
      streamId: given.streamId,
      dataLength: given.packetLength === 0 ? null : given.data.length,
      headerLength,
      pts: (given.pts ?? null) as Pts90k | null,
      dts: (given.dts ?? null) as Pts90k | null,
      dataAlignment: given.aligned ?? false,
      scrambled: (given.scrambling ?? 0) !== 0,
    });
  },
  title: (_, name) => `PES header: ${name}`,
});
test(fields, 'no stamps', { streamId: 0xc0, data: DATA }, 9);
test(fields, 'no stamps but stuffing', { streamId: 0xc0, data: DATA, stuffing: 7 }, 16);
for (const pts of STAMPS) {
  test(fields, `PTS ${pts}`, { streamId: 0xe0, pts, data: DATA, packetLength: 0 }, 14);
  test(
    fields,
    `PTS ${pts} and DTS before it`,
    { streamId: 0xe0, pts, dts: (pts + 2 ** 33 - 3600) % 2 ** 33, data: DATA },
    19,
  );
}
test(fields, 'aligned private data', { streamId: 0xbd, pts: 1, data: DATA, aligned: true, stuffing: 22 }, 36);
test(fields, 'scrambled', { streamId: 0xe0, pts: 1, data: DATA, scrambling: 2 }, 14);
test(fields, 'no data', { streamId: 0xe0, pts: 1, data: Buffer.alloc(0) }, 14);
test(fields, 'the longest header', { streamId: 0xe0, pts: 1, data: DATA, stuffing: 250 }, MAX_PES_HEADER);

test('every byte of the header has to be there', (t) => {
  const bytes = pesPacket({ streamId: 0xe0, pts: 5, dts: 4, stuffing: 3, data: DATA });
  for (let end = 0; end < 22; end++) t.is(parsePesHeader(bytes, 0, end), null, `${end} bytes`);
  t.is(parsePesHeader(bytes, 0, 22)?.pts, 5 as Pts90k);
});

const refused = test.macro<[string, (bytes: Buffer) => void]>({
  exec(t, _name, spoil) {
    const bytes = pesPacket({ streamId: 0xc0, pts: 5, data: DATA });
    t.not(parsePesHeader(bytes, 0, bytes.length), null);
    spoil(bytes);
    t.is(parsePesHeader(bytes, 0, bytes.length), null);
  },
  title: (_, name) => `no PES header: ${name}`,
});
test(refused, 'the start code is broken', (bytes) => bytes.writeUInt8(1, 1));
test(refused, 'the start code has another end', (bytes) => bytes.writeUInt8(0, 2));
test(refused, "'10' is missing, as in MPEG-1", (bytes) => bytes.writeUInt8(0x2f, 6));
test(refused, "'11' in place of '10'", (bytes) => bytes.writeUInt8(0xc4, 6));
test(refused, 'the header is longer than the packet says', (bytes) => bytes.writeUInt16BE(7, 4));

test('a stamp with a broken marker bit is absent, the rest counts', (t) => {
  const bytes = pesPacket({ streamId: 0xe0, pts: 5, dts: 4, data: DATA });
  bytes[9] = (bytes[9] ?? 0) & 0xfe;
  const header = parsePesHeader(bytes, 0, bytes.length);
  t.is(header?.pts, null);
  t.is(header?.dts, 4 as Pts90k);
  t.is(header?.dataLength, DATA.length);
});

test('flags that promise stamps the header has no room for are not believed', (t) => {
  const bytes = pesPacket({ streamId: 0xe0, stuffing: 4, data: DATA });
  bytes[7] = 0xc0;
  t.like(parsePesHeader(bytes, 0, bytes.length), { pts: null, dts: null, headerLength: 13 });
  const withPts = pesPacket({ streamId: 0xe0, pts: 8, data: DATA });
  withPts[7] = 0xc0;
  t.like(parsePesHeader(withPts, 0, withPts.length), { pts: 8 as Pts90k, dts: null });
});

test("the forbidden flags '01' are no stamps", (t) => {
  const bytes = pesPacket({ streamId: 0xe0, pts: 8, data: DATA });
  bytes[7] = 0x40;
  t.like(parsePesHeader(bytes, 0, bytes.length), { pts: null, dts: null });
});

for (const streamId of [0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff]) {
  test(`stream_id 0x${streamId.toString(16)} has no optional header`, (t) => {
    const bytes = Buffer.concat([Buffer.from([0, 0, 1, streamId, 0, 50]), DATA]);
    t.like(parsePesHeader(bytes, 0, bytes.length), { headerLength: 6, dataLength: 50, pts: null });
  });
}

for (const pts of STAMPS) {
  test(`a header with PTS ${pts} is written as the standard draws it`, (t) => {
    const expected = pesPacket({ streamId: 0xc1, pts, data: DATA, aligned: true }).subarray(0, 14);
    const written = Buffer.alloc(16, 0x55);
    t.is(writePesHeader(written, 1, 0xc1, pts as Pts90k, DATA.length), PES_HEADER_WITH_PTS);
    t.deepEqual(written.subarray(1, 15), expected);
    t.deepEqual([written[0], written[15]], [0x55, 0x55]);
  });
}

test('lengths up to the last that fits are written, beyond it the PES is unbounded', (t) => {
  const bytes = Buffer.alloc(14);
  for (const [dataLength, expected] of [
    [0, 0],
    [1, 1],
    [65_527, 65_527],
    [65_528, null],
    [1_000_000, null],
  ] as const) {
    writePesHeader(bytes, 0, 0xe0, 0 as Pts90k, dataLength);
    t.is(parsePesHeader(bytes, 0, 14)?.dataLength, expected);
  }
});
