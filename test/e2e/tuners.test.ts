/** Two tuners, many channels: who gets one, who is refused and in which words, and who never loses his. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { eventually } from '#test/helpers/wait-for.ts';
import { serviceByName } from '#test/receiver/lineup/services.ts';
import { type Gateway, startGateway } from './support/gateway.ts';
import { Recorder } from './support/recorder.ts';
import { ON } from './support/tuner-channels.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const NO_LINGER = { XG2G_STREAM_LINGER: '0s' };

interface Problem {
  readonly code: string;
  readonly detail: string;
}

const stream = (gateway: Gateway, channel: string, query = 'profile=pass'): string =>
  `${gateway.url}/stream/${channel}.ts?${query}`;

async function watch(t: ExecutionContext, gateway: Gateway, channel: string, query?: string): Promise<Recorder> {
  const viewer = new Recorder(t, stream(gateway, channel, query));
  await viewer.waitForBytes(100_000);
  return viewer;
}

async function refusal(gateway: Gateway, path: string): Promise<{ response: Response; problem: Problem; ms: number }> {
  const startedAt = performance.now();
  const response = await fetch(`${gateway.url}${path}`);
  return { response, problem: (await response.json()) as Problem, ms: performance.now() - startedAt };
}

/** What the arbiter has seen of the box. */
async function seen(
  gateway: Gateway,
): Promise<{ uses: { text: string }[]; upcoming: unknown[]; standby: boolean | null }> {
  const answer = (await (await fetch(`${gateway.url}/api/v1/tuners`)).json()) as {
    receivers: { uses: { text: string }[]; upcoming: unknown[]; standby: boolean | null }[];
  };
  const [box] = answer.receivers;
  if (box === undefined) throw new Error('no receiver');
  return box;
}

async function leases(gateway: Gateway): Promise<{ channel: string; class: string; warning: string | null }[]> {
  const answer = (await (await fetch(`${gateway.url}/api/v1/tuners`)).json()) as {
    leases: { channel: string; class: string; warning: string | null }[];
  };
  return answer.leases;
}

async function addTimer(gateway: Gateway, name: string, beginSeconds: number, seconds: number): Promise<void> {
  const query = new URLSearchParams({
    sRef: serviceByName(name).ref,
    begin: String(beginSeconds),
    end: String(beginSeconds + seconds),
    name: 'Tatort',
  });
  const answer = await fetch(`http://127.0.0.1:${gateway.receiver.httpPort}/api/timeradd?${query}`);
  if (((await answer.json()) as { result: boolean }).result !== true) throw new Error('the box refuses the timer');
}

test.serial(
  'two tuners: six channels of two transponders play, a seventh of a third is refused with the reason in words',
  async (t) => {
    const gateway = await startGateway(t, { receiver: { tuners: 2 }, env: NO_LINGER });
    const viewers: Recorder[] = [];
    for (const channel of [...ON.t11494, ...ON.t11362]) viewers.push(await watch(t, gateway, channel));
    t.is(gateway.receiver.stats.tunersInUse, 2);
    t.is((await leases(gateway)).length, 6);

    const { response, problem, ms } = await refusal(gateway, `/stream/${ON.t11837[0]}.ts`);
    t.log(`refused after ${Math.round(ms)} ms: ${problem.detail}`);
    t.is(response.status, 503);
    t.is(problem.code, 'NO_TUNER');
    t.regex(
      problem.detail,
      /No tuner for Klassik SD: all 2 tuners of Duo² .* are in use: .*Das Erste Übung HD is watched by/,
    );
    t.true(Number(response.headers.get('retry-after')) > 0);
    t.true(
      viewers.every((viewer) => !viewer.ended),
      'nobody lost anything',
    );

    for (const viewer of viewers.slice(3)) viewer.stop();
    await eventually(async () => (await leases(gateway)).length === 3, { what: 'the leases to be given back' });
    const seventh = await watch(t, gateway, ON.t11837[0]);
    t.is(seventh.status, 200);
  },
);

test.serial('an HDHomeRun client is refused in the words of the device', async (t) => {
  const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: NO_LINGER });
  const lineup = (await (await fetch(`${gateway.url}/lineup.json`)).json()) as { GuideName: string; URL: string }[];
  const url = lineup.find((entry) => entry.GuideName === 'Klassik SD')?.URL ?? '';
  await watch(t, gateway, ON.t11494[0]);
  const response = await fetch(url);
  t.is(response.status, 503);
  t.is(response.headers.get('x-hdhomerun-error'), '805 All Tuners In Use');
  t.true(Number(response.headers.get('retry-after')) > 0);
  const unknown = await fetch(`${gateway.url}/auto/v9999`);
  t.is(unknown.status, 404);
  t.is(unknown.headers.get('x-hdhomerun-error'), '801 Unknown Channel');
});

