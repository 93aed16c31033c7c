/** No tuner: the player is shown why, as a channel of its own, and then what it asked for, on the same connection. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { decodeErrors, probe, probePackets } from '#test/helpers/ffprobe.ts';
import { checkTransportStream } from '#test/helpers/tr101290.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { Recorder, record } from './support/recorder.ts';
import { ON } from './support/tuner-channels.ts';

const ENV = { XG2G_STREAM_LINGER: '0s', XG2G_STREAM_BUSY_CARD: 'true' };

const stream = (gateway: Gateway, channel: string, query: string): string =>
  `${gateway.url}/stream/${channel}.ts?${query}`;

async function watch(t: ExecutionContext, url: string): Promise<Recorder> {
  const viewer = new Recorder(t, url);
  await viewer.waitForBytes(100_000);
  return viewer;
}

/** Codecs and sizes in words. */
async function form(media: Buffer): Promise<string[]> {
  const { streams } = await probe(media);
  return streams.map(
    (one) => `${one.codec_name} ${one.width === undefined ? one.sample_rate : `${one.width}x${one.height}`}`,
  );
}

test.serial(
  'who finds no tuner sees a card at the pace of a clock, and is sent to the channel when the first viewer leaves',
  async (t) => {
    const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: ENV });
    const first = await watch(t, stream(gateway, ON.t11494[0], 'profile=pass'));
    const second = new Recorder(t, stream(gateway, ON.t11362[0], 'profile=aac&card=1'));
    await second.waitForBytes(1);
    t.is(second.status, 200);
    const startedAt = performance.now();
    await second.waitUntil(() => performance.now() - startedAt > 4_000, '4 s of the card');
    const card = second.data;
    const report = checkTransportStream(card);
    t.log(`${card.length} bytes, ${Math.round(report.durationMs ?? 0)} ms of stream in 4000 ms`);
    t.deepEqual(report.errors, {});
    t.true(
      Math.abs((report.durationMs ?? 0) - 4_500) < 500,
      `${report.durationMs} ms: the clock's pace, and half a second ahead`,
    );
    t.deepEqual(await form(card), ['h264 1280x720', 'aac 48000']);
    t.deepEqual(await decodeErrors(card, { seconds: 3 }), []);
    await gateway.waitForLog(/shown a card: no tuner/);
    t.is(await gateway.metric('xg2g_busy_cards'), 1);

    first.stop();
    // Nothing was known of its form: players would keep the decoders that they have, so they are sent to begin anew.
    await second.waitUntil(() => second.ended, 'the end of the card');
    await gateway.waitForLog(/other-form.*the card ends/);
    await watch(t, stream(gateway, ON.t11362[0], 'profile=aac&card=1'));
    await eventually(async () => (await gateway.metric('xg2g_busy_cards')) === 0, { what: 'the card to be gone' });
  },
);

test.serial(
  'a channel known from before gets its card in its own form, and takes its place without a fault',
  async (t) => {
    const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: ENV });
    // Seen once: MPEG-2 576i with MP2.
    await record(t, stream(gateway, ON.t11837[0], 'profile=pass'), 2);
    const first = await watch(t, stream(gateway, ON.t11494[0], 'profile=pass'));
    const second = await watch(t, stream(gateway, ON.t11837[0], 'profile=pass&card=1'));
    const startedAt = performance.now();
    await second.waitUntil(() => performance.now() - startedAt > 2_000, '2 s of the card');
    const card = second.data;
    t.deepEqual(await form(card), ['mpeg2video 720x576', 'mp2 48000']);
    first.stop();
    await gateway.waitForLog(/the card gives way to the channel/);
    const bytesThen = second.bytes;
    await second.waitForBytes(bytesThen + 2_000_000, 20_000);
    t.false(second.ended);
    const all = second.data;
    const report = checkTransportStream(all);
    t.deepEqual(report.errors, {});
    // Teletext and further languages come with the channel.
    t.true((await probe(all)).streams.length >= 2);
    const pictures = await probePackets(all, 'v:0');
    t.true(pictures.length > 75, `${pictures.length} pictures of card and channel on one PID`);
    t.deepEqual(await decodeErrors(all, { seconds: 6 }), []);
  },
);

test.serial(
  'who loses the tuner to another sees a card instead of the end, and the channel again afterwards',
  async (t) => {
    const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: ENV });
    const background = await watch(t, stream(gateway, ON.t11362[0], 'profile=pass&priority=background&card=1'));
    const viewer = await watch(t, stream(gateway, ON.t11494[0], 'profile=pass'));
    await gateway.waitForLog(/shown a card: no tuner/);
    const bytesThen = background.bytes;
    await background.waitForBytes(bytesThen + 50_000);
    t.false(background.ended);
    viewer.stop();
    await gateway.waitForLog(/the card gives way to the channel/);
    const report = checkTransportStream(background.data);
    t.deepEqual(report.errors, {});
  },
);

