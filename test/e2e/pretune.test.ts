/** Neighbours that cost nothing are kept ready while somebody may zap to them. */
import test from 'ava';
import { eventually } from '#test/helpers/wait-for.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { Recorder, record } from './support/recorder.ts';
import { ON } from './support/tuner-channels.ts';

const ENV = { XG2G_STREAM_LINGER: '0s', XG2G_STREAM_PRETUNE: 'on' };
const [FIRST, SECOND] = ON.t11494;

const stream = (gateway: Gateway, channel: string, query = 'profile=pass'): string =>
  `${gateway.url}/stream/${channel}.ts?${query}`;

const explained = async (gateway: Gateway, channel: string): Promise<string> =>
  await (await fetch(`${gateway.url}/api/v1/explain/${channel}`)).text();

const pretunes = async (gateway: Gateway, outcome: 'opened' | 'used'): Promise<number> =>
  (await gateway.metric(`xg2g_pretunes_total{outcome="${outcome}"}`)) ?? 0;

test.serial(
  'the neighbour of a watched channel runs already when somebody zaps to it, and takes no tuner',
  async (t) => {
    const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: ENV });
    const viewer = new Recorder(t, stream(gateway, FIRST));
    await viewer.waitForBytes(100_000);
    await eventually(
      async () => (await gateway.metric('xg2g_tuner_leases{receiver="receiver",class="interactive"}')) === 1,
      {
        what: 'the viewer',
      },
    );
    t.is(await gateway.metric('xg2g_pretuned_channels'), 0, 'what was never seen may be encrypted');
    viewer.stop();

    const cold = new Recorder(t, stream(gateway, SECOND));
    await cold.waitForBytes(100_000);
    cold.stop();
    const opened = await pretunes(gateway, 'opened');
    const again = new Recorder(t, stream(gateway, FIRST));
    await eventually(async () => ((await gateway.metric('xg2g_pretuned_channels')) ?? 0) > 0, {
      what: 'the neighbour to be kept ready',
      timeoutMs: 10_000,
    });
    await eventually(
      async () => /kept ready since \d\d:\d\d, as the neighbour of Das Erste/.test(await explained(gateway, SECOND)),
      {
        what: 'explain to say so',
      },
    );
    await eventually(async () => (await pretunes(gateway, 'opened')) > opened, { what: 'its stream to run' });
    const used = await pretunes(gateway, 'used');
    t.is(gateway.receiver.stats.tunersInUse, 1);
    const warm = new Recorder(t, stream(gateway, SECOND));
    await warm.waitForBytes(100_000);
    t.log(`first byte: cold ${cold.firstByteMs?.toFixed(1)} ms, kept ready ${warm.firstByteMs?.toFixed(1)} ms`);
    await eventually(async () => (await pretunes(gateway, 'used')) > used, { what: 'the pretune to count as used' });
    again.stop();
    warm.stop();
    await eventually(() => gateway.receiver.stats.tunersInUse === 0, { what: 'everything to be given back' });
    t.is(await gateway.metric('xg2g_pretuned_channels'), 0);
  },
);

test.serial('who needs the tuner gets it from under a channel that is kept ready', async (t) => {
  const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: ENV });
  await record(t, stream(gateway, SECOND), 1);
  const viewer = new Recorder(t, stream(gateway, FIRST));
  await eventually(async () => ((await gateway.metric('xg2g_pretuned_channels')) ?? 0) > 0, {
    what: 'the neighbour to be kept ready',
    timeoutMs: 10_000,
  });
  viewer.stop();
  const recorder = new Recorder(t, stream(gateway, ON.t11837[0], 'profile=pass&priority=background'));
  await recorder.waitForBytes(100_000);
  t.is(recorder.status, 200, 'not even what runs in the background has to wait');
});