test.serial(
  'a timer ends the background stream and leaves the other alone, before the box takes its tuner',
  async (t) => {
    const gateway = await startGateway(t, { receiver: { tuners: 2, prepareSeconds: 1 }, env: NO_LINGER });
    // The box says when it prepares; the simulated one says 20 s before, whatever it does.
    await addTimer(gateway, 'Klassik SD', Math.floor(Date.now() / 1000) + 36, 60);
    const interactive = await watch(t, gateway, ON.t11494[0]);
    const background = await watch(t, gateway, ON.t11362[0], 'profile=pass&priority=background');
    // A refusal is never given without a fresh look at the box, its timers with it.
    t.is((await refusal(gateway, `/stream/${ON.t12188[1]}.ts?priority=background`)).problem.code, 'NO_TUNER');
    const warned = await eventually(
      async () => (await leases(gateway)).find((lease) => lease.warning !== null) ?? null,
      { what: 'the warning', timeoutMs: 10_000 },
    );
    t.is(warned.channel, ON.t11362[0]);
    t.regex(warned.warning ?? '', /^the timer "Tatort" on Klassik SD needs the tuner at \d\d:\d\d$/);
    await background.waitUntil(() => background.ended, 'the background stream to end', 20_000);
    await gateway.waitForLog(
      /The tuner of Kino²Welt HD was taken away: the timer \\"Tatort\\" on Klassik SD begins at/,
    );
    await eventually(() => gateway.receiver.stats.recordings === 1, { what: 'the recording', timeoutMs: 30_000 });
    t.false(interactive.ended, 'who watches goes on');
    const { problem } = await refusal(gateway, `/stream/${ON.t11362[0]}.ts`);
    t.is(problem.code, 'NO_TUNER');
    t.regex(problem.detail, /Tatort/);
    const before = interactive.bytes;
    await interactive.waitForBytes(before + 100_000);
  },
);

test.serial('a viewer takes the tuner of a background stream, whose player hears why', async (t) => {
  const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: NO_LINGER });
  const background = await watch(t, gateway, ON.t11362[0], 'profile=pass&priority=background');
  const viewer = await watch(t, gateway, ON.t11494[0]);
  await background.waitUntil(() => background.ended, 'the background stream to end');
  t.is(viewer.status, 200);
  await gateway.waitForLog(/The tuner of Kino²Welt HD was taken away: .* wants Das Erste Übung HD/);
  const { problem } = await refusal(gateway, `/stream/${ON.t11362[0]}.ts?priority=background`);
  t.is(problem.code, 'NO_TUNER');
});

test.serial(
  'the television keeps its channel: its tuner is nobody else’s, its transponder is free for all',
  async (t) => {
    const live = serviceByName('Das Erste Übung HD');
    const gateway = await startGateway(t, { receiver: { tuners: 1, live }, env: NO_LINGER });
    const neighbour = await watch(t, gateway, ON.t11494[1]);
    const { response, problem } = await refusal(gateway, `/stream/${ON.t11362[0]}.ts`);
    t.is(response.status, 503);
    t.regex(problem.detail, /the television shows Das Erste Übung HD/);
    t.true(gateway.receiver.box.isLive);
    t.is(gateway.receiver.box.current.ref, live.ref);
    t.false(neighbour.ended);
    t.is(gateway.receiver.stats.requests.get('/api/zap') ?? 0, 0, 'nobody zaps it');
  },
);

test.serial('a television that finds no tuner because of our streams gets one', async (t) => {
  const live = serviceByName('Das Erste Übung HD');
  const gateway = await startGateway(t, { receiver: { tuners: 2, live }, env: NO_LINGER });
  await eventually(async () => (await seen(gateway)).uses.some(({ text }) => text.includes('the television shows')), {
    what: 'the television to be seen',
  });
  const shared = await watch(t, gateway, ON.t11494[1]);
  const background = await watch(t, gateway, ON.t11362[0], 'profile=pass&priority=background');
  gateway.receiver.box.zap(serviceByName('Klassik SD'));
  t.false(gateway.receiver.box.isLive, 'its screen is dark');
  await background.waitUntil(() => background.ended, 'the background stream to give way', 20_000);
  await gateway.waitForLog(/the television in the living room needs it for Klassik SD/);
  const pressAgain = async (): Promise<boolean> => {
    gateway.receiver.box.zap(serviceByName('Klassik SD')); // as people do
    return gateway.receiver.box.isLive;
  };
  await eventually(pressAgain, { what: 'the television to have its tuner', timeoutMs: 2_000 });
  t.false(shared.ended);
});

test.serial('a channel left a moment ago does not stand in the way of the next one', async (t) => {
  const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: { XG2G_STREAM_LINGER: '10s' } });
  const first = await watch(t, gateway, ON.t11494[0]);
  first.stop();
  const startedAt = performance.now();
  const second = await watch(t, gateway, ON.t11362[0]);
  t.log(`zapped in ${Math.round(performance.now() - startedAt)} ms`);
  t.is(second.status, 200);
});