test.serial('media servers, recorders and who does not want it get the plain refusal', async (t) => {
  const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: ENV });
  await watch(t, stream(gateway, ON.t11494[0], 'profile=pass'));
  const status = async (path: string, userAgent?: string): Promise<number> => {
    const response = await fetch(
      `${gateway.url}${path}`,
      userAgent === undefined ? {} : { headers: { 'user-agent': userAgent } },
    );
    await response.body?.cancel();
    return response.status;
  };
  const channel = `/stream/${ON.t11362[0]}.ts`;
  t.is(await status(channel, 'VLC/3.0.21 LibVLC/3.0.21'), 200);
  t.is(await status(channel, 'Kodi/21.0'), 200);
  t.is(await status(channel, 'PlexMediaServer/1.40'), 503);
  t.is(await status(channel, 'Lavf/60.16.100'), 503);
  t.is(await status(channel, 'Jellyfin-Server/10.9'), 503);
  t.is(await status(channel), 503);
  t.is(await status(`${channel}?card=0`, 'VLC/3.0.21 LibVLC/3.0.21'), 503);
  t.is(await status(`${channel}?priority=background`, 'VLC/3.0.21 LibVLC/3.0.21'), 503);
  const lineup = (await (await fetch(`${gateway.url}/lineup.json`)).json()) as { GuideName: string; URL: string }[];
  const device = new URL(lineup.find((entry) => entry.GuideName === 'Klassik SD')?.URL ?? '').pathname;
  t.is(await status(device, 'VLC/3.0.21 LibVLC/3.0.21'), 503);
  t.is(await status(`${device}?card=1`, 'VLC/3.0.21 LibVLC/3.0.21'), 200);
});

test.serial('where it is not set, the refusal is what it was', async (t) => {
  const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: { XG2G_STREAM_LINGER: '0s' } });
  await watch(t, stream(gateway, ON.t11494[0], 'profile=pass'));
  const response = await fetch(stream(gateway, ON.t11362[0], 'profile=pass'), {
    headers: { 'user-agent': 'VLC/3.0.21' },
  });
  t.is(response.status, 503);
  t.is(((await response.json()) as { code: string }).code, 'NO_TUNER');
});

test.serial(
  'what was seen of a channel outlives a restart: its card has its form, its first zap its tables',
  async (t) => {
    const data = await mkdtemp(join(tmpdir(), 'xg2g-known-'));
    t.teardown(() => rm(data, { recursive: true, force: true }));
    const before = await startGateway(t, { receiver: { tuners: 1 }, env: { ...ENV, XG2G_DATA: data } });
    await record(t, stream(before, ON.t11362[0], 'profile=pass'), 2);
    process.kill(before.daemonPid, 'SIGTERM');
    await before.waitForLog(/daemon\/main\.ts ended/);
    const after = await startGateway(t, { receiver: { tuners: 1 }, env: { ...ENV, XG2G_DATA: data } });
    const explained = (await (await fetch(`${after.url}/api/v1/explain/${ON.t11362[0]}`)).json()) as object;
    t.like(explained, {
      tracks: { video: ['h264'], format: { codec: 'h264', width: 1920, height: 1080, frameRate: { num: 25, den: 1 } } },
    });
    const first = await watch(t, stream(after, ON.t11494[0], 'profile=pass'));
    const second = await watch(t, stream(after, ON.t11362[0], 'profile=pass&card=1'));
    await second.waitForBytes(200_000);
    t.deepEqual(await form(second.data), ['h264 1920x1080', 'ac3 48000']);
    first.stop();
    await after.waitForLog(/the card gives way to the channel/);
  },
);

test.serial('a transcoder that does not answer costs a moment, then the refusal is sent', async (t) => {
  const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: ENV });
  await watch(t, stream(gateway, ON.t11494[0], 'profile=pass'));
  process.kill(gateway.transcoderPid, 'SIGSTOP');
  t.teardown(() => process.kill(gateway.transcoderPid, 'SIGCONT'));
  const startedAt = performance.now();
  const response = await fetch(stream(gateway, ON.t11362[0], 'profile=pass&card=1'));
  t.is(response.status, 503);
  t.is(((await response.json()) as { code: string }).code, 'NO_TUNER');
  t.true(performance.now() - startedAt < 6_000);
});
