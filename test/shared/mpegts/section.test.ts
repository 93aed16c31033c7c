import test from 'ava';
import {
  buildSection,
  MAX_SECTION,
  packetizeSection,
  parseSectionHeader,
  SectionAssembler,
  type SectionFault,
} from '#shared/mpegts/section.ts';
import { asPid, asSectionVersion } from '#shared/mpegts/types.ts';
import { packet, patSection, section, sectionPackets } from '#test/helpers/ts-builder.ts';

const PID = 0x100;

function assemble(packets: readonly Buffer[]) {
  const sections: Buffer[] = [];
  const faults: SectionFault[] = [];
  const assembler = new SectionAssembler(
    (view) => sections.push(Buffer.from(view)),
    (fault) => faults.push(fault),
  );
  // One buffer for all of them, and not from its start: nothing may be kept as a view.
  const room = Buffer.alloc(2 * 188);
  for (const bytes of packets) {
    bytes.copy(room, 188);
    assembler.pushPacket(room, 188);
  }
  return { sections, faults };
}

function body(length: number, seed = 1): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 31 + seed) & 0xff));
}

/** A section of `size` bytes in all. */
function sized(size: number, seed = 1): Buffer {
  return section({ tableId: 0x02, extension: seed, body: body(size - 12, seed) });
}

test('the head of a section is read field by field', (t) => {
  const bytes = section({
    tableId: 0x42,
    extension: 0xfedc,
    version: 31,
    current: false,
    number: 7,
    lastNumber: 255,
    body: Buffer.alloc(3),
  });
  t.deepEqual(parseSectionHeader(bytes), {
    tableId: 0x42,
    extension: 0xfedc,
    version: asSectionVersion(31),
    current: false,
    number: 7,
    lastNumber: 255,
  });
});

test('short sections and scraps have no head', (t) => {
  const short = Buffer.from(patSection({ programs: [[1, 0x100]] }));
  short[1] = (short[1] ?? 0) & 0x7f; // section_syntax_indicator 0
  t.is(parseSectionHeader(short), null);
  t.is(parseSectionHeader(patSection({ programs: [] }).subarray(0, 11)), null);
  t.is(parseSectionHeader(Buffer.alloc(0)), null);
});

test('a section is built as the standard draws it', (t) => {
  const version = asSectionVersion(21);
  const header = { tableId: 2, extension: 0x1234, version, current: true, number: 1, lastNumber: 3 };
  const expected = section({ ...header, body: body(40) });
  t.deepEqual(buildSection(header, body(40), false), expected);
  const dvb = buildSection(header, body(40), true);
  t.is(dvb[1], (expected[1] ?? 0) | 0x40, 'DVB tables set the bit after section_syntax_indicator');
});

const SIZES = [12, 100, 182, 183, 184, 185, 256, 259, 300, 366, 367, 368, 1024, 4095, MAX_SECTION];

for (const size of SIZES) {
  test(`a section of ${size} bytes comes out of its packets as it went in`, (t) => {
    const bytes = sized(size);
    const packets = packetizeSection(bytes, asPid(PID), 13);
    t.is(packets.length % 188, 0);
    const cut = Array.from({ length: packets.length / 188 }, (_, i) => packets.subarray(i * 188, i * 188 + 188));
    t.true(packets.equals(Buffer.concat(sectionPackets(PID, bytes, 13))), 'and is cut as the standard says');
    const { sections, faults } = assemble(cut);
    t.deepEqual(faults, []);
    t.is(sections.length, 1);
    t.true(sections[0]?.equals(bytes));
  });
}

/** Packets whose payload is cut short by stuffing, so that the section is split where wanted. */
function splitAt(bytes: Buffer, at: number): Buffer[] {
  const first = Buffer.concat([Buffer.from([0]), bytes.subarray(0, at)]);
  const packets = [packet({ pid: PID, payloadStart: true, counter: 0, payload: first })];
  for (let from = at; from < bytes.length; ) {
    const payload = bytes.subarray(from, from + 184);
    packets.push(packet({ pid: PID, counter: packets.length, payload }));
    from += payload.length;
  }
  return packets;
}

