import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test from 'ava';
import type { StatusInfo } from '#daemon/receiver/model.ts';
import { Waker } from '#daemon/tuners/waker.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';

const awake: StatusInfo = { standby: false, recording: false, streaming: false, currentService: null };

function waker(options: { onLan?: boolean; fromStandby?: boolean; macs?: string[]; port?: number }) {
  const box = { status: awake as StatusInfo | null, woken: 0 };
  const made = new Waker({
    name: 'Duo²',
    logger: createSilentLogger(),
    onLan: options.onLan ?? false,
    fromStandby: options.fromStandby ?? false,
    macs: () => options.macs ?? [],
    target: { host: '127.0.0.1', port: options.port ?? 9 },
    box: {
      statusInfo: async () => {
        if (box.status === null) throw new Error('no answer');
        return box.status;
      },
      wakeFromStandby: async () => {
        box.woken++;
      },
    },
  });
  return { waker: made, box };
}
const signal = (): AbortSignal => AbortSignal.timeout(10_000);

test('a box in standby is left there unless its owner wants it otherwise: streaming needs no television', async (t) => {
  for (const fromStandby of [false, true]) {
    const { waker: made, box } = waker({ fromStandby, onLan: true });
    box.status = { ...awake, standby: true };
    await made.wake(signal());
    t.is(box.woken, Number(fromStandby));
  }
});

test('a box that is awake is not touched', async (t) => {
  const { waker: made, box } = waker({ fromStandby: true, onLan: true });
  await made.wake(signal());
  t.is(box.woken, 0);
});

test('a box that does not answer gets the magic packet, and who wants to watch waits for it', async (t) => {
  const card = createSocket('udp4');
  t.teardown(() => card.close());
  card.bind(0, '127.0.0.1');
  await once(card, 'listening');
  const { waker: made, box } = waker({ onLan: true, macs: ['00:1d:ec:00:00:01'], port: card.address().port });
  box.status = null;
  card.once('message', () => {
    box.status = awake;
  });
  await t.notThrowsAsync(made.wake(signal()));
});

test('one that stays away is said to be starting, with the time to come back', async (t) => {
  const { waker: made, box } = waker({ onLan: true, macs: ['00:1d:ec:00:00:01'] });
  box.status = null;
  const error = await t.throwsAsync(made.wake(signal()), { code: 'RECEIVER_WAKING', message: /Duo² was asleep/ });
  t.like(error, { data: { retryAfterSeconds: 30 } });
});

test('one whose address nobody knows cannot be woken, and the error says what to do', async (t) => {
  const { waker: made, box } = waker({ onLan: true });
  box.status = null;
  await t.throwsAsync(made.wake(signal()), { code: 'RECEIVER_ASLEEP', message: /receiver\.mac/ });
});

test('without wake-on-LAN it is left to the stream to fail', async (t) => {
  const { waker: made, box } = waker({ fromStandby: true });
  box.status = null;
  await t.notThrowsAsync(made.wake(signal()));
});
