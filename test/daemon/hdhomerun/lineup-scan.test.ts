import test from 'ava';
import { LineupScan, type ScanProgress, type ScanSource } from '#daemon/hdhomerun/lineup-scan.ts';
import { eventually } from '#test/helpers/wait-for.ts';

interface Source extends ScanSource {
  progress: ScanProgress | null;
  readings: number;
  end(error?: Error): void;
}

function source(): Source {
  let current = Promise.withResolvers<void>();
  const one: Source = {
    progress: null,
    readings: 0,
    refresh: () => {
      one.readings++;
      current = Promise.withResolvers<void>();
      return current.promise;
    },
    end: (error) => {
      one.progress = null;
      if (error === undefined) current.resolve();
      else current.reject(error);
    },
  };
  return one;
}

test('a scan reads every lineup, tells how far it is, and is over when all are read', async (t) => {
  const [first, second] = [source(), source()];
  const scan = new LineupScan([first, second], () => 15);
  t.deepEqual(scan.report, { running: false, progress: 100, found: 15 });
  scan.start();
  t.deepEqual(scan.report, { running: true, progress: 0, found: 0 });
  first.progress = { done: 2, total: 4, channels: 7 };
  second.progress = { done: 1, total: 4, channels: 2 };
  t.deepEqual(scan.report, { running: true, progress: 37, found: 9 });
  first.end();
  await eventually(() => scan.report.progress === 62, { what: 'the first one to count as read' });
  second.end();
  await eventually(() => !scan.report.running, { what: 'the end' });
});

test('while a scan runs another one is the same', (t) => {
  const one = source();
  const scan = new LineupScan([one], () => 0);
  scan.start();
  scan.start();
  t.is(one.readings, 1);
});

test('a receiver that does not answer ends its part of the scan', async (t) => {
  const one = source();
  const scan = new LineupScan([one], () => 3);
  scan.start();
  one.end(new Error('no answer'));
  await eventually(() => !scan.report.running, { what: 'the end' });
  t.is(scan.report.found, 3);
});

test('aborted, it is over at once, and the end of the old reading does not end a new scan', async (t) => {
  const one = source();
  const scan = new LineupScan([one], () => 3);
  scan.start();
  const endOld = one.end;
  scan.abort();
  t.false(scan.report.running);
  endOld();
  scan.start();
  await Promise.resolve();
  t.true(scan.report.running);
  t.is(one.readings, 2);
});
