/** What HTTP clients of an HDHomeRun do: tune a given tuner, for some time, in a profile of the device's; scan; ask for the signal. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { probeStreams } from '#test/helpers/ffprobe.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { serviceByName } from '#test/receiver/lineup/services.ts';
import { startGateway } from './support/gateway.ts';
import { Recorder } from './support/recorder.ts';

const NO_LINGER = { XG2G_STREAM_LINGER: '0s' };

async function json(url: string): Promise<unknown> {
  return (await fetch(url)).json();
}

async function configuration(t: ExecutionContext, text: string): Promise<{ XG2G_CONFIG: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'xg2g-hdhr-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'xg2g.yaml'), text);
  return { XG2G_CONFIG: join(folder, 'xg2g.yaml') };
}

test.serial('a stream with a duration ends by itself, and its tuner is free again', async (t) => {
  const gateway = await startGateway(t, { env: NO_LINGER });
  const startedAt = performance.now();
  const response = await fetch(`${gateway.url}/auto/v1?duration=2`);
  t.is(response.headers.get('content-type'), 'video/mp2t');
  t.is(response.headers.get('x-hdhomerun-resource'), 'tuner0');
  const bytes = Buffer.from(await response.arrayBuffer());
  const seconds = (performance.now() - startedAt) / 1000;
  t.true(seconds > 1.9 && seconds < 6, `${seconds} s`);
  t.is(bytes.length % 188, 0);
  t.true((await probeStreams(bytes, 'audio')).some((stream) => stream.codec_name === 'aac'));
  await eventually(() => gateway.receiver.stats.tunersInUse === 0, { what: 'the tuner to be free' });
});

test.serial('transcode takes the names of the device and ours; an unknown one is 802', async (t) => {
  const gateway = await startGateway(t, { env: NO_LINGER });
  const sound = async (query: string): Promise<string | undefined> => {
    const response = await fetch(`${gateway.url}/auto/v1?duration=1.5&${query}`);
    const streams = await probeStreams(Buffer.from(await response.arrayBuffer()), 'audio');
    return streams[0]?.codec_name;
  };
  t.is(await sound('transcode=none'), 'mp2');
  t.is(await sound('transcode=internet240&whatever=%ff'), 'aac');
  t.is(await sound('transcode=pass'), 'mp2');
  const unknown = await fetch(`${gateway.url}/auto/v1?transcode=internet9000`);
  t.is(unknown.status, 503);
  t.is(unknown.headers.get('x-hdhomerun-error'), '802 Unknown Transcode Profile');
  t.true(Number(unknown.headers.get('content-length')) > 0);
  t.is((await fetch(`${gateway.url}/auto/v9999`)).headers.get('x-hdhomerun-error'), '801 Unknown Channel');
});

test.serial('a tuner by its number is that one, and nobody else’s meanwhile; HEAD takes none', async (t) => {
  const gateway = await startGateway(t, { receiver: { live: serviceByName('Das Erste Übung HD') }, env: NO_LINGER });
  const head = await fetch(`${gateway.url}/tuner1/v1`, { method: 'HEAD' });
  t.is(head.status, 200);
  t.is(head.headers.get('content-type'), 'video/mp2t');
  t.is(gateway.receiver.stats.requests.get('/web/stream.m3u') ?? 0, 0);
  const viewer = new Recorder(t, `${gateway.url}/tuner1/v1`);
  await viewer.waitForBytes(300_000);
  const taken = await fetch(`${gateway.url}/tuner1/v2`);
  t.is(taken.status, 503);
  t.is(taken.headers.get('x-hdhomerun-error'), '804 Tuner In Use');
  const beyond = await fetch(`${gateway.url}/tuner9/v2`);
  t.is(beyond.status, 404);
  t.is((await fetch(`${gateway.url}/tuners/v1`)).headers.get('x-hdhomerun-error'), null);
  const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
  t.true(metrics.includes('route="/tuner:tuner/:virtual",status="503"'), 'requests are counted by route');

  // The television shows the same transponder: there the box measures.
  const tuners = await eventually(
    async () => {
      const answer = (await json(`${gateway.url}/status.json`)) as Record<string, unknown>[];
      return answer[1]?.['SignalQualityPercent'] === undefined ? null : answer;
    },
    { what: "the box's own signal", timeoutMs: 15_000 },
  );
  t.deepEqual(tuners[0], { Resource: 'tuner0' });
  t.like(tuners[1], {
    Resource: 'tuner1',
    VctNumber: '1',
    VctName: 'Das Erste Übung HD',
    SignalStrengthPercent: 71,
    SignalQualityPercent: 92,
    SymbolQualityPercent: 100,
    TargetIP: '127.0.0.1',
  });
  t.true(Number(tuners[1]?.['NetworkRate']) > 100_000);
  const asked = gateway.receiver.stats.requests.get('/api/tunersignal') ?? 0;
  for (let count = 0; count < 20; count++) await json(`${gateway.url}/status.json`);
  t.true((gateway.receiver.stats.requests.get('/api/tunersignal') ?? 0) <= asked + 1, 'the box is left in peace');
  viewer.stop();
  await eventually(
    async () => ((await json(`${gateway.url}/status.json`)) as object[]).every((one) => Object.keys(one).length === 1),
    {
      what: 'all tuners to be free',
    },
  );
});

test.serial('codecs stand in the lineup once they are known', async (t) => {
  const gateway = await startGateway(t, { env: NO_LINGER });
  const first = async () => ((await json(`${gateway.url}/lineup.json`)) as Record<string, unknown>[])[0];
  t.is((await first())?.['VideoCodec'], undefined);
  t.is((await first())?.['AudioCodec'], 'AAC');
  await (await fetch(`${gateway.url}/auto/v1?duration=1`)).arrayBuffer();
  t.like(await first(), { VideoCodec: 'H264', AudioCodec: 'AAC', HD: 1 });
});

test.serial('a scan reads the bouquets of the receiver again', async (t) => {
  const gateway = await startGateway(t);
  await gateway.waitForLog(/guide read/);
  const asked = (): number => gateway.receiver.stats.requests.get('/api/getservices') ?? 0;
  const before = asked();
  await fetch(`${gateway.url}/lineup.post?scan=start&source=Antenna`, { method: 'POST' });
  await eventually(
    async () => ((await json(`${gateway.url}/lineup_status.json`)) as Record<string, unknown>)['ScanInProgress'] === 0,
    { what: 'the end of the scan' },
  );
  t.true(asked() > before);
});

test.serial('a further device has its own port and plays its channels there', async (t) => {
  const port = 21_310 + (process.pid % 80);
  const env = await configuration(
    t,
    `hdhomerun: { devices: [{ name: Radio Eins, bouquets: ["Favoriten (TV)"], tuners: 3, port: ${port} }] }\n`,
  );
  const gateway = await startGateway(t, { env: { ...NO_LINGER, ...env } });
  const own = `http://127.0.0.1:${port}`;
  await eventually(
    () =>
      fetch(`${own}/discover.json`).then(
        (answer) => answer.ok,
        () => false,
      ),
    { what: 'its port' },
  );
  t.like(await json(`${own}/discover.json`), { FriendlyName: 'Radio Eins', TunerCount: 3, BaseURL: own });
  const channels = (await json(`${own}/lineup.json`)) as { URL: string }[];
  const all = (await json(`${gateway.url}/lineup.json`)) as unknown[];
  t.true(channels.length > 0 && channels.length < all.length);
  const stream = await fetch(`${channels[0]?.URL}?duration=3`);
  t.true(channels[0]?.URL.startsWith(`${own}/auto/v`));
  t.true((await stream.arrayBuffer()).byteLength > 100_000);
  t.like(await json(`${gateway.url}/hdhr/radio-eins/discover.json`), { BaseURL: `${gateway.url}/hdhr/radio-eins` });
});
