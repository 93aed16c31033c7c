/** One gateway, one fault after the other: what the viewer sees, how soon, and what the log says of it. */
import test from 'ava';
import { FAULT_CASES } from './support/fault-cases.ts';
import { runFault } from './support/fault-runner.ts';
import { type Gateway, startGateway } from './support/gateway.ts';

const teardowns: (() => unknown)[] = [];
let gateway: Gateway;

test.before(async () => {
  gateway = await startGateway(
    { teardown: (fn) => teardowns.push(fn) },
    { env: { XG2G_STREAM_LINGER: '0s' }, receiver: { wakePort: 0 } },
  );
});

test.after.always(async () => {
  for (const teardown of teardowns.toReversed()) await teardown();
});

/** What a busy machine may add. */
const TOLERANCE_SECONDS = 2;

for (const one of FAULT_CASES) {
  const when = one.when === 'zap' ? 'at the zap' : 'while watching';
  test.serial(`${one.name}, ${when}: ${one.expect} within ${one.seconds} s`, async (t) => {
    t.timeout(120_000);
    const outcome = await runFault(gateway, one);
    t.log(`${outcome.seen} after ${outcome.seconds.toFixed(2)} s ${outcome.detail}`);
    t.is(outcome.seen, one.expect, outcome.detail);
    t.true(outcome.seconds < one.seconds + TOLERANCE_SECONDS, `${outcome.seconds} s`);
    if (one.when === 'running' && one.damaged !== true) t.is(outcome.silentBreaks, 0, 'every gap is announced');
  });
}

test.serial('after all of it nothing is left open', async (t) => {
  t.is(gateway.receiver.stats.openConnections, 0);
  const health = await fetch(`${gateway.url}/healthz`);
  t.is(health.status, 200);
});
