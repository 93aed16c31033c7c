/** Two receivers as one: more tuners, more channels, and the second stands in for the first. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { eventually } from '#test/helpers/wait-for.ts';
import { type SimulatedReceiver, startReceiver } from '#test/receiver/receiver.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { Recorder } from './support/recorder.ts';
import { ON } from './support/tuner-channels.ts';

function configuration({ httpPort, streamPort, relayPort }: SimulatedReceiver): string {
  return `receivers:\n  - {host: "127.0.0.1:${httpPort}", streamPort: ${streamPort}, relayPort: ${relayPort}}\n`;
}

async function startPool(t: ExecutionContext): Promise<{ gateway: Gateway; second: SimulatedReceiver; file: string }> {
  const second = await startReceiver({ tuners: 1, tuneLatencyMs: 0 });
  t.teardown(() => second.close());
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-pool-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'xg2g.yaml');
  await writeFile(file, configuration(second));
  const gateway = await startGateway(t, {
    receiver: { tuners: 1 },
    env: { XG2G_CONFIG: file, XG2G_STREAM_LINGER: '0s' },
  });
  await eventually(
    async () => {
      const explained = await (await fetch(`${gateway.url}/api/v1/explain/${ON.t11494[0]}`)).json();
      return ((explained as { receivers?: unknown[] }).receivers ?? []).length === 2;
    },
    { what: 'both receivers to have told their channels' },
  );
  return { gateway, second, file };
}

async function watch(t: ExecutionContext, gateway: Gateway, channel: string): Promise<Recorder> {
  const viewer = new Recorder(t, `${gateway.url}/stream/${channel}.ts?profile=pass`);
  await viewer.waitForBytes(100_000);
  return viewer;
}

test.serial(
  'two boxes of one tuner each play two transponders; a third is refused with the reason of each',
  async (t) => {
    const { gateway, second } = await startPool(t);
    await watch(t, gateway, ON.t11494[0]);
    await watch(t, gateway, ON.t11362[0]);
    t.is(gateway.receiver.stats.openConnections, 1);
    t.is(second.stats.openConnections, 1);
    await watch(t, gateway, ON.t11362[1]);
    t.is(second.stats.openConnections, 2, 'its transponder is received there');
    const response = await fetch(`${gateway.url}/stream/${ON.t11837[0]}.ts`);
    t.is(response.status, 503);
    const { detail } = (await response.json()) as { detail: string };
    t.log(detail);
    t.is(detail.match(/the one tuner of Duo²/g)?.length, 2);
  },
);

test.serial('a box that dies while somebody watches: the other one goes on with the channel', async (t) => {
  const { gateway, second } = await startPool(t);
  const viewer = await watch(t, gateway, ON.t11494[0]);
  t.is(second.stats.openConnections, 0);
  const startedAt = performance.now();
  gateway.receiver.setFault('refused');
  await eventually(() => second.stats.openConnections === 1, { what: 'the other box to be used', timeoutMs: 20_000 });
  const before = viewer.bytes;
  await viewer.waitForBytes(before + 200_000);
  t.log(`went on after ${Math.round(performance.now() - startedAt)} ms`);
  t.false(viewer.ended);
  const next = await watch(t, gateway, ON.t11494[1]);
  t.is(next.status, 200, 'and the next channel goes there at once');
});

test.serial(
  'a second box that has moved to another address is found by a reload, while the first plays on',
  async (t) => {
    const { gateway, second, file } = await startPool(t);
    const viewer = await watch(t, gateway, ON.t11494[0]);
    await second.close();
    const moved = await startReceiver({ tuners: 1, tuneLatencyMs: 0 });
    t.teardown(() => moved.close());
    await writeFile(file, configuration(moved));
    process.kill(gateway.daemonPid, 'SIGHUP');
    await gateway.waitForLog(/"changed":\["receivers"\],"needRestart":\[\]/);
    await watch(t, gateway, ON.t11362[0]);
    t.is(moved.stats.openConnections, 1);
    t.false(viewer.ended);
  },
);
