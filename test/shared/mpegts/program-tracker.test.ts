import test from 'ava';
import { ProgramTracker } from '#shared/mpegts/program-tracker.ts';
import { asPid, asProgramNumber } from '#shared/mpegts/types.ts';
import { patSection, pmtSection, section, TsWriter } from '#test/helpers/ts-builder.ts';

/** A tracker fed as its owner feeds it: PAT from PID 0, PMTs only from the PIDs it asks for. */
function follow(wanted: number | null) {
  const events: string[] = [];
  const pids = new Set<number>();
  const writer = new TsWriter();
  const tracker = new ProgramTracker(wanted === null ? null : asProgramNumber(wanted), {
    onPmtPids: (asked) => {
      pids.clear();
      for (const pid of asked) pids.add(pid);
      events.push(`asks ${asked.join(' ')}`);
    },
    onProgram: (pmt, transportStreamId) => {
      events.push(`programme ${pmt.program} of ${transportStreamId}: ${pmt.streams.map(({ pid }) => pid).join(' ')}`);
    },
    onFault: (table, fault) => events.push(`${table} ${fault}`),
  });
  const push = (pid: number, bytes: Buffer): void => {
    for (const packet of writer.section(pid, bytes)) {
      if (pid === 0) tracker.pushPat(packet, 0);
      else if (pids.has(pid)) tracker.pushPmt(asPid(pid), packet, 0);
    }
  };
  return {
    tracker,
    pat: (fields: Parameters<typeof patSection>[0]) => push(0, patSection(fields)),
    pmt: (pid: number, program: number, streams: readonly number[], more = {}) =>
      push(
        pid,
        pmtSection({
          program,
          pcrPid: streams[0] ?? 0x1fff,
          streams: streams.map((es) => ({ type: 0x1b, pid: es })),
          ...more,
        }),
      ),
    push,
    /** What happened since the last call. */
    events: () => events.splice(0),
  };
}

test('the wanted programme is taken, not the first of the PAT', (t) => {
  const box = follow(3);
  box.pat({
    extension: 9,
    programs: [
      [0, 16],
      [1, 100],
      [2, 200],
      [3, 300],
    ],
  });
  t.deepEqual(box.events(), ['asks 300']);
  box.pmt(100, 1, [101]);
  box.pmt(300, 3, [301, 302]);
  t.deepEqual(box.events(), ['programme 3 of 9: 301 302']);
  t.is(box.tracker.program, asProgramNumber(3));
  t.deepEqual(box.tracker.programs.map(Number), [1, 2, 3]);
});

test('a single programme is taken although another was wanted', (t) => {
  const box = follow(0x283d);
  box.pat({ programs: [[1, 100]] });
  box.pmt(100, 1, [101]);
  t.deepEqual(box.events(), ['asks 100', 'programme 1 of 1: 101']);
});

test('a programme that several others do not include is not replaced by any of them', (t) => {
  const box = follow(9);
  box.pat({
    programs: [
      [1, 100],
      [2, 200],
    ],
  });
  box.pmt(100, 1, [101]);
  t.deepEqual(box.events(), []);
  t.is(box.tracker.program, null);
});

test('without a wish the programme whose PMT comes first is taken, and kept', (t) => {
  const box = follow(null);
  box.pat({
    programs: [
      [1, 100],
      [2, 200],
      [3, 300],
    ],
  });
  box.pmt(200, 2, [201]);
  box.pmt(100, 1, [101]);
  t.deepEqual(box.events(), ['asks 100 200 300', 'asks 200', 'programme 2 of 1: 201']);
});

test('without a wish another programme is taken once the PAT has lost the first', (t) => {
  const box = follow(null);
  box.pat({
    programs: [
      [1, 100],
      [2, 200],
    ],
  });
  box.pmt(100, 1, [101]);
  box.events();
  box.pat({
    version: 1,
    programs: [
      [2, 200],
      [3, 300],
    ],
  });
  box.pmt(300, 3, [301]);
  t.deepEqual(box.events(), ['asks 200 300', 'asks 300', 'programme 3 of 1: 301']);
});

