import test from 'ava';
import { type NotifyEnvironment, serviceManager, watchdogIntervalMs } from '#shared/service-manager.ts';
import { captureLog } from '#test/daemon/support/captured-log.ts';
import { waitFor } from '#test/helpers/wait-for.ts';

/** A manager whose messages are kept instead of sent. */
function manager(environment: NotifyEnvironment, send?: (sent: string[]) => Promise<void>) {
  const sent: string[] = [];
  const listeners = new Set<() => void>();
  const log = captureLog();
  const service = serviceManager({
    environment: { NOTIFY_SOCKET: '/run/systemd/notify', ...environment },
    pid: 42,
    logger: log.logger,
    send: async (assignments) => {
      sent.push(assignments.join(' '));
      for (const listener of listeners) listener();
      await send?.(sent);
    },
  });
  const until = (count: number): Promise<boolean> =>
    waitFor(
      (changed) => {
        listeners.add(changed);
        return () => listeners.delete(changed);
      },
      () => sent.length >= count,
      { what: `${count} messages` },
    );
  return { service, sent, until, log };
}

test('without a service manager nothing is sent', (t) => {
  const service = serviceManager({
    environment: {},
    pid: 42,
    logger: captureLog().logger,
    send: () => t.fail('nobody listens') as unknown as Promise<void>,
  });
  service.ready();
  service.status('busy');
  service.stopping();
  t.pass();
});

test('ready, status and stopping are told in their order, however slow the way is', async (t) => {
  const { service, sent, until } = manager({}, () => new Promise((resolve) => setImmediate(resolve)));
  service.ready();
  service.status('82 channels');
  service.stopping();
  await until(3);
  t.deepEqual(sent, ['READY=1', 'STATUS=82 channels', 'STOPPING=1']);
});

test('the watchdog hears of a live event loop at half its time, and of a blocked one nothing', async (t) => {
  const { service, sent, until } = manager({ WATCHDOG_USEC: '20000', WATCHDOG_PID: '42' });
  service.ready();
  await until(3);
  t.deepEqual(sent.slice(1, 3), ['WATCHDOG=1', 'WATCHDOG=1']);
  const before = sent.length;
  for (const endMs = performance.now() + 60; performance.now() < endMs; );
  t.is(sent.length, before);
  service.stopping();
});

test('after stopping the watchdog is not answered any more', async (t) => {
  const { service, sent, until } = manager({ WATCHDOG_USEC: '2000' });
  service.ready();
  await until(2);
  service.stopping();
  await until(sent.length + 1);
  const count = sent.length;
  const other = manager({ WATCHDOG_USEC: '2000' });
  other.service.ready();
  await other.until(10); // as long as the first one would have taken for nine more
  other.service.stopping();
  t.is(sent.length, count);
  t.is(sent.at(-1), 'STOPPING=1');
});

test('a way that fails is reported once, not per message, and does not end the process', async (t) => {
  const { service, until, log } = manager({}, () => Promise.reject(new Error('spawn systemd-notify ENOENT')));
  service.ready();
  service.status('one');
  service.status('two');
  await until(3);
  await new Promise((resolve) => setImmediate(resolve));
  t.is(log.messages('warn').length, 1);
  t.regex(log.messages('warn')[0] ?? '', /systemd-notify failed \(spawn systemd-notify ENOENT\)/);
});

test('the interval is half of WATCHDOG_USEC, in milliseconds, if the watchdog means this process', (t) => {
  t.is(watchdogIntervalMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' }, 42), 15_000);
  t.is(watchdogIntervalMs({ WATCHDOG_USEC: '30000000' }, 42), 15_000);
  t.is(watchdogIntervalMs({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' }, 42), null);
  t.is(watchdogIntervalMs({}, 42), null);
  t.is(watchdogIntervalMs({ WATCHDOG_USEC: 'soon' }, 42), null);
  t.is(watchdogIntervalMs({ WATCHDOG_USEC: '0' }, 42), null);
});
