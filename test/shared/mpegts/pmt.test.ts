import test from 'ava';
import { parseDescriptors } from '#shared/mpegts/descriptors.ts';
import { buildPmt, fitPmt, type Pmt, parsePmt } from '#shared/mpegts/pmt.ts';
import { asPid, asProgramNumber, asSectionVersion, asStreamType } from '#shared/mpegts/types.ts';
import { descriptor, type PmtFields, pmtSection, section } from '#test/helpers/ts-builder.ts';

/** What the fields of the builder are in our own terms. */
function expectedPmt(fields: PmtFields): Pmt {
  const loop = (bytes: Uint8Array = Buffer.alloc(0)) => parseDescriptors(bytes, 0, bytes.length);
  return {
    program: asProgramNumber(fields.program),
    pcrPid: asPid(fields.pcrPid),
    descriptors: loop(fields.descriptors),
    streams: fields.streams.map((stream) => ({
      streamType: asStreamType(stream.type),
      pid: asPid(stream.pid),
      descriptors: loop(stream.descriptors),
    })),
  };
}

const GERMAN = descriptor(0x0a, 'deu', 0);
const AC3 = Buffer.concat([descriptor(0x6a, 0x40, 4), descriptor(0x05, 'AC-3'), descriptor(0x0a, 'eng', 3)]);

const CASES: readonly (readonly [string, PmtFields])[] = [
  ['no stream and no PCR', { program: 1, pcrPid: 0x1fff, streams: [] }],
  [
    'video and sound',
    {
      program: 0x283d,
      pcrPid: 0x1ff,
      streams: [
        { type: 0x1b, pid: 0x1ff },
        { type: 0x03, pid: 0x200, descriptors: GERMAN },
        { type: 0x06, pid: 0x201, descriptors: AC3 },
      ],
    },
  ],
  [
    'programme descriptors',
    {
      program: 0xffff,
      pcrPid: 0x1ffe,
      descriptors: Buffer.concat([descriptor(0x09, 0x18, 0x43, 0xe1, 0x23), descriptor(0x05, 'HDMV')]),
      streams: [{ type: 0x24, pid: 0x1ffe }],
    },
  ],
  [
    'unknown stream types and reserved descriptors',
    {
      program: 3,
      pcrPid: 0x100,
      streams: [
        { type: 0x00, pid: 0x101, descriptors: descriptor(0x00) },
        { type: 0x7f, pid: 0x102, descriptors: descriptor(0x01, 1, 2, 3) },
        { type: 0xff, pid: 0x103, descriptors: descriptor(0xff, 'x'.repeat(255)) },
      ],
    },
  ],
  [
    'more than 255 bytes',
    {
      program: 4,
      pcrPid: 0x100,
      streams: Array.from({ length: 40 }, (_, index) => ({ type: 0x04, pid: 0x200 + index, descriptors: AC3 })),
    },
  ],
  [
    '1,024 bytes, the most there may be',
    {
      program: 5,
      pcrPid: 0x100,
      descriptors: Buffer.concat([descriptor(0x80, 'p'.repeat(255)), descriptor(0x80, 'p'.repeat(255))]),
      streams: [
        { type: 0x1b, pid: 0x100, descriptors: descriptor(0x80, 'e'.repeat(255)) },
        { type: 0x03, pid: 0x101, descriptors: descriptor(0x80, 'e'.repeat(225)) },
      ],
    },
  ],
];

for (const [name, fields] of CASES) {
  test(`a PMT with ${name} is written and read as the standard draws it`, (t) => {
    const bytes = pmtSection({ ...fields, version: 19 });
    t.true(buildPmt(expectedPmt(fields), asSectionVersion(19)).equals(bytes));
    const { header, ...pmt } = parsePmt(bytes) ?? {};
    t.is(header?.version, asSectionVersion(19));
    t.deepEqual(pmt, expectedPmt(fields));
  });
}

test('the cases reach past a length of one byte and up to the limit', (t) => {
  const sizes = CASES.map(([, fields]) => pmtSection(fields).length);
  t.true((sizes[4] ?? 0) > 255 + 3);
  t.is(sizes[5], 1024);
});

