import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import test from 'ava';
import { cleanLine } from '#daemon/receiver/clean-text.ts';
import { decodeErrors, probe } from '#test/helpers/ffprobe.ts';
import { eventually } from '#test/helpers/wait-for.ts';
import { eventsOf } from '#test/receiver/epg/schedule.ts';
import { serviceByName } from '#test/receiver/lineup/services.ts';
import { CHANNELS, type Gateway, startGateway } from './support/gateway.ts';
import { record } from './support/recorder.ts';
import { playInVlc } from './support/vlc.ts';

const run = promisify(execFile);
const LOGIN = 'anna:ge:heim';
const ENV = { XG2G_ACCESS_USERS: LOGIN, XG2G_TRUSTED_PROXIES: '127.0.0.1' };
/** The test is the proxy and says that the client is far away. */
const FAR = 'X-Forwarded-For: 203.0.113.5';

interface Grid {
  readonly total: number;
  readonly totalCount: number;
  readonly entries: readonly Record<string, unknown>[];
}

async function curl(...args: readonly string[]): Promise<string> {
  return (await run('curl', ['-sS', '--max-time', '20', ...args], { maxBuffer: 64e6 })).stdout;
}

async function grid(gateway: Gateway, path: string, ...args: readonly string[]): Promise<Grid> {
  return JSON.parse(await curl(...args, `${gateway.url}/api/${path}`)) as Grid;
}

test.serial('playlist, stream, picture and AAC sound, by the addresses of a Tvheadend server', async (t) => {
  const gateway = await startGateway(t);
  const playlist = await curl('-L', `${gateway.url}/playlist`);
  const [, name, url] = /^#EXTINF:-1 .*tvg-chno="1".*,(.+)\n(.+)$/m.exec(playlist) ?? [];
  t.is(name, 'Das Erste Übung HD');
  const recorded = await record(t, url ?? '', 4);
  t.deepEqual((await probe(recorded)).streams.map((stream) => stream.codec_name).sort(), ['aac', 'h264']);
  t.deepEqual(await decodeErrors(recorded, { seconds: 2 }), []);

  const { entries } = await grid(gateway, 'channel/grid?limit=999999');
  const ac3 = entries.find((entry) => entry['name'] === 'Kino²Welt HD');
  const pass = await record(
    t,
    `${gateway.url}/stream/channel/${String(ac3?.['uuid'])}?profile=pass&weight=300&qsize=1`,
    3,
  );
  t.true((await probe(pass)).streams.some((stream) => stream.codec_name === 'ac3'));
  const service = String(ac3?.['services']);
  for (const path of [
    `service/${service}`,
    `channelnumber/${String(ac3?.['number'])}`,
    `channelname/${encodeURIComponent('Kino²Welt HD')}`,
  ]) {
    t.is((await fetch(`${gateway.url}/stream/${path}`, { method: 'HEAD' })).status, 200, path);
  }
});

test.serial('from far away: curl by Digest, VLC by a ticket, ffprobe by a code in the address', async (t) => {
  const gateway = await startGateway(t, { env: ENV });
  const path = '/playlist/ticket/channels.m3u';
  t.is(await curl('-H', FAR, '-o', '/dev/null', '-w', '%{http_code}', gateway.url + path), '401');
  t.is(
    await curl('-H', FAR, '-o', '/dev/null', '-w', '%{http_code}', '--digest', '-u', 'anna:x', gateway.url + path),
    '401',
  );
  const playlist = await curl('-H', FAR, '--digest', '-u', LOGIN, gateway.url + path);
  const [url = ''] = playlist.match(/^http.*ticket=.*$/m) ?? [];
  const far = (address: string) => curl('-H', FAR, '-o', '/dev/null', '-w', '%{http_code}', '-I', address);
  t.is(await far(url), '200');
  t.is(await far(url.replace(/\?.*/, '')), '401');
  const other = playlist.match(/^http.*ticket=.*$/gm)?.[1] ?? '';
  t.is(await far(url.replace(/ticket=.*/, other.replace(/^.*ticket/, 'ticket'))), '401', "another channel's ticket");

  const coded = await curl('-H', FAR, '--digest', '-u', LOGIN, `${gateway.url}/playlist/auth/channels`);
  const [code = ''] = coded.match(/^http.*auth=.*$/m) ?? [];
  const probed = await run(
    'ffprobe',
    ['-v', 'error', '-headers', `${FAR}\r\n`, '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', code],
    { timeout: 30_000 },
  );
  t.regex(probed.stdout, /aac/);
  const write = await curl(
    '-H',
    FAR,
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    `${gateway.url}/api/dvr/entry/cancel?uuid=x&${code.split('?')[1]}`,
  );
  t.is(write, '401', 'a code in an address is for watching');
});