test('a PMT that repeats is told once, a changed one again', (t) => {
  const box = follow(1);
  box.pat({
    programs: [
      [1, 100],
      [2, 200],
    ],
  });
  for (let round = 0; round < 5; round++) box.pmt(100, 1, [101]);
  box.pmt(100, 1, [101, 102], { version: 1 });
  box.pmt(100, 1, [101, 103], { version: 1 });
  t.deepEqual(box.events(), [
    'asks 100',
    'programme 1 of 1: 101',
    'programme 1 of 1: 101 102',
    'programme 1 of 1: 101 103',
  ]);
});

test('the PMT is followed to another PID', (t) => {
  const box = follow(1);
  box.pat({
    programs: [
      [1, 100],
      [2, 200],
    ],
  });
  box.pmt(100, 1, [101]);
  box.events();
  box.pat({
    version: 1,
    programs: [
      [1, 150],
      [2, 200],
    ],
  });
  box.pmt(100, 1, [105], { version: 1 });
  box.pmt(150, 1, [151], { version: 2 });
  t.deepEqual(box.events(), ['asks 150', 'programme 1 of 1: 151']);
});

test('programmes that share a PMT PID are told apart', (t) => {
  const box = follow(2);
  box.pat({
    programs: [
      [1, 100],
      [2, 100],
    ],
  });
  box.pmt(100, 1, [101]);
  box.pmt(100, 2, [201]);
  t.deepEqual(box.events(), ['asks 100', 'programme 2 of 1: 201']);
});

test('a programme in the second section of a PAT is found', (t) => {
  const box = follow(5);
  box.pat({
    programs: [
      [1, 100],
      [2, 200],
    ],
    number: 0,
    lastNumber: 1,
  });
  box.pat({ programs: [[5, 500]], number: 1, lastNumber: 1 });
  box.pmt(500, 5, [501]);
  t.deepEqual(box.events(), ['asks 500', 'programme 5 of 1: 501']);
});

test('tables announced for later are not used yet', (t) => {
  const box = follow(1);
  box.pat({
    programs: [
      [1, 100],
      [2, 200],
    ],
  });
  box.pat({
    programs: [
      [1, 150],
      [2, 200],
    ],
    version: 1,
    current: false,
  });
  box.pmt(100, 1, [199], { current: false, version: 1 });
  box.pmt(100, 1, [101]);
  t.deepEqual(box.events(), ['asks 100', 'programme 1 of 1: 101']);
});

test('a PMT of a programme that the PAT names elsewhere does not count', (t) => {
  const box = follow(1);
  box.pat({
    programs: [
      [1, 100],
      [2, 200],
    ],
  });
  box.pmt(100, 2, [999]);
  t.deepEqual(box.events(), ['asks 100']);
});

test('broken tables are told by kind and change nothing', (t) => {
  const box = follow(1);
  box.pat({ programs: [[1, 100]], badCrc: true });
  box.pat({ programs: [[1, 100]] });
  box.pmt(100, 1, [101], { badCrc: true });
  box.push(100, section({ tableId: 0xc0, body: Buffer.alloc(5) }));
  box.pmt(100, 1, [101]);
  t.deepEqual(box.events(), ['pat crc', 'asks 100', 'pmt crc', 'programme 1 of 1: 101']);
});

test('a programme on the PID of null packets is not asked for', (t) => {
  const box = follow(1);
  box.pat({ programs: [[1, 0x1fff]] });
  t.deepEqual(box.events(), []);
});

for (const pid of [0x0000, 0x0001, 0x000f, 0x0011]) {
  test(`a programme whose PMT is said to lie on PID ${pid}, where other tables lie, is not asked for`, (t) => {
    const box = follow(1);
    box.pat({ programs: [[1, pid]] });
    t.deepEqual(box.events(), []);
    box.pat({ version: 1, programs: [[1, 100]] });
    box.pmt(100, 1, [101]);
    t.deepEqual(box.events(), ['asks 100', 'programme 1 of 1: 101']);
  });
}

test('after an interruption what was learnt stays', (t) => {
  const box = follow(1);
  box.pat({
    programs: [
      [1, 100],
      [2, 200],
    ],
  });
  box.pmt(100, 1, [101]);
  box.events();
  box.tracker.discontinuity();
  box.pmt(100, 1, [101]);
  t.deepEqual(box.events(), []);
  box.pmt(100, 1, [102], { version: 1 });
  t.deepEqual(box.events(), ['programme 1 of 1: 102']);
});
