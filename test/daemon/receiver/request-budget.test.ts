import test from 'ava';
import { RequestBudget } from '#daemon/receiver/request-budget.ts';
import { ManualClock } from '#test/helpers/manual-clock.ts';

async function settled(promise: Promise<void>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);
}

test('the burst goes at once, the next one waits for its share, an urgent one never', async (t) => {
  const clock = new ManualClock();
  const budget = new RequestBudget({ perSecond: 50, burst: 3, clock });
  for (let index = 0; index < 3; index++) t.true(await settled(budget.take()));
  const waiting = budget.take();
  t.false(await settled(waiting));
  t.is(budget.waiting, 1);
  t.true(await settled(budget.take({ urgent: true })));
  await clock.advance(19);
  t.false(await settled(waiting));
  await clock.advance(1);
  t.true(await settled(waiting));
  t.is(budget.waiting, 0);
});

test('over a minute no more goes out than the burst and ten a second, however many ask', async (t) => {
  const clock = new ManualClock();
  const budget = new RequestBudget({ perSecond: 10, burst: 20, clock });
  let gone = 0;
  for (let index = 0; index < 900; index++) void budget.take().then(() => gone++);
  await clock.advance(60_000);
  t.true(gone <= 20 + 600, `${gone} went out`);
  t.true(gone >= 600, `${gone} went out`);
});

test('an urgent debt is paid by those that come after', async (t) => {
  const clock = new ManualClock();
  const budget = new RequestBudget({ perSecond: 10, burst: 1, clock });
  for (let index = 0; index < 6; index++) await budget.take({ urgent: true });
  const waiting = budget.take();
  await clock.advance(500);
  t.false(await settled(waiting));
  await clock.advance(100);
  t.true(await settled(waiting));
});

test('waiting can be given up with the own reason, and the token is not lost', async (t) => {
  const clock = new ManualClock();
  const budget = new RequestBudget({ perSecond: 0.001, burst: 1, clock });
  await budget.take();
  const controller = new AbortController();
  const reason = new Error('user left');
  const waiting = budget.take({ signal: controller.signal });
  controller.abort(reason);
  t.is(await t.throwsAsync(waiting), reason);
  t.is(clock.pending, 0, 'no timer stays');
  t.is(await t.throwsAsync(budget.take({ signal: controller.signal })), reason);
});

test('the queue is bounded: what does not fit is refused at once', async (t) => {
  const clock = new ManualClock();
  const budget = new RequestBudget({ perSecond: 1, burst: 1, maxWaiting: 2, clock });
  await budget.take();
  const waiting = [budget.take(), budget.take()];
  await t.throwsAsync(budget.take(), { code: 'RECEIVER_BUDGET' });
  await clock.advance(2_000);
  await Promise.all(waiting);
});