test.serial('to the world the whole daemon has nothing but its health', async (t) => {
  const gateway = await startGateway(t, { env: { XG2G_ACCESS_NETWORKS: '10.0.0.0/8' } });
  const paths = [
    ...['/', '/metrics', '/playlist.m3u', '/xmltv.xml', '/xmltv.xml.gz', `/logos/${CHANNELS.mp2}.png`],
    ...[`/stream/${CHANNELS.mp2}.ts`, '/auto/v1', '/tuner0/v1', '/tuner0/ch1', '/dvrfile/1', '/stream/channelnumber/1'],
    ...[
      '/discover.json',
      '/lineup.json',
      '/lineup.xml',
      '/lineup.m3u',
      '/lineup_status.json',
      '/device.xml',
      '/status.json',
    ],
    ...['/api/v1/status', '/api/v1/channels', '/api/v1/tuners', '/api/v1/timers', '/api/serverinfo', '/comet/poll'],
    ...[
      '/playlist',
      '/xmltv/channels',
      '/imagecache/1',
      '/play/stream/channelnumber/1',
      '/nothing',
      '//healthz',
      '/healthz/x',
    ],
  ];
  for (const path of paths) t.is((await fetch(gateway.url + path)).status, 403, path);
  for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
    t.is((await fetch(`${gateway.url}/lineup.post?scan=start`, { method })).status, 403, method);
  }
  t.is((await fetch(`${gateway.url}/healthz`)).status, 200);
  t.is(gateway.receiver.stats.connectionsTotal, 0);
  await gateway.waitForLog(/this address is in none of access\.networks/);
});

test.serial('ffmpeg logs in by Digest and VLC by Basic, with the login in the address', async (t) => {
  // The test's own address is far away here.
  const env = { XG2G_ACCESS_USERS: LOGIN, XG2G_ACCESS_NETWORKS: '10.0.0.0/8' };
  const gateway = await startGateway(t, { env });
  const url = `${gateway.url.replace('://', '://anna:ge%3Aheim@')}/stream/channelnumber/1`;
  const args = ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0'];
  const probed = await run('ffprobe', [...args, url], { timeout: 30_000 });
  t.regex(probed.stdout, /aac/);
  const played = await playInVlc(t, url, 6);
  t.log(played);
  t.true(played.playedBuffers > 150, `${played.playedBuffers} audio buffers`);
});

test.serial('VLC plays a channel from the playlist of tickets', async (t) => {
  const gateway = await startGateway(t);
  const playlist = await curl(`${gateway.url}/playlist/ticket/channelnumber/1`);
  const played = await playInVlc(t, playlist.match(/^http.*$/m)?.[0] ?? '', 6);
  t.log(played);
  t.true(played.playedBuffers > 150, `${played.playedBuffers} audio buffers`);
});

