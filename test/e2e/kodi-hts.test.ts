/** Kodi's Tvheadend add-on, the real one, as a viewer uses it. Runs where Kodi is installed (kodi, kodi-pvr-hts, xvfb, pulseaudio). */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { eventually } from '#test/helpers/wait-for.ts';
import { startGateway } from './support/gateway.ts';
import { Kodi, missingForKodi } from './support/kodi.ts';

const run = promisify(execFile);

/** What is to be seen and heard of channels of the simulated receiver. */
const CHANNELS = [
  { label: 'Das Erste Übung HD', video: 'h264', height: 576, audio: 'mp2' },
  { label: 'Kino²Welt HD', video: 'h264', height: 1080, audio: 'ac3' },
  { label: 'Klassik SD', video: 'mpeg2video', height: 576, audio: 'mp2' },
] as const;

/** The brightest and the darkest of what is on the screen. */
async function contrast(display: string): Promise<number> {
  const args = ['-v', 'error', '-f', 'x11grab', '-video_size', '640x360', '-i', display];
  const { stdout } = await run('ffmpeg', [...args, '-frames:v', '1', '-pix_fmt', 'gray', '-f', 'rawvideo', '-'], {
    encoding: 'buffer',
    maxBuffer: 4_000_000,
  });
  const sorted = [...stdout].sort((one, other) => one - other);
  return (sorted.at(-1000) ?? 0) - (sorted[1000] ?? 0);
}

/** How loud two seconds are, in decibels below full scale. */
async function loudness(server: string): Promise<number> {
  const args = [
    '-hide_banner',
    '-f',
    'pulse',
    '-i',
    'test.monitor',
    '-t',
    '2',
    '-af',
    'volumedetect',
    '-f',
    'null',
    '-',
  ];
  const { stderr } = await run('ffmpeg', args, { env: { ...process.env, PULSE_SERVER: server } });
  return Number(/mean_volume: (-?[\d.]+|-inf) dB/.exec(stderr)?.[1] ?? Number.NaN);
}

/** Two seconds that are not silent. */
async function heard(kodi: Kodi, what: string): Promise<void> {
  let last = Number.NaN;
  const isLoud = async (): Promise<boolean> => {
    last = await loudness(kodi.pulseServer);
    return last > -60;
  };
  await eventually(isLoud, { what: `sound: ${what}`, timeoutMs: 12_000 }).catch((error: Error) => {
    throw new Error(`${error.message}; at last ${last} dB`);
  });
}

test.serial('Kodi plays, zaps, pauses, records and plays recordings through its Tvheadend add-on', async (t) => {
  const missing = missingForKodi();
  if (missing.length > 0) {
    t.log(`skipped: not installed: ${missing.join(', ')}`);
    t.pass();
    return;
  }
  t.timeout(200_000);
  const gateway = await startGateway(t);
  const kodi = await Kodi.start(t, { htspPort: gateway.htspPort, httpPort: Number(new URL(gateway.url).port) });

  const list = await eventually(
    async () => {
      const { channels } = await kodi.rpc('PVR.GetChannels', { channelgroupid: 'alltv', properties: ['icon'] });
      return channels?.length >= 13 ? (channels as { channelid: number; label: string; icon: string }[]) : null;
    },
    { what: 'all channels in Kodi', timeoutMs: 30_000, everyMs: 200 },
  );
  t.true(list.every(({ icon }) => /\/logos\/[^/]+\.png/.test(decodeURIComponent(icon))));
  const { channelgroups } = await kodi.rpc('PVR.GetChannelGroups', { channeltype: 'tv' });
  t.true(channelgroups.some(({ label }: { label: string }) => label === 'Favoriten (TV)'));
  const { channels: radio } = await kodi.rpc('PVR.GetChannels', { channelgroupid: 'allradio' });
  t.true(radio.length >= 1);

  const idOf = (label: string): number => list.find((channel) => channel.label === label)?.channelid ?? -1;
  for (const { label, video, height, audio } of CHANNELS) {
    const askedAt = performance.now();
    await kodi.rpc('Player.Open', { item: { channelid: idOf(label) } });
    await kodi.playing(`${label} to play`, (player) => {
      const { currentvideostream: picture, currentaudiostream: sound } = player;
      return player.speed === 1 && picture?.codec === video && picture?.height === height && sound?.codec === audio;
    });
    t.log(`${label}: ${audio} and ${video} after ${((performance.now() - askedAt) / 1000).toFixed(1)} s`);
    await eventually(async () => (await contrast(kodi.display)) > 60, {
      what: `a picture of ${label}`,
      timeoutMs: 10_000,
    });
    await heard(kodi, `${label} is heard`);
  }

  await kodi.rpc('Player.PlayPause', { playerid: 1, play: false });
  await kodi.playing('the pause', (player) => player.speed === 0);
  const behind = async (): Promise<number> => Number((await kodi.label('PVR.TimeShiftOffset')).replace(/\D/g, ''));
  await eventually(async () => (await behind()) >= 3, {
    what: 'three seconds of pause',
    timeoutMs: 15_000,
  });
  await kodi.rpc('Player.PlayPause', { playerid: 1, play: true });
  await kodi.playing('the end of the pause', (player) => player.speed === 1);
  t.true((await behind()) >= 3, 'what is seen now is of the past');
  await heard(kodi, 'it is heard after the pause');

  await eventually(
    async () => {
      const answer = await kodi.rpc('PVR.GetBroadcasts', {
        channelid: idOf(CHANNELS[0].label),
        properties: ['title', 'starttime', 'isactive'],
      });
      return answer.broadcasts?.length > 20 ? answer : null;
    },
    { what: 'the guide in Kodi', timeoutMs: 90_000, everyMs: 250 },
  );

  // Kodi can name programmes over JSON-RPC a minute and more after its start; the record button works at once.
  await kodi.rpc('PVR.Record', { record: true, channel: 'current' });
  const { label: recorded } = CHANNELS[CHANNELS.length - 1] as (typeof CHANNELS)[number];
  await eventually(() => gateway.receiver.box.timers.all.some((timer) => timer.service.name === recorded), {
    what: `a timer for ${recorded} on the receiver`,
    timeoutMs: 10_000,
  });
  await eventually(async () => (await kodi.rpc('PVR.GetTimers')).timers?.length > 0, {
    what: 'the timer in Kodi',
    timeoutMs: 10_000,
  });

  const { recordings } = await eventually(
    async () => {
      const answer = await kodi.rpc('PVR.GetRecordings', { properties: ['title'] });
      return answer.recordings?.length > 0 ? answer : null;
    },
    { what: 'the recordings in Kodi', timeoutMs: 10_000 },
  );
  const news = recordings.find(({ title }: { title: string }) => title === 'Tagesschau');
  await kodi.rpc('Player.Open', { item: { recordingid: news.recordingid } });
  await kodi.playing(
    'the recording to play',
    (player) => player.speed === 1 && player.currentvideostream?.codec === 'h264' && player.time.seconds >= 2,
  );
  await heard(kodi, 'the recording is heard');
  t.true((await contrast(kodi.display)) > 60, 'and seen');
  await kodi.rpc('Application.Quit');
});