test.serial('a box in deep standby is woken over the network by its learned address, and plays', async (t) => {
  // A port that is free now; the box and the gateway must agree on it before either runs.
  const wakePort = 20_000 + (process.pid % 20_000);
  const gateway = await startGateway(t, {
    receiver: { wakePort },
    env: { ...NO_LINGER, XG2G_E2_WAKE_ON_LAN: 'yes', XG2G_E2_WAKE_TARGET: `127.0.0.1:${wakePort}` },
  });
  await eventually(async () => (await seen(gateway)).standby === false, { what: 'the box to be known' });
  gateway.receiver.setFault('deep-standby', { seconds: 2 });
  await gateway.receiver.settled;
  // The picture is young: the first attempt finds the box gone, and that is what is learned from it.
  const startedAt = performance.now();
  await eventually(
    async () => {
      const response = await fetch(stream(gateway, ON.t11494[0]));
      await response.body?.cancel();
      return response.ok;
    },
    { what: 'the channel to play', timeoutMs: 20_000, everyMs: 500 },
  );
  t.log(`played ${Math.round(performance.now() - startedAt)} ms after the first press`);
  t.true(gateway.log.some((line) => line.includes('waking it over the network')));
});

test.serial('explain tells receiver, transponder, tuner, profile and why, over HTTP and by the command', async (t) => {
  const gateway = await startGateway(t, { receiver: { tuners: 1 }, env: { ...NO_LINGER, XG2G_PROFILE: 'auto' } });
  await watch(t, gateway, ON.t11494[0], 'profile=pass');
  const answer = (await (
    await fetch(`${gateway.url}/api/v1/explain/${ON.t11494[0]}`, { headers: { 'user-agent': 'Kodi/21.0' } })
  ).json()) as object;
  t.like(answer, {
    channel: { id: ON.t11494[0] },
    transponder: 'c00000:3fb:1',
    tuner: { outcome: 'running' },
    profile: { name: 'pass', transcoded: false },
    tracks: { video: ['h264'], audio: ['mpeg-audio'] },
  });
  const { stdout } = await run(process.execPath, [
    join(ROOT, 'daemon/main.ts'),
    ...['explain', '--url', gateway.url, 'klassik', 'sd'],
  ]);
  t.log(stdout);
  t.regex(stdout, /Klassik SD is channel \d+ \(c00000-1-44d-6dca\)/);
  t.regex(stdout, /No tuner for Klassik SD: the one tuner of Duo² .* is in use: Das Erste Übung HD is watched by/);
  t.regex(stdout, /Profile aac: the client is not known/);
  const failed = (await t.throwsAsync(
    run(process.execPath, [join(ROOT, 'daemon/main.ts'), 'explain', '--url', gateway.url, 'no such channel']),
  )) as Error & { stderr: string };
  t.regex(failed.stderr, /There is no channel "no such channel"/);
});

test.serial('streaming and idling, the box is asked within its budget', async (t) => {
  const gateway = await startGateway(t, { env: NO_LINGER });
  await gateway.waitForLog(/guide read/);
  const asked = (path: string): number => gateway.receiver.stats.requests.get(path) ?? 0;
  const before = ['/api/about', '/api/statusinfo', '/api/timerlist'].map(asked);
  const viewer = await watch(t, gateway, ON.t11494[0]);
  await viewer.waitForBytes(viewer.bytes + 2_000_000);
  const during = ['/api/about', '/api/statusinfo', '/api/timerlist'].map(asked);
  t.log(`about, statusinfo, timerlist: ${before.join(', ')} → ${during.join(', ')}`);
  t.true(during.reduce((sum, count) => sum + count, 0) <= 9);
});

test.serial('a channel that turns scrambled while it is watched is told once, and once when it clears', async (t) => {
  const gateway = await startGateway(t, { env: NO_LINGER });
  const viewer = await watch(t, gateway, ON.t11494[0]);
  gateway.receiver.setFault('stream-scrambled');
  await gateway.waitForLog(/has turned scrambled while it is watched/);
  const asked = async (path: string): Promise<string> => await (await fetch(`${gateway.url}${path}`)).text();
  t.regex(await asked(`/api/v1/explain/${ON.t11494[0]}`), /It is scrambled since \d\d:\d\d/);
  t.regex(await asked('/api/v1/tuners'), /"scrambledSince":"20/);
  gateway.receiver.setFault(null);
  await gateway.waitForLog(/can be seen again/);
  t.regex(await asked('/api/v1/tuners'), /"scrambledSince":null/);
  t.is(await gateway.metric('xg2g_source_scrambled_total'), 1);
  t.is(gateway.log.filter((line) => /has turned scrambled|can be seen again/.test(line)).length, 2);
  t.false(viewer.ended, 'it goes on: its softcam may come back');
});
