import test from 'ava';
import { decodeErrors } from '#test/helpers/ffprobe.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { startGateway } from './support/gateway.ts';
import { Recorder } from './support/recorder.ts';

test.serial('ten viewers of one channel are one connection to the receiver, and leaving releases it', async (t) => {
  const gateway = await startGateway(t, { env: { XG2G_STREAM_LINGER: '1s' } });
  const viewers = Array.from({ length: 10 }, (_, index) => {
    return new Recorder(t, gateway.streamUrl('mp2', index % 2 === 0 ? 'aac' : 'pass'));
  });
  for (const viewer of viewers) await viewer.waitForBytes(200_000);
  t.is(gateway.receiver.stats.openConnections, 1);
  t.is(gateway.receiver.stats.connectionsTotal, 1);
  for (const viewer of viewers) viewer.stop();
  await eventually(() => gateway.receiver.stats.openConnections === 0, { what: 'the receiver to be released' });
});

test.serial(
  'a killed transcoder: pass goes on untouched, AAC resumes within 2 s, log and metrics say so',
  async (t) => {
    const gateway = await startGateway(t);
    const pass = new Recorder(t, gateway.streamUrl('plain', 'pass'));
    const aac = new Recorder(t, gateway.streamUrl('plain'));
    await Promise.all([pass.waitForBytes(500_000), aac.waitForBytes(500_000)]);

    gateway.killTranscoder();
    const killedAt = performance.now();
    await gateway.waitForLog(/AAC stream interrupted/);
    const before = aac.bytes;
    await aac.waitUntil(() => aac.bytes > before, 'AAC to resume', 5_000);
    const away = performance.now() - killedAt;
    t.true(away < 2_000, `AAC was away for ${Math.round(away)} ms`);
    t.log(`AAC was away for ${Math.round(away)} ms`);

    const resumedAt = { aac: aac.bytes, pass: pass.bytes };
    await Promise.all([aac.waitForBytes(resumedAt.aac + 500_000), pass.waitForBytes(resumedAt.pass + 500_000)]);
    t.false(aac.ended || pass.ended);
    t.is(gateway.receiver.stats.connectionsTotal, 1);
    t.is(await gateway.metric('xg2g_transcoder_lost_total'), 1);
    t.is(await gateway.metric('xg2g_transcoder_connected'), 1);
    pass.stop();
    t.deepEqual(await decodeErrors(pass.data, { seconds: 3 }), []);
  },
);

test.serial('a channel that never tunes is refused with 503 and the reason within 8 s', async (t) => {
  const gateway = await startGateway(t);
  const startedAt = performance.now();
  const response = await fetch(gateway.streamUrl('never'));
  const took = performance.now() - startedAt;
  t.is(response.status, 503);
  t.true(took < 8_000, `${Math.round(took)} ms`);
  t.is(response.headers.get('content-type'), 'application/problem+json');
  const problem = (await response.json()) as { code: string; detail: string };
  t.regex(problem.code, /TUNE_TIMEOUT|TUNE_FAILED|OPEN_TIMEOUT/);
  await eventually(() => gateway.receiver.stats.openConnections === 0, { what: 'the receiver to be released' });
});

test.serial('an unknown channel is 404, an unknown profile 400, both as problem+json', async (t) => {
  const gateway = await startGateway(t);
  const unknown = await fetch(`${gateway.url}/stream/no-such-channel.ts`);
  t.is(unknown.status, 404);
  t.is(((await unknown.json()) as { code: string }).code, 'CHANNEL_UNKNOWN');
  const profile = await fetch(`${gateway.streamUrl('mp2')}x`);
  t.is(profile.status, 400);
  t.is(((await profile.json()) as { code: string }).code, 'PROFILE_UNKNOWN');
});

test.serial('the receiver breaks a stream off: the viewer stays and the stream goes on', async (t) => {
  const gateway = await startGateway(t);
  const viewer = new Recorder(t, gateway.streamUrl('mp2'));
  await viewer.waitForBytes(300_000);
  gateway.receiver.dropStreams();
  await gateway.waitForLog(/source lost/);
  const before = viewer.bytes;
  await viewer.waitForBytes(before + 500_000);
  t.false(viewer.ended);
  t.is(gateway.receiver.stats.connectionsTotal, 2);
});

test.serial('a receiver that is switched on later: not ready with the reason, then ready by itself', async (t) => {
  const gateway = await startGateway(t, { receiver: { fault: 'off' }, waitForReady: false });
  const answer = await eventually(
    async () => {
      const response = await fetch(`${gateway.url}/readyz`);
      const text = await response.text();
      return response.status === 503 && /failed/.test(text) ? text : null;
    },
    { what: 'the reason why it is not ready' },
  );
  t.regex(answer, new RegExp(`127\\.0\\.0\\.1:${gateway.receiver.httpPort}`));
  gateway.receiver.setFault(null);
  await eventually(async () => (await fetch(`${gateway.url}/readyz`)).ok, {
    what: 'it to be ready',
    timeoutMs: 15_000,
  });
  t.is((await fetch(`${gateway.url}/playlist.m3u`)).status, 200);
});
