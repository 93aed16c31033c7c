import test from 'ava';
import type { StreamInfo } from '#shared/ipc/control.ts';
import { packet, patSection, sectionPackets } from '#test/helpers/ts-builder.ts';
import { OutputCheck } from './output-check.ts';

const PMT_PID = 0x1000;
const CLOCK_PID = 0x100;
const ADDED_PID = 0x1e00;

const pat = (pmtPid: number): Buffer => Buffer.concat(sectionPackets(0, patSection({ programs: [[1, pmtPid]] })));
const of = (pid: number, counter: number): Buffer => packet({ pid, counter, payload: Buffer.alloc(184, counter) });
const track = (pid: number, addedPid: number | null): StreamInfo => ({
  program: 1,
  tracks: [{ pid, codec: 'ac3', action: addedPid === null ? 'pass' : 'add', addedPid, language: null, role: 'main' }],
});

test('a gap in the counters of our own tables is found', (t) => {
  const check = new OutputCheck();
  check.info({ program: 1, tracks: [] });
  check.input(pat(PMT_PID));
  check.output(pat(PMT_PID));
  for (const counter of [1, 2, 5]) check.output(of(PMT_PID, counter));
  t.throws(() => check.judge(), { message: /counter of our own PID 4096 is 5, expected 3/ });
});

test("a clock that passes has the source's counters, even where an earlier PAT had a table on its PID", (t) => {
  const check = new OutputCheck();
  check.info({ program: 1, tracks: [] });
  check.input(pat(CLOCK_PID));
  check.input(pat(PMT_PID));
  check.output(pat(PMT_PID));
  for (const counter of [1, 2, 5]) {
    check.input(of(CLOCK_PID, counter));
    check.output(of(CLOCK_PID, counter));
  }
  t.notThrows(() => check.judge());
});

test("a PID that was ours and then the source's is not judged as passed; one that was never ours is", (t) => {
  for (const wasOurs of [true, false]) {
    const check = new OutputCheck();
    check.input(pat(PMT_PID));
    check.output(pat(PMT_PID));
    if (wasOurs) check.info(track(CLOCK_PID, ADDED_PID));
    check.output(of(ADDED_PID, 0)); // made by us: the source has no such packet
    check.info(track(ADDED_PID, null));
    if (wasOurs) t.notThrows(() => check.judge());
    else t.throws(() => check.judge(), { message: /of passed PID 7680 is not the source's/ });
  }
});