test('a section may be split between two packets at every byte', (t) => {
  const bytes = sized(180);
  for (let at = 0; at <= bytes.length; at++) {
    const { sections, faults } = assemble(splitAt(bytes, at));
    t.deepEqual(faults, [], `split at ${at}`);
    t.true(sections.length === 1 && sections[0]?.equals(bytes), `split at ${at}`);
  }
});

test('the next section may begin at every byte of a packet', (t) => {
  const first = sized(250, 1);
  const second = sized(60, 2);
  for (let tail = 1; tail <= 183; tail++) {
    // The first packet carries all but `tail` bytes; the second has those behind pointer_field, then the next section.
    const packets = [];
    const early = first.subarray(0, first.length - tail);
    packets.push(
      packet({
        pid: PID,
        payloadStart: true,
        counter: 0,
        payload: Buffer.concat([Buffer.of(0), early.subarray(0, 180)]),
      }),
    );
    if (early.length > 180) packets.push(packet({ pid: PID, counter: packets.length, payload: early.subarray(180) }));
    const rest = Buffer.concat([Buffer.of(tail), first.subarray(first.length - tail), second]);
    packets.push(packet({ pid: PID, payloadStart: true, counter: packets.length, payload: rest.subarray(0, 184) }));
    if (rest.length > 184) packets.push(packet({ pid: PID, counter: packets.length, payload: rest.subarray(184) }));
    const { sections, faults } = assemble(packets);
    t.deepEqual(faults, [], `pointer_field ${tail}`);
    t.deepEqual(
      sections.map((bytes) => bytes.length),
      [250, 60],
      `pointer_field ${tail}`,
    );
    t.true(sections[1]?.equals(second));
  }
});

test('several sections in one packet all come out', (t) => {
  const all = [sized(20, 1), sized(31, 2), sized(12, 3), sized(40, 4)];
  const { sections, faults } = assemble(sectionPackets(PID, Buffer.concat(all)));
  t.deepEqual(faults, []);
  t.is(sections.length, 4);
  t.true(sections.every((bytes, index) => bytes.equals(all[index] ?? Buffer.alloc(0))));
});

test('sections that fill their packet to the last byte are not followed by anything', (t) => {
  const { sections, faults } = assemble([
    ...sectionPackets(PID, sized(183, 1), 0),
    ...sectionPackets(PID, sized(183, 2), 1),
  ]);
  t.deepEqual(faults, []);
  t.is(sections.length, 2);
});

test('a packet from the middle of a section says nothing', (t) => {
  const [, second, third] = sectionPackets(PID, sized(400));
  if (second === undefined || third === undefined) return t.fail('three packets expected');
  const { sections, faults } = assemble([second, third, ...sectionPackets(PID, sized(20), 3)]);
  t.deepEqual(faults, []);
  t.is(sections.length, 1);
});

test('a packet sent twice changes nothing', (t) => {
  const packets = sectionPackets(PID, sized(400)).flatMap((bytes) => [bytes, bytes]);
  const { sections, faults } = assemble(packets);
  t.deepEqual(faults, []);
  t.is(sections.length, 1);
});

test('a lost packet costs the section it belonged to, and is told', (t) => {
  const packets = [...sectionPackets(PID, sized(400, 1), 0), ...sectionPackets(PID, sized(400, 2), 3)];
  packets.splice(1, 1);
  const { sections, faults } = assemble(packets);
  t.deepEqual(faults, ['gap']);
  t.is(sections.length, 1);
});

test('packets with an adaptation field only do not disturb', (t) => {
  const packets = sectionPackets(PID, sized(300));
  packets.splice(1, 0, packet({ pid: PID, counter: 0, adaptation: { pcr: 1 } }));
  const { sections, faults } = assemble(packets);
  t.deepEqual(faults, []);
  t.is(sections.length, 1);
});

