import test from 'ava';
import { KeptOpen, type Opened } from '#daemon/hdhomerun/discovery/kept-open.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { captureLog } from '../../support/captured-log.ts';

const COMMON = { what: 'UDP port 1', consequence: 'nobody finds it' };

function inUse(): Error {
  return Object.assign(new Error('bind EADDRINUSE'), { code: 'EADDRINUSE' });
}

test('what cannot be opened is one warning with the reason, and tried again until it can', async (t) => {
  const log = captureLog();
  let attempts = 0;
  const open = async (): Promise<Opened> => {
    if (++attempts < 4) throw inUse();
    return { close: () => undefined };
  };
  const kept = new KeptOpen({ ...COMMON, logger: log.logger, retryMs: 2, open });
  t.teardown(() => kept.close());
  await eventually(() => kept.state === 'open', { what: 'the port' });
  t.deepEqual(log.messages('warn'), [
    'UDP port 1 cannot be had: another program uses it. Until it can, nobody finds it',
  ]);
  t.deepEqual(log.messages('info'), ['UDP port 1: works now']);
});

test('what breaks later is closed and opened anew, also when it breaks at once', async (t) => {
  const log = captureLog();
  let opened = 0;
  let closed = 0;
  const kept = new KeptOpen({
    ...COMMON,
    logger: log.logger,
    retryMs: 2,
    open: async (onLost) => {
      if (++opened === 1) onLost(inUse());
      return { close: () => void closed++ };
    },
  });
  t.teardown(() => kept.close());
  await eventually(() => kept.state === 'open' && opened === 2, { what: 'the second opening' });
  t.is(closed, 1);
});

test('closing while it is being opened closes what was opened', async (t) => {
  const { promise, resolve } = Promise.withResolvers<Opened>();
  let closed = 0;
  const kept = new KeptOpen({ ...COMMON, logger: captureLog().logger, open: () => promise });
  const closing = kept.close();
  resolve({ close: () => void closed++ });
  await closing;
  t.is(closed, 1);
  t.is(kept.state, 'closed');
});

test('closing while it waits ends the waiting', async (t) => {
  let attempts = 0;
  const open = async (): Promise<Opened> => {
    attempts++;
    throw inUse();
  };
  const kept = new KeptOpen({ ...COMMON, logger: captureLog().logger, retryMs: 60_000, open });
  await kept.settled;
  t.is(kept.state, 'waiting');
  await kept.close();
  t.is(attempts, 1);
});
