import test from 'ava';
import type { BoxTimer } from '#daemon/receiver/model.ts';
import { PooledRecordings } from '#daemon/recordings/pooled-recordings.ts';
import type { RecordingReceiver, TimerFeed } from '#daemon/recordings/recording-receiver.ts';
import { XgError } from '#shared/errors.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { ManualClock } from '#test/helpers/manual-clock.ts';

function timer(clock: ManualClock, fields: Partial<BoxTimer> = {}): BoxTimer {
  const nowSeconds = Math.floor(clock.nowMs() / 1000);
  return {
    ref: '1:0:19:283D:3FB:1:C00000:0:0:0:',
    serviceName: 'Das Erste',
    name: 'Tatort',
    beginSeconds: nowSeconds + 600,
    endSeconds: nowSeconds + 6_000,
    prepareSeconds: nowSeconds + 580,
    disabled: false,
    zapOnly: false,
    state: 'waiting',
    description: '',
    eventId: null,
    repeatedDays: 0,
    afterEvent: 3,
    folder: '',
    tags: '',
    alwaysZap: false,
    fileName: '',
    ...fields,
  };
}

function house() {
  const clock = new ManualClock();
  const asked = { timers: [] as number[], movies: 0 };
  const told: { tell: (timers: readonly BoxTimer[]) => void } = { tell: () => undefined };
  const feed: TimerFeed = {
    onTimers: (listener) => {
      told.tell = (timers) => listener('receiver', timers);
      return () => undefined;
    },
    refreshTimers: async () => void asked.timers.push(clock.nowMs()),
  };
  const receiver: RecordingReceiver = {
    address: 'http://box',
    timers: async () => [],
    locations: async () => ['/m/'],
    movies: async () => {
      asked.movies++;
      return { movies: [], folders: [] };
    },
    recordingCommand: async () => ({ ok: true, message: '', conflicts: [] }),
    openFile: async () => {
      throw new XgError('RECEIVER_NO_FILE', 'none');
    },
  };
  const lineup = { channels: [], get: () => null, placesOf: () => [] };
  const boxes = [{ id: 'receiver', receiver }];
  const recordings = new PooledRecordings({ boxes, feed, lineup, clock, logger: createSilentLogger() });
  return { clock, asked, recordings, tell: (timers: readonly BoxTimer[]) => told.tell(timers) };
}

test('a box is looked at when a timer has begun and when it has ended, and not more for it', async (t) => {
  const { clock, asked, recordings, tell } = house();
  const startMs = clock.nowMs();
  const tatort = timer(clock);
  tell([tatort, timer(clock, { disabled: true, beginSeconds: tatort.beginSeconds - 300 })]);
  await clock.advance(605_000);
  t.deepEqual(asked.timers, []);
  await clock.advance(10_000);
  t.is(asked.timers.length, 1);
  tell([{ ...tatort, state: 'running' }]);
  await clock.advance(5_300_000);
  t.is(asked.timers.length, 1);
  await clock.advance(100_000);
  t.deepEqual(
    asked.timers.map((atMs) => Math.round((atMs - startMs) / 1000)),
    [610, 6_010],
  );
  recordings.close();
  await clock.advance(86_400_000);
  t.is(asked.timers.length, 2);
});

test('the disk is woken when a recording has begun or ended, and a few times a day', async (t) => {
  const { clock, asked, recordings, tell } = house();
  tell([]);
  await clock.advance(10_000);
  t.is(asked.movies, 1, 'at the start');
  const tatort = timer(clock, {
    beginSeconds: Math.floor(clock.nowMs() / 1000) + 86_400,
    endSeconds: Math.floor(clock.nowMs() / 1000) + 90_000,
  });
  for (let round = 0; round < 100; round++) {
    tell([tatort]);
    await clock.advance(60_000);
  }
  t.is(asked.movies, 1, 'timers are read all the time');
  for (const state of ['running', 'ended'] as const) {
    tell([{ ...tatort, state }]);
    await clock.advance(10_000);
  }
  t.is(asked.movies, 3);
  await clock.advance(86_400_000);
  t.true(asked.movies <= 7, `${asked.movies}`);
  recordings.close();
});

test('who listens is told of changes only', (t) => {
  const { clock, recordings, tell } = house();
  let changes = 0;
  recordings.onChange(() => changes++);
  const tatort = timer(clock);
  tell([tatort]);
  tell([{ ...tatort }]);
  t.is(changes, 1);
  tell([]);
  t.is(changes, 2);
  recordings.close();
});