test('a PMT in a view with an offset is the same PMT, and keeps no view of it', (t) => {
  const fields = { program: 7, pcrPid: 0x100, streams: [{ type: 0x06, pid: 0x100, descriptors: AC3 }] };
  const view = Buffer.concat([Buffer.alloc(5, 0xff), pmtSection(fields)]).subarray(5);
  const pmt = parsePmt(view);
  view.fill(0);
  t.like(pmt, expectedPmt(fields));
});

test('a PMT announced for later says so', (t) => {
  t.false(parsePmt(pmtSection({ program: 1, pcrPid: 1, streams: [], current: false }))?.header.current);
});

test('other tables and scraps are no PMT', (t) => {
  t.is(parsePmt(section({ tableId: 0x00, body: Buffer.alloc(8) })), null);
  t.is(parsePmt(section({ tableId: 0x02, body: Buffer.alloc(3) })), null);
  t.is(parsePmt(Buffer.alloc(5)), null);
});

test('a program_info_length past the section makes it worthless', (t) => {
  const bytes = pmtSection({ program: 1, pcrPid: 1, streams: [] });
  bytes.writeUInt16BE(0xf001, 10);
  t.is(parsePmt(bytes), null);
});

test('a stream whose ES_info_length runs past the section is cut off, those before it stay', (t) => {
  const streams = [
    { type: 0x1b, pid: 0x100 },
    { type: 0x03, pid: 0x101 },
  ];
  const bytes = pmtSection({ program: 1, pcrPid: 0x100, streams });
  bytes.writeUInt16BE(0xf001, 12 + 5 + 3);
  t.deepEqual(
    parsePmt(bytes)?.streams.map((stream) => Number(stream.pid)),
    [0x100],
  );
});

test('a descriptor that runs past its loop does not reach into the next stream', (t) => {
  const streams = [
    { type: 0x06, pid: 0x100, descriptors: Buffer.from([0x0a, 9, 0x64]) },
    { type: 0x03, pid: 0x101 },
  ];
  const pmt = parsePmt(pmtSection({ program: 1, pcrPid: 0x100, streams }));
  t.deepEqual(
    pmt?.streams.map((stream) => stream.descriptors.length),
    [0, 0],
  );
  t.is(pmt?.streams[1]?.pid, asPid(0x101));
});

test('cut anywhere, a PMT is read up to there or refused, never misread beyond its end', (t) => {
  const whole = pmtSection({ program: 1, pcrPid: 0x100, streams: [{ type: 0x06, pid: 0x100, descriptors: AC3 }] });
  for (let length = 0; length < whole.length; length++) {
    const pmt = parsePmt(whole.subarray(0, length));
    t.true(pmt === null || pmt.streams.length <= 1);
  }
});

test('a PMT that has grown too large loses descriptors nobody needs first, then the rest, then streams', (t) => {
  const stream = (pid: number, descriptors: readonly { tag: number; payload: Uint8Array }[]) => ({
    streamType: asStreamType(0x06),
    pid: asPid(pid),
    descriptors,
  });
  const language = { tag: 0x0a, payload: Buffer.from('deu\0') };
  const useless = { tag: 0x5f, payload: Buffer.alloc(30) };
  const pmt = (count: number, descriptors: (typeof language)[]) => ({
    program: asProgramNumber(1),
    pcrPid: asPid(0x100),
    descriptors: [useless],
    streams: Array.from({ length: count }, (_, index) => stream(0x100 + index, descriptors)),
  });
  const small = pmt(10, [language, useless]);
  t.is(fitPmt(small), small);
  const middle = fitPmt(pmt(40, [language, useless]));
  t.is(middle.streams.length, 40);
  t.true(middle.streams.every(({ descriptors }) => descriptors.length === 1 && descriptors[0] === language));
  const large = fitPmt(pmt(150, [language, useless]));
  t.true(large.streams.every(({ descriptors }) => descriptors.length === 0));
  const huge = fitPmt(pmt(400, [language]));
  t.is(huge.streams.length, 201);
  for (const fitted of [middle, large, huge]) t.true(buildPmt(fitted, asSectionVersion(0)).length <= 1024);
});
