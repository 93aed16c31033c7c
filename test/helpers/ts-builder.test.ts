import test from 'ava';
import { decodeErrors, probe } from './ffprobe.ts';
import {
  descriptor,
  nullPacket,
  packet,
  patSection,
  pesPacket,
  pmtSection,
  referenceCrc32,
  sectionPackets,
  sectionPayloads,
  TsWriter,
  timestampBytes,
} from './ts-builder.ts';

test('packets are 188 bytes, whatever they carry', (t) => {
  const sizes = [0, 1, 176, 182, 183, 184].map((size) => packet({ pid: 1, payload: Buffer.alloc(size) }).length);
  t.deepEqual([...new Set([...sizes, packet({ pid: 1 }).length, nullPacket().length])], [188]);
  t.throws(() => packet({ pid: 1, payload: Buffer.alloc(185) }));
  t.throws(() => packet({ pid: 1, adaptation: { pcr: 1 }, payload: Buffer.alloc(177) }));
});

test('known bytes: a PCR packet, a time stamp, a PAT', (t) => {
  t.is(
    packet({ pid: 0x1ff, counter: 5, adaptation: { pcr: 90_000 * 300 + 7 } }).toString('hex', 0, 13),
    '4701ff25b7100000afc87e07ff',
  );
  t.is(timestampBytes(2, 90_000).toString('hex'), '210005bf21');
  t.is(patSection({ programs: [[1, 0x1000]] }).toString('hex'), '00b00d0001c100000001f0002ab104b2');
  t.is(referenceCrc32(Buffer.from('123456789')), 0x0376e6e7);
});

test('a section longer than a packet is spread, only the first packet with a pointer_field', (t) => {
  const payloads = sectionPayloads(Buffer.alloc(200, 0xaa));
  t.deepEqual(
    payloads.map((payload) => payload.length),
    [184, 184],
  );
  t.deepEqual([payloads[0]?.[0], payloads[1]?.[0], payloads[1]?.[17]], [0, 0xaa, 0xff]);
  const [first, second] = sectionPackets(0x20, Buffer.alloc(200), 15);
  t.deepEqual([first?.[1], second?.[1], first?.[3], second?.[3]], [0x40, 0x00, 0x1f, 0x10]);
});

test('a writer keeps the counters of each PID', (t) => {
  const writer = new TsWriter();
  const counters = (pid: number) =>
    writer.packets.filter((one) => (one.readUInt16BE(1) & 0x1fff) === pid).map((one) => (one[3] ?? 0) & 15);
  for (let round = 0; round < 17; round++) writer.packet({ pid: 1, payload: Buffer.alloc(1) });
  writer.packet({ pid: 2, payload: Buffer.alloc(1) });
  writer.packet({ pid: 1 });
  writer.lose(1, 2);
  writer.packet({ pid: 1, payload: Buffer.alloc(1) });
  t.deepEqual(counters(1).slice(-4), [15, 0, 0, 3]);
  t.deepEqual(counters(2), [0]);
});

test('what the writer gives back is part of the stream', (t) => {
  const writer = new TsWriter();
  writer.packet({ pid: 1, payload: Buffer.alloc(184) }).fill(0x00, 0, 1);
  t.is(writer.bytes()[0], 0x00);
});

test('a PES spreads over packets and comes together again', (t) => {
  const data = Buffer.from(Uint8Array.from({ length: 1000 }, (_, index) => index & 0xff));
  const writer = new TsWriter();
  const packets = writer.pes(0x100, { streamId: 0xe0, pts: 5, data, packetLength: 0 }, { pcr: 3, randomAccess: true });
  const payloads = packets.map((one) => one.subarray((one[3] ?? 0) & 0x20 ? 5 + (one[4] ?? 0) : 4));
  t.true(Buffer.concat(payloads).equals(pesPacket({ streamId: 0xe0, pts: 5, data, packetLength: 0 })));
  t.deepEqual(
    packets.map((one) => ((one[1] ?? 0) & 0x40) !== 0),
    packets.map((_, index) => index === 0),
  );
});

test('ffprobe reads a programme made of such parts', async (t) => {
  const writer = new TsWriter();
  // MPEG-1 layer II, 48 kHz, 192 kbit/s, stereo: a frame of 576 bytes that decodes to silence.
  const frame = Buffer.concat([Buffer.from([0xff, 0xfd, 0xa4, 0x00]), Buffer.alloc(572)]);
  for (let index = 0; index < 120; index++) {
    if (index % 4 === 0) {
      writer.section(0, patSection({ programs: [[0x283d, 0x64]] }));
      const streams = [{ type: 0x03, pid: 0x100, descriptors: descriptor(0x0a, 'deu', 0) }];
      writer.section(0x64, pmtSection({ program: 0x283d, pcrPid: 0x100, streams }));
    }
    const pts = 90_000 + index * 2160;
    writer.pes(0x100, { streamId: 0xc0, pts, data: frame, aligned: true }, { pcr: (pts - 45_000) * 300 });
  }
  const { programs, streams } = await probe(writer.bytes());
  t.like(programs, [{ program_id: 0x283d, pmt_pid: 0x64, pcr_pid: 0x100 }]);
  t.like(streams, [{ id: '0x100', codec_name: 'mp2', sample_rate: 48_000, channels: 2, start_pts: 90_000 }]);
  t.is(streams[0]?.tags?.['language'], 'deu');
  t.deepEqual(await decodeErrors(writer.bytes()), []);
});
