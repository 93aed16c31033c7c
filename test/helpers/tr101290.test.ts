import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { readRealData } from './real-data.ts';
import {
  AUDIO_PID,
  PMT_PID,
  type Slot,
  type TestProgrammeOptions,
  testProgramme,
  VIDEO_PID,
} from './test-programme.ts';
import { checkTransportStream, Tr101290 } from './tr101290.ts';
import { TS_ERRORS, type TsError } from './tr101290-report.ts';
import { nullPacket, packet, section } from './ts-builder.ts';

const LENGTH_MS = 8_000;

/** Position of a packet: the test programme sends one a millisecond. */
const at = (ms: number) => ms * 188;

/** Counts by kind. */
function counts(bytes: Uint8Array): Partial<Record<TsError, number>> {
  const { errors } = checkTransportStream(bytes);
  return Object.fromEntries(Object.entries(errors).map(([kind, error]) => [kind, error.count]));
}

test('a faultless stream has no errors, and its figures are right', (t) => {
  const report = checkTransportStream(testProgramme({ durationMs: LENGTH_MS }));
  t.deepEqual(report.errors, {});
  t.is(report.errorCount, 0);
  t.is(report.packets, LENGTH_MS);
  t.true(Math.abs((report.durationMs ?? 0) - LENGTH_MS) < 0.01);
  t.is(Math.round(report.maxPatIntervalMs), 100);
  t.is(Math.round(report.maxPmtIntervalMs), 100);
  t.is(Math.round(report.maxPtsIntervalMs), 48, 'an audio PES gave way to a PCR');
  t.is(report.pcr.get(VIDEO_PID)?.maxIntervalMs, 20);
  t.true((report.pcr.get(VIDEO_PID)?.jitterUs.max ?? 1) < 0.001);
});

test('it is the same however the bytes are cut, and over the wrap of the clock', (t) => {
  const bytes = testProgramme({ durationMs: 2_000, startPcr: 2 ** 33 * 300 - 27_000_000 });
  const whole = checkTransportStream(bytes);
  t.deepEqual(whole.errors, {});
  for (const chunk of [1, 100, 188, 5_000]) {
    const checker = new Tr101290();
    for (let from = 0; from < bytes.length; from += chunk) checker.push(bytes.subarray(from, from + chunk));
    t.deepEqual(checker.report(), whole, `chunks of ${chunk}`);
  }
});

const defect = test.macro<[string, Omit<TestProgrammeOptions, 'durationMs'>, Partial<Record<TsError, number>>]>({
  exec(t, _name, plan, expected) {
    t.deepEqual(counts(testProgramme({ durationMs: LENGTH_MS, ...plan })), expected);
  },
  title: (_, name) => `found: ${name}`,
});
const between = (slot: Slot, from: number, to: number) => ({
  omit: (other: Slot, atMs: number) => other === slot && atMs >= from && atMs < to,
});
const spoil = (ms: number, change: (bytes: Buffer) => void) => ({
  edit: (bytes: Buffer, _slot: Slot, atMs: number) => {
    if (atMs === ms) change(bytes);
  },
});
const set = (offset: number, change: (byte: number) => number) => (bytes: Buffer) => {
  bytes[offset] = change(bytes[offset] ?? 0);
};

