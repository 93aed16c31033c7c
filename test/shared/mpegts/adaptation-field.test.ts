import test from 'ava';
import {
  hasDiscontinuityIndicator,
  hasPcr,
  hasRandomAccessIndicator,
  pcrAt,
  setDiscontinuityIndicator,
  writePcr,
  writePcrPacket,
  writeStuffingField,
} from '#shared/mpegts/adaptation-field.ts';
import { payloadOffset, pidAt, writePacketHeader } from '#shared/mpegts/packet.ts';
import { asPid, type Pcr27m } from '#shared/mpegts/types.ts';
import { packet } from '#test/helpers/ts-builder.ts';

const PCR_EDGES = [
  0,
  299,
  300,
  27_000_000,
  2 ** 31 * 300,
  2 ** 31,
  2 ** 32 * 300 + 299,
  2 ** 32 * 300,
  (2 ** 33 - 1) * 300,
  2 ** 33 * 300 - 1,
];

const wire = test.macro<[number]>({
  exec(t, pcr) {
    const expected = packet({ pid: 0x100, counter: 3, adaptation: { pcr } });
    t.is(pcrAt(expected, 0), pcr as Pcr27m);
    const written = Buffer.alloc(3 * 188, 0x55);
    writePcrPacket(written, 188, asPid(0x100), 3, pcr as Pcr27m, false);
    t.deepEqual(written.subarray(188, 376), expected);
    t.true(written.subarray(0, 188).every((byte) => byte === 0x55));
    t.true(written.subarray(376).every((byte) => byte === 0x55));
  },
  title: (_, pcr) => `a PCR of ${pcr} is read and written as the standard draws it`,
});
for (const pcr of PCR_EDGES) test(wire, pcr);

test('a PCR behind an offset, in a view with an offset', (t) => {
  const all = Buffer.concat([Buffer.alloc(7), Buffer.alloc(188), packet({ pid: 1, adaptation: { pcr: 2 ** 40 } })]);
  t.is(pcrAt(all.subarray(7), 188), (2 ** 40) as Pcr27m);
});

test('a PCR is overwritten in place and nothing else', (t) => {
  const bytes = packet({ pid: 1, adaptation: { pcr: 5, randomAccess: true }, payload: Buffer.alloc(100, 0xaa) });
  writePcr(bytes, 0, (2 ** 33 * 300 - 1) as Pcr27m);
  const adaptation = { pcr: 2 ** 33 * 300 - 1, randomAccess: true };
  t.deepEqual(bytes, packet({ pid: 1, adaptation, payload: Buffer.alloc(100, 0xaa) }));
});

test('a PCR packet can announce a discontinuity', (t) => {
  const bytes = Buffer.alloc(188);
  writePcrPacket(bytes, 0, asPid(5), 0, 7 as Pcr27m, true);
  t.true(hasDiscontinuityIndicator(bytes, 0));
  t.is(pcrAt(bytes, 0), 7 as Pcr27m);
});

test('the flags are told apart', (t) => {
  const payload = Buffer.alloc(20);
  const read = (bytes: Buffer) => [
    hasDiscontinuityIndicator(bytes, 0),
    hasRandomAccessIndicator(bytes, 0),
    hasPcr(bytes, 0),
  ];
  t.deepEqual(read(packet({ pid: 1, adaptation: { discontinuity: true }, payload })), [true, false, false]);
  t.deepEqual(read(packet({ pid: 1, adaptation: { randomAccess: true }, payload })), [false, true, false]);
  t.deepEqual(read(packet({ pid: 1, adaptation: { pcr: 0 }, payload })), [false, false, true]);
  t.deepEqual(read(packet({ pid: 1, adaptation: {}, payload })), [false, false, false]);
});

test('payload bytes are never taken for flags', (t) => {
  const bytes = packet({ pid: 1, payload: Buffer.alloc(184, 0xff) });
  t.false(hasDiscontinuityIndicator(bytes, 0));
  t.false(hasRandomAccessIndicator(bytes, 0));
  t.false(hasPcr(bytes, 0));
  t.is(pcrAt(bytes, 0), null);
});

test('an adaptation field of length 0 has no flags, whatever follows it', (t) => {
  const bytes = packet({ pid: 1, payload: Buffer.alloc(183, 0xff) });
  t.is(bytes[4], 0);
  t.false(hasDiscontinuityIndicator(bytes, 0));
  t.false(hasPcr(bytes, 0));
});

test('a PCR_flag in a field too short for a PCR is no PCR', (t) => {
  for (let length = 1; length < 7; length++) {
    const bytes = packet({ pid: 1, payload: Buffer.alloc(183 - length, 0xff) });
    bytes[5] = 0x10;
    t.is(bytes[4], length);
    t.false(hasPcr(bytes, 0));
    t.is(pcrAt(bytes, 0), null);
  }
});

test('stuffing of every length leaves just the payload that was meant', (t) => {
  for (let length = 0; length <= 182; length++) {
    const bytes = Buffer.alloc(188, 0xaa);
    writePacketHeader(bytes, 0, asPid(9), false, 3, 0);
    writeStuffingField(bytes, 0, length);
    t.is(payloadOffset(bytes, 0), 5 + length);
    t.is(pidAt(bytes, 0), asPid(9));
    t.true(bytes.subarray(5 + length).every((byte) => byte === 0xaa));
    t.false(hasPcr(bytes, 0));
    if (length > 1) t.true(bytes.subarray(6, 5 + length).every((byte) => byte === 0xff));
  }
});

test('discontinuity_indicator is set where there is room for it, and only there', (t) => {
  const roomy = packet({ pid: 1, adaptation: { randomAccess: true }, payload: Buffer.alloc(20) });
  t.true(setDiscontinuityIndicator(roomy, 0));
  t.true(hasDiscontinuityIndicator(roomy, 0));
  t.true(hasRandomAccessIndicator(roomy, 0), 'the other flags stay');

  for (const length of [184, 183]) {
    const full = packet({ pid: 1, payload: Buffer.alloc(length, 0xaa) });
    const before = Buffer.from(full);
    t.false(setDiscontinuityIndicator(full, 0));
    t.deepEqual(full, before, 'a packet without room is left as it is');
  }
});
