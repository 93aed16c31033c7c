import test, { type ExecutionContext } from 'ava';
import { XMLParser } from 'fast-xml-parser';
import { NO_DETAILS } from '#daemon/guide/programme.ts';
import { TvhChannels, tvhId } from '#daemon/tvheadend/ids.ts';
import { waitFor } from '#test/helpers/wait-for.ts';
import { channel } from '../support/channels.ts';
import { programme, TOKEN, type TvheadendApp, timer, tvheadendApp } from '../support/tvheadend-app.ts';

const CHANNELS = [
  channel(1, { name: 'Das Erste HD' }),
  channel(2, { name: 'ZDF', definition: 'sd' }),
  channel(3, { name: 'Radio, "Eins"', radio: true, group: 'Radio', groups: ['Radio', 'Favourites'] }),
];
const TVH = new TvhChannels(CHANNELS);
const [ONE, TWO, RADIO] = TVH.all;
const BEARER = { Authorization: `Bearer ${TOKEN}` };

interface Answer {
  readonly total?: number;
  readonly totalCount?: number;
  readonly entries: readonly Record<string, unknown>[];
}

async function api(app: TvheadendApp, path: string): Promise<Answer> {
  const response = await fetch(`${app.url}/api/${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

async function post(
  app: TvheadendApp,
  path: string,
  form: Record<string, string>,
  headers: Record<string, string> = BEARER,
) {
  const response = await fetch(`${app.url}/api/${path}`, { method: 'POST', body: new URLSearchParams(form), headers });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

function start(t: ExecutionContext, env?: Record<string, string>): Promise<TvheadendApp> {
  return tvheadendApp(t, CHANNELS, env);
}

const text = async (app: TvheadendApp, path: string): Promise<string> => (await fetch(app.url + path)).text();

test('channels and tags carry the ids by which they are asked for later', async (t) => {
  const app = await start(t);
  const channels = await api(app, 'channel/grid?start=0&limit=999999999&sort=number');
  t.is(channels.total, 3);
  t.like(channels.entries[0], { uuid: ONE?.id.uuid, name: 'Das Erste HD', number: 1, enabled: true });
  const tags = await api(app, 'channeltag/grid');
  t.deepEqual(
    tags.entries.map(({ name }) => name),
    ['Favourites', 'Radio'],
  );
  t.deepEqual(channels.entries[2]?.['tags'], [tags.entries[1]?.['uuid'], tags.entries[0]?.['uuid']]);
  const list = await api(app, 'channel/list');
  t.deepEqual(list.entries[0], { key: ONE?.id.uuid, val: 'Das Erste HD' });
  const logo = await fetch(`${app.url}/${String(channels.entries[0]?.['icon_public_url'])}`, { redirect: 'manual' });
  t.is(logo.headers.get('location'), `/logos/${channel(1).id}.png`);
});

test('grids are filtered, sorted, paged and cut to the fields that are wanted', async (t) => {
  const app = await start(t);
  const ask = async (query: Record<string, string>) => {
    const { entries, total } = await api(app, `channel/grid?${new URLSearchParams(query)}`);
    return { names: entries.map(({ name }) => name), total };
  };
  const rule = (rules: unknown) => ({ filter: JSON.stringify(rules) });
  t.deepEqual(await ask({ sort: 'name', dir: 'DESC' }), { names: ['ZDF', "Radio 'Eins'", 'Das Erste HD'], total: 3 });
  t.deepEqual(await ask({ start: '1', limit: '1' }), { names: ['ZDF'], total: 3 });
  t.deepEqual(await ask({ start: '99999999999' }), { names: [], total: 3 });
  t.deepEqual(await ask({ limit: '-1' }), { names: ['Das Erste HD', 'ZDF', "Radio 'Eins'"], total: 3 });
  t.deepEqual(await ask(rule([{ field: 'name', type: 'string', value: 'erste' }])), {
    names: ['Das Erste HD'],
    total: 1,
  });
  t.deepEqual(await ask(rule([{ field: 'name', type: 'string', value: '^zdf$' }])), { names: ['ZDF'], total: 1 });
  t.deepEqual(await ask(rule([{ field: 'number', type: 'numeric', value: 1, comparison: 'gt' }])), {
    names: ['ZDF', "Radio 'Eins'"],
    total: 2,
  });
  t.deepEqual(await ask(rule({ field: 'enabled', type: 'boolean', value: false })), { names: [], total: 0 });
  const { entries } = await api(app, 'channel/grid?list=name,number&limit=1');
  t.deepEqual(entries, [{ uuid: ONE?.id.uuid, name: 'Das Erste HD', number: 1 }]);
});

test('the guide is asked for by channel, tag, title, time and genre, by GET and by POST', async (t) => {
  const app = await start(t);
  const now = Math.floor(Date.now() / 1000);
  const first = channel(1).id;
  app.store.replaceChannel(first, [
    programme(first, now - 600, { title: 'Jetzt', genreId: 0x14 }),
    programme(first, now + 1200, {
      title: 'Danach',
      shortDescription: 'Ein Krimi',
      details: { ...NO_DETAILS, season: 2, episode: 3, subtitle: 'Folge' },
    }),
  ]);
  const second = channel(2).id;
  app.store.replaceChannel(second, [programme(second, now + 100, { title: 'Heute (1/2)', genreId: 0x21 })]);
  const ask = async (query: Record<string, string>) => {
    const path = `epg/events/grid?${new URLSearchParams(query)}`;
    const { entries, totalCount } = await api(app, path);
    t.deepEqual((await post(app, 'epg/events/grid', query, {})).body, { totalCount, entries }, path);
    return { titles: entries.map(({ title }) => title), totalCount };
  };
  t.deepEqual(await ask({}), { titles: ['Jetzt', 'Heute (1/2)', 'Danach'], totalCount: 3 });
  t.deepEqual(await ask({ limit: '1', start: '1' }), { titles: ['Heute (1/2)'], totalCount: 3 });
  t.deepEqual(await ask({ mode: 'now' }), { titles: ['Jetzt'], totalCount: 1 });
  t.deepEqual(await ask({ channel: ONE?.id.uuid ?? '' }), { titles: ['Jetzt', 'Danach'], totalCount: 2 });
  t.deepEqual(await ask({ channel: 'zdf' }), { titles: ['Heute (1/2)'], totalCount: 1 });
  t.deepEqual(await ask({ channel: 'nothing' }), { titles: [], totalCount: 0 });
  t.deepEqual(await ask({ channelTag: 'Radio' }), { titles: [], totalCount: 0 });
  t.deepEqual(await ask({ title: 'heute \\(1/2\\)' }), { titles: ['Heute (1/2)'], totalCount: 1 });
  t.deepEqual(await ask({ title: 'krimi' }), { titles: [], totalCount: 0 });
  t.deepEqual(await ask({ title: 'krimi', fulltext: '1' }), { titles: ['Danach'], totalCount: 1 });
  t.deepEqual(await ask({ contentType: '16' }), { titles: ['Jetzt'], totalCount: 1 });
  t.deepEqual(await ask({ sort: 'title', dir: 'ASC' }), { titles: ['Danach', 'Heute (1/2)', 'Jetzt'], totalCount: 3 });
  const until = JSON.stringify([{ field: 'start', type: 'numeric', value: now + 150, comparison: 'lt' }]);
  t.deepEqual(await ask({ filter: until, sort: 'start', dir: 'DESC' }), {
    titles: ['Heute (1/2)', 'Jetzt'],
    totalCount: 2,
  });
  t.deepEqual(await ask({ filter: 'heute' }), { titles: ['Heute (1/2)'], totalCount: 1 });

  const { entries } = await api(app, `epg/events/grid?channel=${ONE?.id.uuid}`);
  t.like(entries[0], { nextEventId: entries[1]?.['eventId'], genre: [0x14], hd: 1, channelNumber: '1' });
  t.like(entries[1], {
    seasonNumber: 2,
    episodeNumber: 3,
    episodeOnscreen: 's02.e03',
    subtitle: 'Folge',
    summary: 'Ein Krimi',
  });
  t.is((await api(app, `epg/events/load?eventId=[${String(entries[0]?.['eventId'])}]`)).entries.length, 1);
});

test('a guide of fifty thousand events is given in one answer', async (t) => {
  const many = Array.from({ length: 500 }, (_, index) => channel(index + 1));
  const app = await tvheadendApp(t, many);
  for (const { id } of many) {
    app.store.replaceChannel(
      id,
      Array.from({ length: 100 }, (_, index) => programme(id, 1_900_000_000 + index * 1800)),
    );
  }
  const startedAt = performance.now();
  const { entries, totalCount } = await api(app, 'epg/events/grid?limit=999999999');
  t.is(totalCount, 50_000);
  t.is(entries.length, 50_000);
  const allMs = performance.now() - startedAt;
  const pageAt = performance.now();
  t.is((await api(app, 'epg/events/grid?start=40000&limit=50')).entries.length, 50);
  t.log(`all: ${Math.round(allMs)} ms, one page then: ${Math.round(performance.now() - pageAt)} ms`);
});

test('playlists by everything that Tvheadend has them by', async (t) => {
  const app = await start(t);
  const urls = async (path: string) =>
    [...(await text(app, path)).matchAll(/^http.*$/gm)].map(([url]) => url.replace(app.url, ''));
  const all = TVH.all.map(({ id }) => `/stream/channelid/${id.number}`);
  for (const path of ['/playlist', '/playlist/channels', '/playlist/channels.m3u', '/playlist/channels.m3u8']) {
    t.deepEqual(await urls(path), all, path);
  }
  const radio = [`/stream/channelid/${RADIO?.id.number}`];
  const tag = TVH.tags[1];
  for (const path of [
    `/playlist/tagid/${tag?.id.number}`,
    `/playlist/tag/${tag?.id.uuid}`,
    '/playlist/tagname/Radio.m3u',
    `/playlist/channel/${RADIO?.id.uuid}`,
    `/playlist/channelid/${RADIO?.id.number}`,
    '/playlist/channelnumber/3',
    `/playlist/channelname/${encodeURIComponent('Radio, "Eins"')}`,
  ]) {
    t.deepEqual(await urls(path), radio, path);
  }
  t.deepEqual(await urls('/playlist/channelnumber/1?profile=pass'), [`${all[0]}?profile=pass`]);
  t.deepEqual(
    await urls('/playlist/tags'),
    TVH.tags.map(({ id }) => `/playlist/tagid/${id.number}`),
  );
  t.regex(await text(app, '/playlist/channelnumber/3'), /tvg-chno="3".*radio="true",Radio {1,2}'Eins'\n/);
  t.deepEqual(await urls(`/play/stream/channel/${ONE?.id.uuid}`), [`/stream/channel/${ONE?.id.uuid}`]);
  const [ticketed = ''] = await urls('/playlist/ticket/channelnumber/1');
  t.true(app.tickets.accepts(all[0] ?? '', ticketed.split('ticket=')[1] ?? ''), ticketed);
  for (const path of [
    '/playlist/channelnumber/9',
    '/playlist/nothing',
    '/playlist/tagname/None',
    '/playlist/channels?profile=matroska',
  ]) {
    t.is((await fetch(app.url + path)).status, 404, path);
  }
});

test('the guide in XMLTV has the ids of the playlist, and numbers as LCN where that is asked for', async (t) => {
  const app = await start(t);
  app.store.replaceChannel(channel(1).id, [programme(channel(1).id, 1_900_000_000)]);
  const read = async (path: string) =>
    new XMLParser({ ignoreAttributes: false }).parse(await text(app, path)) as {
      tv: { channel: Record<string, unknown>[]; programme: Record<string, unknown> };
    };
  const plain = (await read('/xmltv/channels')).tv;
  t.deepEqual(
    plain.channel.map((one) => one['@_id']),
    TVH.all.map(({ id }) => id.uuid),
  );
  t.is(plain.programme['@_channel'], ONE?.id.uuid);
  t.deepEqual(plain.channel[1]?.['display-name'], ['ZDF', 2]);
  const lcn = (await read('/xmltv/channels?lcn=1')).tv;
  t.like(lcn.channel[1], { 'display-name': 'ZDF', lcn: 2 });
  const [icon] = (await text(app, '/xmltv/channelnumber/1')).match(/\/logos\/[0-9a-f]+\.png/) ?? [];
  t.is(
    (await fetch(app.url + (icon ?? ''), { redirect: 'manual' })).headers.get('location'),
    `/logos/${channel(1).id}.png`,
  );
});

test('a stream is asked for by any id, with the profile and the rank that are meant', async (t) => {
  const app = await start(t);
  for (const path of [
    `/stream/channel/${TWO?.id.uuid}`,
    `/stream/channelid/${TWO?.id.number}?weight=50&profile=htsp`,
    '/stream/channelnumber/2?profile=webtv-h264-aac-mpegts&qsize=1500000',
    `/stream/channelname/zdf?profile=${tvhId('profile', 'night').uuid}&weight=900`,
    `/stream/service/${tvhId('service', channel(2).id).uuid}?profile=pass`,
  ]) {
    t.is((await fetch(app.url + path)).status, 503, path);
  }
  t.deepEqual(
    app.joined.map(({ profile, leaseClass }) => `${profile} ${leaseClass}`),
    ['aac interactive', 'pass background', 'aac interactive', 'night interactive', 'pass interactive'],
  );
  t.deepEqual([...new Set(app.joined.map((one) => one.channel))], [channel(2).id]);
  for (const profile of ['matroska', 'webtv-vp8-vorbis-webm', 'nonsense']) {
    const refused = await fetch(`${app.url}/stream/channelnumber/2?profile=${profile}`);
    t.is(refused.status, 404, profile);
    t.regex(((await refused.json()) as { detail: string }).detail, /there are: aac, pass/);
  }
  for (const path of [
    '/stream/channelnumber/9',
    '/stream/mux/abc',
    '/stream/channel/..%2f..',
    '/stream/channelid/99999999999',
  ]) {
    t.is((await fetch(app.url + path)).status, 404, path);
  }
});

test('timers and recordings are one list of recordings, as Tvheadend has them', async (t) => {
  const app = await start(t);
  app.recordings.timers = [
    timer(1, { channelId: channel(1).id, title: 'Morgen' }),
    timer(2, { state: 'running', title: 'Gerade' }),
    timer(3, { state: 'ended', title: 'Vorbei' }),
    timer(4, { zapOnly: true, title: 'Umschalten' }),
  ];
  app.recordings.movies = [
    {
      id: 'receiver.0123456789abcdef',
      title: 'Fertig',
      description: 'd',
      channelId: null,
      channelName: 'x',
      startSeconds: 100,
      durationSeconds: 60,
      sizeBytes: 188,
    },
  ];
  const titles = async (list: string) =>
    (await api(app, `dvr/entry/${list}`)).entries.map(
      (entry) => `${String(entry['disp_title'])} ${String(entry['sched_status'])}`,
    );
  t.deepEqual(await titles('grid_upcoming'), ['Morgen scheduled', 'Gerade recording']);
  t.deepEqual(await titles('grid_finished'), ['Fertig completed']);
  t.deepEqual(await titles('grid_failed'), []);
  t.deepEqual(await titles('grid'), ['Morgen scheduled', 'Gerade recording', 'Fertig completed']);
  const [morgen] = (await api(app, 'dvr/entry/grid_upcoming')).entries;
  t.like(morgen, { channel: ONE?.id.uuid, start: timer(1).beginSeconds, enabled: true });
  const [done] = (await api(app, 'dvr/entry/grid_finished')).entries;
  t.is(done?.['url'], `dvrfile/${tvhId('movie', 'receiver.0123456789abcdef').uuid}`);

  const now = {
    ...app.recordings.movies[0],
    id: 'receiver.aaaa',
    channelName: 'Channel',
    startSeconds: timer(2).beginSeconds,
    isGrowing: true,
  };
  app.recordings.movies.push(now as never);
  const [, running] = (await api(app, 'dvr/entry/grid_upcoming')).entries;
  t.is(running?.['url'], `dvrfile/${tvhId('movie', 'receiver.aaaa').uuid}`, 'what is being recorded can be watched');
  t.is((await api(app, 'dvr/entry/grid_finished')).total, 1);

  const cancel = await post(app, 'dvr/entry/cancel', { uuid: String(morgen?.['uuid']) });
  t.deepEqual(cancel, { status: 200, body: {} });
  await post(app, 'dvr/entry/remove', { uuid: JSON.stringify([done?.['uuid']]) });
  t.deepEqual(app.recordings.orders, [
    ['cancel', timer(1).id],
    ['remove', 'receiver.0123456789abcdef'],
  ]);
  t.is((await post(app, 'dvr/entry/cancel', { uuid: 'f'.repeat(32) })).status, 404);
});

test('recording over the API wants a user or the token, whatever the method', async (t) => {
  const app = await start(t, { XG2G_ACCESS_USERS: 'anna:geheim' });
  const anna = { Authorization: `Basic ${Buffer.from('anna:geheim').toString('base64')}` };
  const conf = JSON.stringify({
    start: 2_000_000_000,
    stop: 2_000_003_600,
    channelname: 'ZDF',
    title: { ger: 'Film' },
  });
  t.is((await post(app, 'dvr/entry/create', { conf }, {})).status, 401);
  t.is((await fetch(`${app.url}/api/dvr/entry/create?conf=${encodeURIComponent(conf)}`)).status, 401);
  t.is((await post(app, 'dvr/entry/create', { conf }, { ...anna, Origin: 'http://evil.example' })).status, 403);
  t.deepEqual(app.recordings.orders, []);
  t.deepEqual(await post(app, 'dvr/entry/create', { conf }, anna), {
    status: 200,
    body: { uuid: tvhId('timer', timer(1).id).uuid },
  });
  t.deepEqual(app.recordings.orders, [
    [
      'add',
      {
        channelId: channel(2).id,
        title: 'Film',
        description: '',
        beginSeconds: 2_000_000_000,
        endSeconds: 2_000_003_600,
      },
    ],
  ]);
  app.store.replaceChannel(channel(1).id, [programme(channel(1).id, 1_900_000_000, { eventId: 77 })]);
  const [event] = (await api(app, 'epg/events/grid')).entries;
  const entries = JSON.stringify([{ event_id: event?.['eventId'], config_uuid: '' }]);
  t.is((await post(app, 'dvr/entry/create_by_event', { entries })).status, 200);
  t.deepEqual(app.recordings.orders[1], ['event', { channelId: channel(1).id, eventId: 77 }]);
  t.is((await post(app, 'dvr/entry/create_by_event', { event_id: '123456' })).status, 404);
});

test('who waits for changes is told that there is one, and is let go after a while', async (t) => {
  const app = await start(t);
  const poll = async (query: string) =>
    (await fetch(`${app.url}/comet/poll?${query}`)).json() as Promise<{
      boxid: string;
      messages: { notificationClass: string }[];
    }>;
  const first = await poll('immediate=1');
  t.is(first.messages[0]?.notificationClass, 'accessUpdate');
  t.deepEqual((await poll(`immediate=1&boxid=${first.boxid}`)).messages, []);
  let isDone = false;
  const waiting = poll(`boxid=${first.boxid}`).finally(() => {
    isDone = true;
  });
  await poll(`immediate=1`); // the request before is certainly being served by now, or soon
  await waitFor(
    (changed) => {
      const again = setInterval(changed, 10);
      return () => clearInterval(again);
    },
    () => {
      app.recordings.changed();
      return isDone;
    },
    { what: 'the poll to end' },
  );
  const told = await waiting;
  t.is(told.boxid, first.boxid);
  t.deepEqual(told.messages, [{ notificationClass: 'dvrentry', reload: 1 } as never]);
});

test('the rest of what clients ask at their start has an answer in its form', async (t) => {
  const app = await start(t);
  t.like(await api(app, 'serverinfo'), { api_version: 19, name: 'xg2g' } as never);
  t.deepEqual(
    (await api(app, 'profile/list')).entries.map(({ val }) => val),
    ['aac', 'pass', 'aac-first', 'surround', 'night'],
  );
  t.is((await api(app, 'dvr/config/grid')).total, 1);
  t.is((await api(app, 'epg/content_type/list')).entries.length, 10);
  for (const path of ['status/inputs', 'status/subscriptions', 'status/connections'])
    t.is((await api(app, path)).totalCount, 0);
  for (const path of ['dvr/autorec/grid', 'dvr/timerec/grid']) t.is((await api(app, path)).total, 0);
  t.is((await fetch(`${app.url}/api/nothing/here`)).status, 404);
});

const BAD: readonly (readonly [string, string])[] = [
  ['channel/grid', 'start=-1'],
  ['channel/grid', 'start=1e99'],
  ['channel/grid', 'limit=-2'],
  ['channel/grid', 'limit=abc'],
  ['channel/grid', `filter=${encodeURIComponent('[{"field":1}]')}`],
  ['channel/grid', `filter=${encodeURIComponent('[{')}`],
  [
    'channel/grid',
    `filter=${encodeURIComponent(JSON.stringify(Array(21).fill({ field: 'a', type: 'string', value: '' })))}`,
  ],
  ['epg/events/grid', 'contentType=999'],
  ['epg/events/grid', `title=${'x'.repeat(201)}`],
  ['epg/events/load', 'eventId=a,b'],
  ['epg/events/load', ''],
  ['dvr/entry/create', 'conf='],
  ['dvr/entry/create', `conf=${encodeURIComponent('{"start":5,"stop":4}')}`],
  ['dvr/entry/create_by_event', 'event_id=-1'],
  ['dvr/entry/create_by_event', 'entries=[]'],
  ['dvr/entry/cancel', ''],
  ['dvr/entry/cancel', 'uuid=[1]'],
];
for (const [path, query] of BAD) {
  test(`/api/${path} with ${decodeURIComponent(query).slice(0, 40)} is refused with what is wrong`, async (t) => {
    const app = await start(t);
    const response = await fetch(`${app.url}/api/${path}?${query}`, { headers: BEARER });
    t.is(response.status, 400);
    t.like(await response.json(), { code: 'TVH_ARGUMENT' });
    t.deepEqual(app.recordings.orders, []);
  });
}

test('a form that is too long, or none, is refused', async (t) => {
  const app = await start(t);
  const send = async (body: string, type: string) =>
    (await fetch(`${app.url}/api/channel/grid`, { method: 'POST', body, headers: { 'Content-Type': type } })).status;
  t.is(await send(`filter=${'x'.repeat(70_000)}`, 'application/x-www-form-urlencoded'), 413);
  t.is(await send('<xml/>', 'text/xml'), 415);
  t.is(await send('', 'application/x-www-form-urlencoded'), 200);
});

test('an expression that never ends is not run', async (t) => {
  const app = await start(t);
  const filter = JSON.stringify([{ field: 'name', type: 'string', value: '^(a+)+$' }]);
  t.is((await api(app, `channel/grid?filter=${encodeURIComponent(filter)}`)).total, 0);
});
