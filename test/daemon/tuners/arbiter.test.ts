import test from 'ava';
import { Arbiter } from '#daemon/tuners/arbiter.ts';
import type { XgError } from '#shared/errors.ts';
import { ManualClock } from '#test/helpers/manual-clock.ts';
import { captureLog } from '../support/captured-log.ts';
import { MINUTE, NOW, picture, service, timer, viewer } from './support/boxes.ts';

function arbiter() {
  const clock = new ManualClock(NOW);
  const log = captureLog();
  const made = new Arbiter({ boxes: [{ id: 'one', name: 'Duo²', keepFree: 0 }], clock, logger: log.logger });
  const ended: XgError[] = [];
  const ask = (name: string, leaseClass: 'background' | 'interactive' = 'interactive') =>
    made.request(
      { id: name, service: service(name), boxes: ['one'], viewers: [viewer(`viewer of ${name}`, leaseClass)] },
      (error) => ended.push(error),
    );
  return { arbiter: made, clock, log, ended, ask };
}

test('a refusal is an error in words, with the time to come back', (t) => {
  const { arbiter: made, ask } = arbiter();
  made.observe('one', picture({ tunerCount: 1 }));
  t.like(ask('A1'), { box: 'one', why: 'free' });
  const error = t.throws(() => ask('B1'), { code: 'NO_TUNER' }) as XgError;
  t.regex(error.message, /A1 is watched by viewer of A1/);
  t.is(error.data['retryAfterSeconds'], 10);
});

test('a background lease ends by itself when a timer is about to begin, and its viewer hears which', async (t) => {
  const { arbiter: made, clock, log, ended, ask } = arbiter();
  ask('A1');
  ask('B1', 'background');
  made.observe('one', picture({ upcoming: [timer('C1', { beginMs: NOW + 15 * MINUTE })] }));
  t.true(
    log.messages('info').some((text) => /B1 will end: the timer "Film on C1" on C1 needs the tuner at/.test(text)),
  );
  await clock.advance(15 * MINUTE - 25_001);
  t.is(ended.length, 0);
  await clock.advance(1);
  t.deepEqual(
    ended.map((error) => error.code),
    ['TUNER_TAKEN'],
  );
  t.regex(ended[0]?.message ?? '', /The tuner of B1 was taken away: the timer "Film on C1" on C1 begins at \d\d:\d\d/);
  t.deepEqual(
    made.state.leases.map((lease) => lease.id),
    ['A1'],
  );
  made.close();
  t.is(clock.pending, 0);
});

test('a lease that was released is not revoked, and releasing twice does no harm', (t) => {
  const { arbiter: made, ended, ask } = arbiter();
  made.observe('one', picture({ tunerCount: 1 }));
  ask('A1', 'background');
  made.release('A1');
  made.release('A1');
  ask('B1');
  t.deepEqual(ended, []);
  t.is(made.state.leases.length, 1);
});