test('a wrong CRC is told and the section is not delivered', (t) => {
  const bad = section({ tableId: 2, body: body(20), badCrc: true });
  const { sections, faults } = assemble([...sectionPackets(PID, bad), ...sectionPackets(PID, sized(30), 1)]);
  t.deepEqual(faults, ['crc']);
  t.is(sections.length, 1);
});

test('each single wrong bit of a section is noticed', (t) => {
  const good = patSection({ programs: [[1, 0x100]] });
  for (let bit = 24; bit < good.length * 8; bit++) {
    const spoilt = Buffer.from(good);
    spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7));
    t.deepEqual(assemble(sectionPackets(PID, spoilt)), { sections: [], faults: ['crc'] }, `bit ${bit}`);
  }
});

test('a pointer_field past the end of the packet is told', (t) => {
  const payload = Buffer.concat([Buffer.of(184), Buffer.alloc(183, 0)]);
  const { sections, faults } = assemble([packet({ pid: PID, payloadStart: true, payload })]);
  t.deepEqual(faults, ['pointer']);
  t.deepEqual(sections, []);
});

test('a pointer_field onto the very end lets the section begin in the next packet', (t) => {
  const payload = Buffer.concat([Buffer.of(183), Buffer.alloc(183, 0xff)]);
  const packets = [
    packet({ pid: PID, payloadStart: true, counter: 0, payload }),
    packet({ pid: PID, counter: 1, payload: sized(100) }),
  ];
  t.is(assemble(packets).sections.length, 1);
});

test('a section cut off by the start of the next one is told', (t) => {
  const [first] = sectionPackets(PID, sized(400, 1));
  if (first === undefined) return t.fail('a packet expected');
  const { sections, faults } = assemble([first, ...sectionPackets(PID, sized(30, 2), 1)]);
  t.deepEqual(faults, ['length']);
  t.is(sections.length, 1);
});

test('a long section too short for its own head is told', (t) => {
  const tiny = Buffer.from([0x02, 0xb0, 0x05, 0, 0, 0, 0, 0]);
  t.deepEqual(assemble(sectionPackets(PID, tiny)), { sections: [], faults: ['length'] });
});

test('short sections, such as the TDT, are passed over', (t) => {
  const tdt = Buffer.from('70700559c5123456', 'hex');
  const { sections, faults } = assemble(sectionPackets(PID, Buffer.concat([tdt, sized(30)])));
  t.deepEqual(faults, []);
  t.is(sections.length, 1);
});

test('an adaptation field that claims more than the packet has is no payload', (t) => {
  const [bytes] = sectionPackets(PID, sized(30));
  if (bytes === undefined) return t.fail('a packet expected');
  bytes[3] = 0x30;
  bytes[4] = 200;
  t.deepEqual(assemble([bytes]), { sections: [], faults: [] });
});

test('after a reset a section in work is forgotten and any counter will do', (t) => {
  const sections: number[] = [];
  const faults: SectionFault[] = [];
  const assembler = new SectionAssembler(
    (bytes) => sections.push(bytes.length),
    (fault) => faults.push(fault),
  );
  const [first, second] = sectionPackets(PID, sized(300));
  if (first === undefined || second === undefined) return t.fail('two packets expected');
  assembler.pushPacket(first, 0);
  assembler.reset();
  assembler.pushPacket(second, 0);
  for (const bytes of sectionPackets(PID, sized(20), 9)) assembler.pushPacket(bytes, 0);
  t.deepEqual(sections, [20]);
  t.deepEqual(faults, []);
});

test('hostile payloads of every pointer_field and length never throw and never deliver', (t) => {
  for (let pointer = 0; pointer < 256; pointer++) {
    for (const length of [0, 1, 8, 9, 0x7ff, 0xffd, 0xfff]) {
      const payload = Buffer.alloc(184, 0x5a);
      payload[0] = pointer;
      const at = 1 + pointer;
      if (at + 2 < 184) payload.writeUInt16BE(0xb000 | length, at + 1);
      const packets = Array.from({ length: 25 }, (_, index) =>
        packet({ pid: PID, payloadStart: index === 0, counter: index, payload }),
      );
      t.deepEqual(assemble(packets).sections, []);
    }
  }
});
