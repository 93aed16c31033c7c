import test from 'ava';
import { type IntervalReport, IntervalReporter } from '#shared/observability/interval-reporter.ts';
import { waitFor } from '../../daemon/support/wait-for.ts';

test('a storm of events is two reports: the first at once, the rest as a number with the last of them', async (t) => {
  const reports: Array<IntervalReport<string>> = [];
  const reporter = new IntervalReporter<string>((report) => reports.push(report), 20);
  for (let index = 0; index < 1000; index++) reporter.count(`error ${index}`);
  t.deepEqual(reports, [{ count: 1, total: 1, last: 'error 0' }]);
  await waitFor('the second report', () => reports.length > 1);
  t.deepEqual(reports[1], { count: 999, total: 1000, last: 'error 999' });
  t.is(reporter.total, 1000);
  reporter.close();
});

test('what is pending is reported at the close, and nothing after it', (t) => {
  const reports: Array<IntervalReport<number>> = [];
  const reporter = new IntervalReporter<number>((report) => reports.push(report), 60_000);
  reporter.count(1);
  reporter.count(2, 5);
  reporter.close();
  reporter.close();
  t.deepEqual(
    reports.map(({ count, last }) => [count, last]),
    [
      [1, 1],
      [5, 2],
    ],
  );
});
