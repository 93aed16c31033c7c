import test from 'ava';
import { buildPat, parsePat } from '#shared/mpegts/pat.ts';
import { asPid, asProgramNumber, asSectionVersion } from '#shared/mpegts/types.ts';
import { patSection, section } from '#test/helpers/ts-builder.ts';

type Line = readonly [program: number, pid: number];
const entry = ([program, pid]: Line) => ({ program: asProgramNumber(program), pmtPid: asPid(pid) });

const round = test.macro<[string, number, readonly Line[]]>({
  exec(t, _name, version, programs) {
    const expected = patSection({ extension: 0xabcd, version, programs });
    t.true(buildPat(0xabcd, asSectionVersion(version), programs.map(entry)).equals(expected));
    const pat = parsePat(expected);
    t.is(pat?.transportStreamId, 0xabcd);
    t.is(pat?.header.version, asSectionVersion(version));
    t.deepEqual(pat?.programs, programs.map(entry));
  },
  title: (_, name) => `a PAT with ${name} is written and read as the standard draws it`,
});
test(round, 'no programme', 0, []);
test(round, 'one programme', 1, [[0x2b5c, 0x64]]);
test(round, 'the highest numbers', 31, [
  [0xffff, 0x1fff],
  [1, 0x10],
]);
test(
  round,
  '60 programmes',
  7,
  Array.from({ length: 60 }, (_, index) => [index + 1, 0x20 + index] as const),
);
test(
  round,
  '253 programmes',
  7,
  Array.from({ length: 253 }, (_, index) => [index + 1, 0x20 + index] as const),
);

test('program_number 0 is the network PID and no programme', (t) => {
  const programs: readonly Line[] = [
    [0, 0x10],
    [5, 0x100],
    [0, 0x11],
    [6, 0x101],
  ];
  t.deepEqual(
    parsePat(patSection({ programs }))?.programs.map(({ program }) => Number(program)),
    [5, 6],
  );
});

test('the reserved bits before a PID do not count', (t) => {
  const bytes = patSection({ programs: [[1, 0x1234]] });
  bytes[10] = (bytes[10] ?? 0) & 0x1f;
  t.is(parsePat(bytes)?.programs[0]?.pmtPid, asPid(0x1234));
});

test('a table that is not valid yet, and the place among several sections, are told', (t) => {
  const pat = parsePat(patSection({ programs: [[1, 0x100]], current: false, number: 1, lastNumber: 2 }));
  t.like(pat?.header, { current: false, number: 1, lastNumber: 2 });
});

test('other tables are no PAT', (t) => {
  t.is(parsePat(section({ tableId: 0x02, body: Buffer.alloc(8) })), null);
  t.is(parsePat(section({ tableId: 0x42, body: Buffer.alloc(8) })), null);
  t.is(parsePat(Buffer.alloc(4)), null);
});

test('a last entry cut short is left out', (t) => {
  const bytes = section({ tableId: 0, body: Buffer.from([0, 1, 0xe1, 0, 0, 2, 0xe1]) });
  t.is(parsePat(bytes)?.programs.length, 1);
});

test('a PAT in a view with an offset is the same PAT', (t) => {
  const view = Buffer.concat([Buffer.alloc(3, 0xff), patSection({ programs: [[9, 0x90]] })]).subarray(3);
  t.deepEqual(parsePat(view)?.programs, [entry([9, 0x90])]);
});
