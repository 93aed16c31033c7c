import test, { type ExecutionContext } from 'ava';
import { decodeErrors, probe } from '#test/helpers/ffprobe.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { Recorder } from './support/recorder.ts';

/** The stream URL of a channel by its name, from the playlist as a player gets it. */
async function urlOf(gateway: Gateway, name: string, profile: string): Promise<string> {
  const playlist = await (await fetch(`${gateway.url}/playlist.m3u`)).text();
  const lines = playlist.split('\n');
  const at = lines.findIndex((line) => line.startsWith('#EXTINF') && line.endsWith(`,${name}`));
  const url = lines.slice(at + 1).find((line) => line.startsWith('http'));
  if (at < 0 || url === undefined) throw new Error(`no channel "${name}" in\n${playlist}`);
  return `${url.split('?')[0]}?profile=${profile}`;
}

async function watch(t: ExecutionContext, url: string, bytes: number): Promise<Recorder> {
  const recorder = new Recorder(t, url);
  await recorder.waitForBytes(bytes, 20_000);
  recorder.stop();
  return recorder;
}

const UDP = { host: '127.0.0.1', port: 20_000 + (process.pid % 20_000) };

const CHANNELS: readonly (readonly [string, string])[] = [
  ['Netz: direkt', 'a transport stream over HTTP'],
  ['Netz: umgeleitet', 'one behind a redirect'],
  ['Netz: HLS', 'HLS'],
  ['Netz: DVB-Typ', 'a URL behind the type of broadcasts'],
  ['Netz: UDP', 'datagrams'],
];

for (const [name, what] of CHANNELS) {
  test.serial(`${what} plays like any channel: picture, sound as AAC, no error in the stream`, async (t) => {
    const gateway = await startGateway(t, { receiver: { internet: { udp: UDP } } });
    const pass = await watch(t, await urlOf(gateway, name, 'pass'), 1_500_000);
    const report = checkTransportStream(pass.data.subarray(0, pass.data.length - (pass.data.length % 188)));
    t.is(report.errors.continuity, undefined, JSON.stringify(report.errors));
    const aac = await watch(t, await urlOf(gateway, name, 'aac'), 1_500_000);
    const codecs = (await probe(aac.data)).streams.map((stream) => stream.codec_name).toSorted();
    t.deepEqual(codecs, ['aac', 'h264']);
    t.deepEqual(await decodeErrors(aac.data, { seconds: 2 }), []);
    t.is(gateway.receiver.stats.connectionsTotal, 0, 'no tuner is used');
  });
}

test.serial('an HLS stream is handed on at the pace at which it plays', async (t) => {
  const gateway = await startGateway(t, { receiver: { internet: {} } });
  const playlist = `http://127.0.0.1:${gateway.receiver.internetPort}/hls/283d/index.m3u8`;
  await eventually(async () => ((await (await fetch(playlist)).text()).match(/#EXTINF/g) ?? []).length >= 4, {
    what: 'the provider to have run for four segments',
    timeoutMs: 15_000,
  });
  const recorder = new Recorder(t, await urlOf(gateway, 'Netz: HLS', 'pass'));
  await recorder.waitForBytes(1, 10_000);
  const arrivals: { atMs: number; bytes: number }[] = [];
  const startedAt = performance.now();
  await recorder.waitUntil(
    () => {
      arrivals.push({ atMs: performance.now() - startedAt, bytes: recorder.bytes });
      return performance.now() - startedAt > 7_000;
    },
    '7 s of the stream',
    10_000,
  );
  const gaps = arrivals.slice(1).map(({ atMs }, index) => atMs - (arrivals[index]?.atMs ?? 0));
  t.true(Math.max(...gaps) < 600, `a gap of ${Math.max(...gaps).toFixed(0)} ms`);
});

test.serial('an internet stream that breaks off is opened again, and the break is marked in it', async (t) => {
  const gateway = await startGateway(t, { receiver: { internet: {} } });
  const recorder = new Recorder(t, await urlOf(gateway, 'Netz: direkt', 'pass'));
  await recorder.waitForBytes(500_000);
  gateway.receiver.setFault('stream-cut', { ref: 'internet' });
  await gateway.waitForLog(/source lost/);
  gateway.receiver.setFault(null);
  const line = await gateway.waitForLog(/source is back/);
  await recorder.waitForBytes(recorder.bytes + 1_000_000);
  recorder.stop();
  t.regex(line, /"awayMs":\d+/);
  const { data } = recorder;
  const report = checkTransportStream(data.subarray(0, data.length - (data.length % 188)));
  t.is(report.errors.continuity, undefined);
});

test.serial('no address of an internet stream is in the log, nor in an answer: it may hold a login', async (t) => {
  const gateway = await startGateway(t, { receiver: { internet: {} }, env: { XG2G_LOG_LEVEL: 'debug' } });
  await watch(t, await urlOf(gateway, 'Netz: DVB-Typ', 'pass'), 100_000);
  await eventually(() => gateway.log.some((line) => line.includes('viewer')), { what: 'the viewer in the log' });
  t.false(gateway.log.some((line) => line.includes('token=')));
});
