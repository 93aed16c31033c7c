import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { eventually } from '#test/helpers/wait-for.ts';
import { startReceiver } from '#test/receiver/receiver.ts';
import { CHANNELS, type Gateway, startGateway } from './support/gateway.ts';
import { Recorder } from './support/recorder.ts';

/** A gateway whose configuration is a file; `reload` writes it anew and tells the daemon. */
async function startConfigured(t: ExecutionContext, first: string, env: NodeJS.ProcessEnv = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-reload-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'xg2g.yaml');
  await writeFile(file, first);
  const gateway = await startGateway(t, { env: { XG2G_CONFIG: file, ...env }, waitForReady: false });
  const reload = async (text: string): Promise<void> => {
    await writeFile(file, text);
    process.kill(gateway.daemonPid, 'SIGHUP');
  };
  return { gateway, reload };
}

async function channelCount({ url }: Gateway): Promise<number> {
  const answer = await fetch(`${url}/api/v1/channels`);
  return ((await answer.json()) as { channels: unknown[] }).channels.length;
}

test.serial('a reload shows other bouquets while a stream runs on; an error in the file changes nothing', async (t) => {
  const { gateway, reload } = await startConfigured(t, '');
  await eventually(async () => (await fetch(`${gateway.url}/readyz`)).ok, { what: 'the gateway to be ready' });
  const all = await channelCount(gateway);
  const viewer = new Recorder(t, gateway.streamUrl('plain', 'pass'));
  await viewer.waitForBytes(200_000);

  await reload('lineup: {bouquets: [Favoriten (TV)]}\n');
  const some = await eventually(
    async () => {
      const count = await channelCount(gateway);
      return count < all ? count : null;
    },
    { what: 'fewer channels' },
  );
  t.true(some > 0);

  await reload('lineup: {bouquet: []}\n');
  await gateway.waitForLog(/xg2g\.yaml:1: lineup\.bouquet is no setting; did you mean bouquets\?.*stay as they were/);
  t.is(await channelCount(gateway), some);

  const { bytes } = viewer;
  await viewer.waitForBytes(bytes + 200_000);
  t.false(viewer.ended);
});

test.serial('a receiver that a reload names is there a moment later, without a restart', async (t) => {
  const other = await startReceiver({ host: '127.0.0.1', tuneLatencyMs: 0 });
  t.teardown(() => other.close());
  const { gateway, reload } = await startConfigured(t, '', {
    XG2G_E2_HOST: '',
    XG2G_E2_STREAM_PORT: String(other.streamPort),
    XG2G_E2_RELAY_PORT: String(other.relayPort),
  });
  const page = await (await fetch(gateway.url)).text();
  t.regex(page, /First: your receiver/);
  t.is(gateway.log.filter((line) => line.includes('no receiver is set')).length, 1);

  await reload(`receiver: {host: "127.0.0.1:${other.httpPort}"}\n`);
  await eventually(async () => (await fetch(`${gateway.url}/readyz`)).ok, { what: 'the gateway to be ready' });
  const viewer = new Recorder(t, gateway.streamUrl('plain'));
  await viewer.waitForBytes(200_000);
  t.notRegex(await (await fetch(gateway.url)).text(), /First: your receiver/);
});

test.serial(
  'profiles, their bit rate and the default one follow a reload; who watches goes on as he began',
  async (t) => {
    const { gateway, reload } = await startConfigured(t, '', { XG2G_STREAM_LINGER: '0s' });
    await eventually(async () => (await fetch(`${gateway.url}/readyz`)).ok, { what: 'the gateway to be ready' });
    const address = gateway.streamUrl('plain').split('?')[0] ?? '';
    const before = new Recorder(t, address);
    await before.waitForBytes(200_000);
    t.is((await fetch(`${address}?profile=kids`)).status, 400);

    await reload(
      'profiles: {kids: {mode: aac, bitrate: 64k}}\nstreams: {profile: kids}\ntranscoder: {audioBitrate: 128k}\n',
    );
    await gateway.waitForLog(/configuration read again/);
    const explained = async (query: string): Promise<string> =>
      await (await fetch(`${gateway.url}/api/v1/explain/${CHANNELS.plain}${query}`)).text();
    t.regex(await explained(''), /"variant":"aac\+stereo\+64000\+all"/);
    t.regex(await explained('?profile=aac'), /"variant":"aac\+stereo\+128000\+all"/);
    const after = new Recorder(t, address);
    await after.waitForBytes(200_000);
    t.is(after.status, 200);

    await reload('streams: {profile: grown-ups}\n');
    await gateway.waitForLog(/There is no profile \\"grown-ups\\".*stay as they were/);
    t.regex(await explained(''), /"variant":"aac\+stereo\+64000\+all"/);
    const { bytes } = before;
    await before.waitForBytes(bytes + 100_000);
    t.false(before.ended);
  },
);