test.serial('a timer set from the guide and one by hand stand on the box, and are cancelled', async (t) => {
  const gateway = await startGateway(t, { env: ENV });
  const { timers } = gateway.receiver.box;
  await gateway.waitForLog(/guide read/);
  const first = serviceByName('Das Erste Übung HD');
  const [event] = eventsOf(first).filter(({ begin }) => begin > Date.now() / 1000 + 3600);
  const filter = JSON.stringify([{ field: 'start', type: 'numeric', comparison: 'eq', value: event?.begin }]);
  const found = await grid(
    gateway,
    'epg/events/grid',
    '--data-urlencode',
    `channel=${first.name}`,
    '--data-urlencode',
    `filter=${filter}`,
  );
  t.is(found.totalCount, 1);
  const title = cleanLine(event?.title ?? ''); // boxes escape it
  t.like(found.entries[0], { title, start: event?.begin, channelName: first.name, channelNumber: '1' });
  const eventId = String(found.entries[0]?.['eventId']);

  const order = `${gateway.url}/api/dvr/entry/create_by_event`;
  const args = ['-d', `event_id=${eventId}`, '-d', 'config_uuid='];
  t.is(await curl(...args, '-o', '/dev/null', '-w', '%{http_code}', order), '401', 'the house may watch, not record');
  const made = JSON.parse(await curl('--digest', '-u', LOGIN, ...args, order)) as { uuid: string[] };
  t.like(timers.all[0], { name: event?.title, begin: event?.begin, eit: event?.id });

  const begin = Math.floor(Date.now() / 1000) + 20 * 3600;
  const channel = String(found.entries[0]?.['channelUuid']);
  const conf = { start: begin, stop: begin + 600, channel, title: { ger: 'Von Hand' }, start_extra: 5, stop_extra: 10 };
  await curl('-u', LOGIN, '--data-urlencode', `conf=${JSON.stringify(conf)}`, `${gateway.url}/api/dvr/entry/create`);
  t.like(timers.all[1], { name: 'Von Hand', begin: begin - 300, end: begin + 1200 });

  const upcoming = await grid(gateway, 'dvr/entry/grid_upcoming?sort=start&dir=DESC');
  t.deepEqual(
    upcoming.entries.map((entry) => entry['disp_title']),
    ['Von Hand', title],
  );
  t.is(upcoming.entries[1]?.['uuid'], made.uuid[0]);
  const again = await grid(gateway, `epg/events/load?eventId=${eventId}`);
  t.like(again.entries[0], { dvrUuid: made.uuid[0], dvrState: 'scheduled' });
  const all = JSON.stringify(upcoming.entries.map((entry) => entry['uuid']));
  t.is(
    await curl('--digest', '-u', LOGIN, '--data-urlencode', `uuid=${all}`, `${gateway.url}/api/dvr/entry/cancel`),
    '{}',
  );
  t.deepEqual(timers.all, []);
});

test.serial('a recording is in the list of the finished, and plays by Range', async (t) => {
  const gateway = await startGateway(t);
  const finished = await eventually(
    async () => {
      const list = await grid(gateway, 'dvr/entry/grid_finished');
      return list.total > 0 && list;
    },
    { what: 'the recordings to be read', timeoutMs: 15_000 },
  );
  const [entry] = finished.entries;
  t.like(entry, { disp_title: 'Tagesschau', duration: 60, sched_status: 'completed' });
  const url = `${gateway.url}/${String(entry?.['url'])}`;
  const head = await curl('-D', '-', '-o', '/dev/null', '-r', '1880000-1881879', url);
  t.regex(head, /206 Partial Content/);
  t.regex(head, new RegExp(`Content-Range: bytes 1880000-1881879/${String(entry?.['filesize'])}`, 'i'));
  const { stdout } = await run('ffprobe', ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', url], {
    timeout: 30_000,
  });
  t.true(Math.abs(Number(stdout) - 60) < 2, stdout);
  const seek = ['-v', 'error', '-ss', '40', '-i', url, '-t', '2', '-map', '0:v', '-f', 'framemd5', '-'];
  const frames = (await run('ffmpeg', seek, { timeout: 30_000 })).stdout.match(/^0, /gm)?.length ?? 0;
  t.true(frames > 30, `${frames} pictures from the fortieth second on`);
  const played = await playInVlc(t, url, 5);
  t.log(played);
  t.true(played.displayedPictures > 60, `${played.displayedPictures} pictures`);
  t.is(gateway.receiver.stats.connectionsTotal, 0, 'no tuner is taken');
});

test.serial('the start page, our own lists and the health are as they were', async (t) => {
  const gateway = await startGateway(t);
  for (const path of [
    '/',
    '/playlist.m3u',
    '/xmltv.xml',
    '/lineup.json',
    '/healthz',
    '/api/v1/timers',
    '/api/v1/recordings',
  ]) {
    t.is((await fetch(gateway.url + path)).status, 200, path);
  }
  t.true((await (await fetch(`${gateway.url}/playlist.m3u`)).text()).includes(`/stream/${CHANNELS.mp2}.ts`));
});
