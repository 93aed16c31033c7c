import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { AccessUnit } from '#daemon/tvheadend/htsp/demux/access-unit.ts';
import { Tape, type TapeOptions } from '#daemon/tvheadend/htsp/timeshift/tape.ts';
import { TapeReader } from '#daemon/tvheadend/htsp/timeshift/tape-reader.ts';
import type { XgError } from '#shared/errors.ts';
import { waitFor } from '#test/helpers/wait-for.ts';

const MINUTE = 60 * 90_000;

async function folderOf(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-tape-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function makeTape(t: ExecutionContext, folder: string, options: Partial<TapeOptions> = {}): Tape {
  const tape = new Tape(
    {
      folder: join(folder, 'tape'),
      maxTicks: MINUTE,
      mayGrow: () => true,
      onFreed: () => undefined,
      onWritten: () => undefined,
      onFail: (error) => t.fail(error.message),
      ...options,
    },
    true,
  );
  t.teardown(() => tape.close());
  return tape;
}

/** Ten pictures a second, every tenth one stands alone. */
function picture(sequence: number, bytes = 1_000): AccessUnit {
  const isEntry = sequence % 10 === 0;
  const dts = sequence * 9_000;
  return {
    track: 1,
    picture: isEntry ? 'I' : 'P',
    isEntry,
    pts: sequence % 3 === 0 ? null : dts + 1,
    dts,
    ticks: 9_000,
    bytes: Buffer.alloc(bytes, sequence & 0xff),
  };
}

/** As much at once as a disk takes. */
const BATCH = 50;

async function fill(tape: Tape, count: number, bytes?: number, from = 0): Promise<void> {
  for (let sequence = from; sequence < from + count; ) {
    const to = Math.min(from + count, sequence + BATCH);
    for (; sequence < to; sequence++) tape.push(picture(sequence, bytes), sequence);
    await waitFor(
      (changed) => tape.onGrown(changed),
      () => tape.endSequence === to,
      { what: 'the tape to be written', timeoutMs: 15_000 },
    );
  }
}

test('what was recorded comes back unit by unit, from any place to begin', async (t) => {
  const tape = makeTape(t, await folderOf(t));
  await fill(tape, 95);
  const entry = tape.entryAt(45 * 9_000);
  t.is(entry?.sequence, 40);
  if (entry == null) return;
  const reader = new TapeReader(tape, entry);
  t.teardown(() => reader.close());
  for (let sequence = 40; sequence < 95; sequence++) {
    t.deepEqual(await reader.next(), { sequence, unit: picture(sequence) });
  }
  t.is(await reader.next(), null);
  await fill(tape, 5, 1_000, 95);
  t.like(await reader.next(), { sequence: 95 });
});

test('the oldest file goes when the time is used up, and its place is known to be lost', async (t) => {
  const folder = await folderOf(t);
  const tape = makeTape(t, folder, { maxTicks: MINUTE / 2 });
  await fill(tape, 100, 100_000);
  const first = tape.first;
  t.is(first?.sequence, 0);
  if (first == null) return;
  const reader = new TapeReader(tape, first);
  t.teardown(() => reader.close());
  await fill(tape, 600, 100_000, 100);
  t.true(tape.isFull);
  t.true((tape.first?.sequence ?? 0) > 100);
  t.is(await reader.next(), 'lost');
  t.is(tape.entryBefore(5), null);
  t.is(tape.entryAt(0), tape.first);
  t.true(readdirSync(join(folder, 'tape')).length < 8, 'files are deleted');
});

test('the oldest file goes when there is no more room', async (t) => {
  let bytes = 0;
  const tape = makeTape(t, await folderOf(t), {
    mayGrow: (more) => bytes + more < 30_000_000,
    onWritten: (count) => {
      bytes += count;
    },
    onFreed: (count) => {
      bytes -= count;
    },
  });
  await fill(tape, 600, 100_000);
  t.true(bytes < 40_000_000, `${bytes} bytes`);
  await tape.close();
  t.is(bytes, 0);
});

test('a disk that cannot be written ends the tape and says so once', async (t) => {
  const folder = await folderOf(t);
  writeFileSync(join(folder, 'tape'), 'a file where the folder should be');
  const failures: XgError[] = [];
  const tape = makeTape(t, folder, { onFail: (error) => failures.push(error) });
  for (let sequence = 0; sequence < 2_000; sequence++) tape.push(picture(sequence), sequence);
  await waitFor(
    (changed) => {
      const timer = setInterval(changed, 10);
      return () => clearInterval(timer);
    },
    () => failures.length > 0,
    { what: 'the failure' },
  );
  t.is(failures.length, 1);
  t.is(failures[0]?.code, 'TIMESHIFT_DISK');
  t.false(tape.isUsable);
});

test('a closed tape leaves nothing', async (t) => {
  const folder = await folderOf(t);
  const tape = makeTape(t, folder);
  await fill(tape, 50);
  t.true(existsSync(join(folder, 'tape')));
  await tape.close();
  t.false(existsSync(join(folder, 'tape')));
});