test(
  defect,
  '1.2 one sync byte, and the packet lost by it',
  spoil(
    2_000,
    set(0, () => 0x46),
  ),
  { 'sync-byte': 1, continuity: 1 },
);
test(defect, '1.3 no PAT for 600 ms', between('pat', 2_000, 2_500), { 'pat-interval': 1 });
test(defect, '1.3 500 ms without PAT are allowed', between('pat', 2_000, 2_400), {});
test(defect, '1.3 no PAT up to the end', between('pat', 7_000, 9_000), { 'pat-interval': 1 });
test(
  defect,
  '1.3 a scrambled PAT',
  spoil(
    2_001,
    set(3, (byte) => byte | 0x80),
  ),
  { 'pat-scrambled': 1 },
);
test(defect, '1.5 no PMT for 600 ms', between('pmt', 2_000, 2_500), { 'pmt-interval': 1 });
test(defect, '1.5 no PMT up to the end', between('pmt', 7_000, 9_000), { 'pmt-interval': 1 });
test(
  defect,
  '1.5 a scrambled PMT',
  spoil(
    2_002,
    set(3, (byte) => byte | 0xc0),
  ),
  { 'pmt-scrambled': 1 },
);
test(defect, '1.6 sound missing for more than 5 s', between('audio', 2_000, 7_100), {
  'pid-missing': 1,
  'pts-repetition': 1,
});
test(defect, '1.6 sound that never comes', between('audio', 0, 9_000), { 'pid-missing': 1 });
test(
  defect,
  '2.1 transport_error_indicator',
  spoil(
    2_000,
    set(1, (byte) => byte | 0x80),
  ),
  { 'transport-error': 1 },
);
test(
  defect,
  '2.2 CRC of the PAT',
  spoil(
    2_001,
    set(15, (byte) => byte ^ 1),
  ),
  { crc: 1 },
);
test(
  defect,
  '2.2 CRC of the PMT',
  spoil(
    2_002,
    set(25, (byte) => byte ^ 1),
  ),
  { crc: 1 },
);
test(
  defect,
  '2.3a 60 ms without PCR',
  { omit: (slot, ms) => (slot === 'pcr' || slot === 'video') && (ms === 2_000 || ms === 2_020) },
  { 'pcr-repetition': 1 },
);
test(defect, '2.3a 40 ms without PCR are allowed', { omit: (slot, ms) => slot === 'pcr' && ms === 2_020 }, {});
test(
  defect,
  '2.3b a step back',
  { startPcr: 2 ** 40, shiftPcr: (ms) => (ms < 2_000 ? 0 : -27_000_000) },
  { 'pcr-discontinuity': 1 },
);
test(defect, '2.3b a step ahead', { shiftPcr: (ms) => (ms < 2_000 ? 0 : 2 ** 40) }, { 'pcr-discontinuity': 1 });
test(
  defect,
  'no error: the same step with discontinuity_indicator',
  {
    shiftPcr: (ms) => (ms < 2_000 ? 0 : 2 ** 40),
    ...spoil(
      2_000,
      set(5, (byte) => byte | 0x80),
    ),
  },
  {},
);
test('what follows a thin stream before its own first clock is not timed by the rate of that', (t) => {
  // A still card with hardly anything in it, and from 2,000 ms on the channel, whose first PCR comes at 2,080.
  const bytes = testProgramme({
    durationMs: 4_000,
    shiftPcr: (ms) => (ms < 2_000 ? 0 : 2 ** 40),
    omit: (slot, ms) => (slot === 'video' || slot === 'pcr') && ms >= 2_000 && ms < 2_080,
    ...spoil(
      2_080,
      set(5, (byte) => byte | 0x80),
    ),
  });
  const thin = Array.from({ length: 2_000 }, (_, index) => bytes.subarray(at(index), at(index + 1))).filter(
    (packet) => (packet.readUInt16BE(1) & 0x1fff) !== 0x1fff,
  );
  t.deepEqual(counts(Buffer.concat([...thin, bytes.subarray(at(2_000))])), {});
});
test(
  defect,
  '2.5 sound without PTS for 800 ms',
  {
    edit: (bytes, slot, ms) =>
      void (slot === 'audio' && ms >= 2_000 && ms < 2_750 && bytes.fill(0, 188 - 134 + 7, 188 - 134 + 8)),
  },
  { 'pts-repetition': 1 },
);

/** The stream in packets, to move them about. */
function packets(): Buffer[] {
  const bytes = testProgramme({ durationMs: 1_000 });
  return Array.from({ length: 1_000 }, (_, index) => bytes.subarray(at(index), at(index + 1)));
}

/** Index of the first packet of a PID from `from` on. */
function indexOf(list: readonly Buffer[], pid: number, from: number): number {
  return list.findIndex((bytes, index) => index >= from && (bytes.readUInt16BE(1) & 0x1fff) === pid);
}

const order = test.macro<
  [string, (list: Buffer[], first: number, second: number) => void, Partial<Record<TsError, number>>]
>({
  exec(t, _name, change, expected) {
    const list = packets();
    const first = indexOf(list, AUDIO_PID, 300);
    change(list, first, indexOf(list, AUDIO_PID, first + 1));
    t.deepEqual(counts(Buffer.concat(list)), expected);
  },
  title: (_, name) => `continuity: ${name}`,
});
const one = (list: Buffer[], index: number): Buffer => Buffer.from(list[index] ?? nullPacket());
test(order, 'a lost packet', (list, first) => void list.splice(first, 1, nullPacket()), { continuity: 1 });
test(
  order,
  'two packets in the wrong order',
  (list, first, second) => {
    [list[first], list[second]] = [one(list, second), one(list, first)];
  },
  { continuity: 3 },
);
test(order, 'a packet sent twice is allowed', (list, first) => void list.splice(first + 1, 1, one(list, first)), {});
test(
  order,
  'a packet sent three times',
  (list, first) => void list.splice(first + 1, 2, one(list, first), one(list, first)),
  { continuity: 1 },
);
test(
  order,
  'a second copy that differs',
  (list, first) => {
    const copy = one(list, first);
    copy[187] = 0x77;
    list.splice(first + 1, 1, copy);
  },
  { continuity: 1 },
);
test(
  order,
  'a packet without payload that counts, and the next one which then repeats its counter',
  (list, first) => {
    list.splice(first + 1, 1, packet({ pid: AUDIO_PID, counter: (one(list, first)[3] ?? 0) + 1 }));
  },
  { continuity: 2 },
);
test(
  order,
  'a packet without payload that does not count is right',
  (list, first) => {
    list.splice(first + 1, 1, packet({ pid: AUDIO_PID, counter: one(list, first)[3] ?? 0 }));
  },
  {},
);
test(
  order,
  'null packets have no order',
  (list, first) => {
    list.splice(first + 1, 1, packet({ pid: 0x1fff, counter: 9, payload: Buffer.alloc(184) }));
  },
  {},
);
test(
  order,
  'another table on PID 0',
  (list, first) => {
    const patAt = indexOf(list, 0, first);
    const payload = Buffer.concat([Buffer.of(0), section({ tableId: 0x40, body: Buffer.alloc(8) })]);
    const counter = one(list, patAt)[3] ?? 0;
    list[patAt] = packet({
      pid: 0,
      payloadStart: true,
      counter,
      payload: Buffer.concat([payload, Buffer.alloc(184 - payload.length, 0xff)]),
    });
  },
  { 'pat-table-id': 1 },
);

