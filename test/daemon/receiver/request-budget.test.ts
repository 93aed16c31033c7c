import test from 'ava';
import { RequestBudget } from '#daemon/receiver/request-budget.ts';

async function settled(promise: Promise<void>): Promise<boolean> {
  return Promise.race([
    promise.then(() => true),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);
}

test('the burst goes at once, the next one waits, an urgent one never', async (t) => {
  const budget = new RequestBudget({ perSecond: 50, burst: 3 });
  for (let index = 0; index < 3; index++) t.true(await settled(budget.take()));
  const startMs = performance.now();
  const waiting = budget.take();
  t.false(await settled(waiting));
  t.true(await settled(budget.take({ urgent: true })));
  await waiting;
  t.true(performance.now() - startMs >= 15);
});

test('waiting can be given up with the own reason, and the token is not lost', async (t) => {
  const budget = new RequestBudget({ perSecond: 0.001, burst: 1 });
  await budget.take();
  const controller = new AbortController();
  const reason = new Error('user left');
  const waiting = budget.take({ signal: controller.signal });
  controller.abort(reason);
  t.is(await t.throwsAsync(waiting), reason);
  t.is(await t.throwsAsync(budget.take({ signal: controller.signal })), reason);
});
