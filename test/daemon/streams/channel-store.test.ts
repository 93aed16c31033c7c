import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { ChannelStore } from '#daemon/streams/channel-store.ts';
import { parsePmt } from '#shared/mpegts/pmt.ts';
import { asPid } from '#shared/mpegts/types.ts';
import { ManualClock } from '#test/helpers/manual-clock.ts';
import { pmtSection } from '#test/helpers/ts-builder.ts';

const REF = '1:0:19:283D:3FB:1:C00000:0:0:0:';
const FORMAT = {
  codec: 'h264',
  width: 1920,
  height: 1080,
  frameRate: { num: 25, den: 1 },
  sampleAspect: { num: 1, den: 1 },
} as const;

function found(audioType: number) {
  const pmt = parsePmt(
    pmtSection({
      program: 0x283d,
      pcrPid: 0x101,
      streams: [
        { type: 0x1b, pid: 0x101 },
        { type: audioType, pid: 0x102 },
      ],
    }),
  );
  if (pmt === null) throw new Error('the section of this test is none');
  return { pmt, pmtPids: [asPid(0x100)], transportStreamId: 0x3fb };
}

interface Opened {
  readonly store: ChannelStore;
  readonly clock: ManualClock;
  readonly warnings: string[];
}

function open(dataFolder: string): Opened {
  const clock = new ManualClock();
  const warnings: string[] = [];
  return { store: new ChannelStore({ dataFolder, clock, onWarning: (text) => warnings.push(text) }), clock, warnings };
}

function folder(t: ExecutionContext): string {
  const made = mkdtempSync(join(tmpdir(), 'xg2g-channels-'));
  t.teardown(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('what channels carry, their form and their tables outlive the process', (t) => {
  const dataFolder = join(folder(t), 'data');
  const { store, warnings } = open(dataFolder);
  const program = found(0x03);
  store.memory.see('c1', program.pmt);
  store.memory.seeFormat('c1', FORMAT);
  store.known.set(REF, program);
  const tables = store.known.get(REF);
  store.close();
  const later = open(dataFolder);
  t.like(later.store.memory.get('c1'), { video: ['h264'], audio: ['mpeg-audio'], format: FORMAT });
  t.deepEqual(later.store.known.get(REF), tables);
  t.like(later.store.known.program(REF), { pmtPid: 0x100, transportStreamId: 0x3fb });
  t.deepEqual([...warnings, ...later.warnings], []);
  t.is(statSync(join(dataFolder, 'seen-channels.json')).mode & 0o777, 0o600, 'references may hold a login');
});

test('a burst of news is one write, and channels that are as they were are none', async (t) => {
  const dataFolder = folder(t);
  const { store, clock } = open(dataFolder);
  const path = join(dataFolder, 'seen-channels.json');
  store.memory.see('c1', found(0x03).pmt);
  store.known.set(REF, found(0x03));
  t.is(clock.pending, 1);
  await clock.advance(60_000);
  t.true(readFileSync(path, 'utf8').includes('c1'));
  store.memory.see('c1', found(0x03).pmt);
  store.known.set(REF, found(0x03));
  t.is(clock.pending, 0);
  store.memory.see('c1', found(0x0f).pmt);
  t.is(clock.pending, 1, 'the sound has changed');
});

for (const [what, content] of [
  ['cut off', '{"version":1,"chan'],
  ['of another version', '{"version":2,"channels":[],"tables":[]}'],
  [
    'with a codec that there is not',
    '{"version":1,"channels":[["c1",{"video":["av9"],"audio":[],"format":null,"seenMs":1}]],"tables":[]}',
  ],
] as const) {
  test(`a file ${what} is one warning, and everything is learned again`, (t) => {
    const dataFolder = folder(t);
    writeFileSync(join(dataFolder, 'seen-channels.json'), content);
    const { store, warnings } = open(dataFolder);
    t.is(warnings.length, 1);
    t.regex(warnings[0] ?? '', /seen-channels\.json cannot be read .*learned again/s);
    t.is(store.memory.get('c1'), null);
    store.memory.see('c1', found(0x03).pmt);
    store.close();
    t.like(open(dataFolder).store.memory.get('c1'), { audio: ['mpeg-audio'] });
  });
}

test('bytes that are no tables are not presumed to be any', (t) => {
  const dataFolder = folder(t);
  const tables = ['AAAA', Buffer.alloc(376, 0x47).toString('base64'), Buffer.alloc(188 * 14, 0x47).toString('base64')];
  const content = { version: 1, channels: [], tables: tables.map((text, index) => [`ref${index}`, text]) };
  writeFileSync(join(dataFolder, 'seen-channels.json'), JSON.stringify(content));
  const { store, warnings } = open(dataFolder);
  t.deepEqual([...store.known.entries()], []);
  t.deepEqual(warnings, []);
});