test('1.1 lost bytes: sync is lost and found again', (t) => {
  const bytes = testProgramme({ durationMs: 2_000 });
  const cut = Buffer.concat([bytes.subarray(0, at(1_000)), bytes.subarray(at(1_000) + 100)]);
  const report = checkTransportStream(cut);
  t.is(report.errors['sync-loss']?.count, 1);
  t.is(report.errors['sync-byte']?.count, 2);
  t.true(report.packets > 1_990);
});

test('1.1 what is no transport stream is a loss of sync', (t) => {
  t.is(counts(Buffer.from('<html>nothing to see</html>'.repeat(99)))['sync-loss'], 1);
});

test('the first occurrence is told by position', (t) => {
  const { errors } = checkTransportStream(
    testProgramme({
      durationMs: 3_000,
      ...spoil(
        2_001,
        set(15, (byte) => byte ^ 1),
      ),
    }),
  );
  t.like(errors.crc, { count: 1, firstOffset: at(2_001) });
});

test('PCRs off their place are measured and not judged', (t) => {
  // Every tenth PCR 50 µs late.
  const report = checkTransportStream(
    testProgramme({ durationMs: 4_000, shiftPcr: (ms) => (ms % 200 === 0 ? 50 * 27 : 0) }),
  );
  t.deepEqual(report.errors, {});
  const jitter = report.pcr.get(VIDEO_PID)?.jitterUs;
  t.true(Math.abs((jitter?.max ?? 0) - 50) < 0.1);
  t.is(jitter?.p50, 0);
});

test('scrambled packets are counted', (t) => {
  const report = checkTransportStream(
    testProgramme({
      durationMs: 1_000,
      edit: (bytes, slot) => void (slot === 'audio' && set(3, (byte) => byte | 0x80)(bytes)),
    }),
  );
  t.true(report.scrambledPackets > 30);
});

test('the PCRs of a broadcast multiplex lie where their bytes say, within 0.3 µs', (t) => {
  const bytes = readRealData(t, 'ts/tsduck+tsduck-test__input_test-108.ts');
  if (bytes === null) return;
  const report = checkTransportStream(bytes);
  t.deepEqual(Object.keys(report.errors), ['pcr-repetition']);
  for (const { jitterUs } of report.pcr.values()) t.true(jitterUs.max < 0.3);
});

test('every kind of error the checker knows is found in some test above', (t) => {
  t.deepEqual(Object.keys(TS_ERRORS).toSorted(), [
    'continuity',
    'crc',
    'pat-interval',
    'pat-scrambled',
    'pat-table-id',
    'pcr-discontinuity',
    'pcr-repetition',
    'pid-missing',
    'pmt-interval',
    'pmt-scrambled',
    'pts-repetition',
    'sync-byte',
    'sync-loss',
    'transport-error',
  ]);
  t.is(PMT_PID, 0x100);
});

async function cli(args: readonly string[], input?: Buffer): Promise<{ code: unknown; text: string }> {
  const program = fileURLToPath(new URL('./tr101290-cli.ts', import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: 'pipe' });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  return { code, text };
}

test('the command reads a file or its input, and its exit code is the verdict', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-tr101290-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'good.ts');
  const good = testProgramme({ durationMs: 1_000 });
  await writeFile(path, good);
  const fromFile = await cli([path]);
  t.is(fromFile.code, 0);
  t.regex(fromFile.text, /1000 packets.*\n.*\n.*\nno errors/s);
  t.deepEqual(await cli(['-'], good), fromFile);
  const bad = await cli(
    ['-'],
    testProgramme({
      durationMs: 1_000,
      ...spoil(
        201,
        set(15, (byte) => byte ^ 1),
      ),
    }),
  );
  t.is(bad.code, 1);
  t.regex(bad.text, /crc: 1 .*first at byte 37788/);
  t.is((await cli([])).code, 2);
});
