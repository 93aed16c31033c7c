import { get, request } from 'node:http';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import { NO_DETAILS } from '#daemon/guide/programme.ts';
import { MemoryGuideStore } from '#daemon/guide/store.ts';
import { XgError } from '#shared/errors.ts';
import { captureLog } from '../support/captured-log.ts';
import { channel } from '../support/channels.ts';
import { testFace } from '../support/hdhomerun-face.ts';
import { appDeps, readyLineup, serve } from '../support/running-app.ts';

const lineup = readyLineup([channel(1), channel(2)]);

function filledGuide() {
  const store = new MemoryGuideStore();
  store.replaceChannel(channel(1).id, [
    {
      id: 0,
      eventId: 1,
      channelId: channel(1).id,
      title: 'Tatort',
      shortDescription: '',
      longDescription: '',
      startSeconds: 1_700_000_000,
      stopSeconds: 1_700_005_400,
      genreId: 0,
      details: NO_DETAILS,
    },
  ]);
  return { programmes: store.programmes.bind(store), size: store.size, revision: store.revision, progress: null };
}

const PATHS = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/playlist.m3u',
  '/xmltv.xml',
  '/xmltv.xml.gz',
  '/discover.json',
  '/lineup.json',
  '/lineup_status.json',
  '/api/v1/channels',
  '/api/v1/status',
  '/',
];

for (const path of PATHS) {
  test(`${path} answers GET, and HEAD with the same headers and no body`, async (t) => {
    const address = await serve(t, appDeps({ lineup, guide: filledGuide() }));
    const get = await fetch(address + path);
    t.is(get.status, 200);
    t.true((await get.arrayBuffer()).byteLength > 0);
    const head = await fetch(address + path, { method: 'HEAD' });
    t.is(head.status, 200);
    t.is(head.headers.get('content-type'), get.headers.get('content-type'));
    t.is((await head.arrayBuffer()).byteLength, 0);
  });
}

test('the playlist uses the host by which the client came, or the public URL', async (t) => {
  const address = await serve(t, appDeps({ lineup }));
  t.true((await (await fetch(`${address}/playlist.m3u`)).text()).includes(`\n${address}/stream/c00000-1-3fb-1.ts\n`));
  const proxied = await serve(t, appDeps({ lineup, publicUrl: 'https://tv.example/x' }));
  t.true((await (await fetch(`${proxied}/playlist.m3u`)).text()).includes('\nhttps://tv.example/x/stream/'));
});

for (const host of ['evil"\thost', 'a/b', 'x y', '<script>', 'a:b:c', 'host:99999999']) {
  test(`a Host header of ${JSON.stringify(host)} is refused`, async (t) => {
    const { port } = new URL(await serve(t, appDeps({ lineup })));
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    request({ port, path: '/playlist.m3u', headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
    t.is(await promise, 400);
  });
}

test('a profile is passed on if there is one of that name, with what is chosen of it', async (t) => {
  const address = await serve(t, appDeps({ lineup }));
  t.true((await (await fetch(`${address}/playlist.m3u?profile=aac`)).text()).includes('.ts?profile=aac\n'));
  const german = await (await fetch(`${address}/playlist.m3u?profile=aac-first&audio=deu&other=1`)).text();
  t.true(german.includes('.ts?profile=aac-first&audio=deu\n'));
  const wrong = await fetch(`${address}/playlist.m3u?profile=mp3`);
  t.is(wrong.status, 400);
  t.like(await wrong.json(), {
    code: 'PROFILE_UNKNOWN',
    detail: 'There is no profile "mp3"; there are: aac, pass, aac-first, surround, night',
  });
  const option = await fetch(`${address}/playlist.m3u?audio=german`);
  t.is(option.status, 400);
  t.is(((await option.json()) as { code: string }).code, 'PROFILE_OPTION');
});

test('the compressed guide holds the same as the plain one', async (t) => {
  const address = await serve(t, appDeps({ lineup, guide: filledGuide() }));
  const plain = await (await fetch(`${address}/xmltv.xml`)).text();
  const packed = await (await fetch(`${address}/xmltv.xml.gz`)).arrayBuffer();
  t.true(plain.includes('<title>Tatort</title>'));
  t.is(gunzipSync(packed).toString('utf8'), plain);
});

test('a guide that has not changed is not sent again', async (t) => {
  const address = await serve(t, appDeps({ lineup, guide: filledGuide() }));
  const first = await fetch(`${address}/xmltv.xml`);
  await first.text();
  // Not with fetch, which adds Cache-Control: no-cache to a request with a validator of its own.
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  get(`${address}/xmltv.xml`, { headers: { 'If-None-Match': first.headers.get('etag') ?? '' } }, (response) => {
    response.resume();
    resolve(response.statusCode);
  }).on('error', reject);
  t.is(await promise, 304);
});

test('a client that leaves in the middle of a large guide stops its writing', async (t) => {
  let written = 0;
  const endless = function* () {
    for (;;) {
      written++;
      yield {
        id: 0,
        eventId: written,
        channelId: channel(1).id,
        title: 'x'.repeat(1000),
        shortDescription: '',
        longDescription: '',
        startSeconds: 1,
        stopSeconds: 2,
        genreId: 0,
        details: NO_DETAILS,
      };
    }
  };
  const log = captureLog('info');
  const guide = { programmes: endless, size: 1, revision: 1, progress: null };
  const address = await serve(t, appDeps({ lineup, guide, logger: log.logger }));
  for (const path of ['/xmltv.xml', '/xmltv.xml.gz']) {
    const controller = new AbortController();
    const response = await fetch(address + path, { signal: controller.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    controller.abort();
    await reader?.closed.catch(() => {});
    await (await fetch(`${address}/healthz`)).text();
    const after = written;
    await (await fetch(`${address}/healthz`)).text();
    t.is(written, after, `${path} is still being written`);
  }
  t.deepEqual(log.messages('error'), []);
});

test('an unknown path is a problem with status 404, an unknown method 405', async (t) => {
  const address = await serve(t, appDeps());
  const unknown = await fetch(`${address}/nothing`);
  t.is(unknown.status, 404);
  t.is(unknown.headers.get('content-type'), 'application/problem+json');
  t.like(await unknown.json(), { title: 'Not Found', status: 404 });
  const method = await fetch(`${address}/playlist.m3u`, { method: 'DELETE' });
  t.is(method.status, 405);
});

test('further routes are mounted, and their errors become problems', async (t) => {
  const log = captureLog();
  const address = await serve(
    t,
    appDeps({
      logger: log.logger,
      mount: [
        (router) => {
          router.get('/known', () => {
            throw new XgError('CHANNEL_UNKNOWN', 'There is no channel x');
          });
          router.get('/broken', () => {
            throw new Error('secret detail');
          });
        },
      ],
    }),
  );
  const known = await fetch(`${address}/known`);
  t.is(known.status, 404);
  t.like(await known.json(), { code: 'CHANNEL_UNKNOWN', detail: 'There is no channel x' });
  t.deepEqual(log.messages('error'), []);
  const broken = await fetch(`${address}/broken`);
  t.is(broken.status, 500);
  t.false((await broken.text()).includes('secret'));
  t.is(log.messages('error').length, 1);
});

test('requests are counted by route pattern, so that the labels stay bounded', async (t) => {
  const deps = appDeps({ lineup });
  const address = await serve(t, deps);
  for (const path of ['/logos/a.png', '/logos/b.png', '/x1', '/x2']) await (await fetch(address + path)).text();
  const text = await (await fetch(`${address}/metrics`)).text();
  t.true(text.includes('xg2g_http_requests_total{method="GET",route="/logos/:file",status="404"} 2'), text);
  t.true(text.includes('xg2g_http_requests_total{method="GET",route="none",status="404"} 2'), text);
  t.false(text.includes('/x1'));
});

test('a logo comes from the receiver once; a missing one is a quiet 404', async (t) => {
  const png = Buffer.from('89504e470d0a1a0a', 'hex');
  let asked = 0;
  const log = captureLog('info');
  const receiver = {
    address: 'http://box',
    picon: async (ref: string) => {
      asked++;
      return ref === channel(1).ref ? { contentType: 'image/png', bytes: png } : null;
    },
  };
  const address = await serve(t, appDeps({ lineup, receiver, logger: log.logger }));
  for (let round = 0; round < 2; round++) {
    const found = await fetch(`${address}/logos/${channel(1).id}.png`);
    t.is(found.headers.get('content-type'), 'image/png');
    t.deepEqual(Buffer.from(await found.arrayBuffer()), png);
    t.is((await fetch(`${address}/logos/${channel(2).id}.png`)).status, 404);
    t.is((await fetch(`${address}/logos/nonsense.png`)).status, 404);
    t.is((await fetch(`${address}/logos/..%2f..%2fetc.png`)).status, 404);
  }
  t.is(asked, 2);
  t.deepEqual(log.lines, []);
});

test('ready with a degraded transcoder, not with one that is missing', async (t) => {
  const degraded = await serve(
    t,
    appDeps({ lineup, transcoder: { state: { kind: 'degraded', reason: 'restarting' } } }),
  );
  const first = await fetch(`${degraded}/readyz`);
  t.is(first.status, 200);
  t.like(((await first.json()) as { components: { transcoder: object } }).components.transcoder, {
    state: 'degraded',
    reason: 'restarting',
  });
  const missing = await serve(t, appDeps({ lineup, transcoder: { state: { kind: 'connecting' } } }));
  t.is((await fetch(`${missing}/readyz`)).status, 503);
});

test('a receiver that is away is told of, and does not make the gateway unready', async (t) => {
  const boxes = () => [{ name: 'Duo²', breaker: 'open' as const, lost: 'no route' }];
  const address = await serve(t, appDeps({ lineup, boxes }));
  const response = await fetch(`${address}/readyz`);
  t.is(response.status, 200);
  const { components } = (await response.json()) as { components: { receivers: { state: string; reason: string } } };
  t.is(components.receivers.state, 'away');
  t.regex(components.receivers.reason, /Duo².*no route.*circuit breaker open/);
});

test('without a receiver the state says which setting is missing', async (t) => {
  const address = await serve(t, appDeps({ receiver: null }));
  const response = await fetch(`${address}/readyz`);
  t.is(response.status, 503);
  t.regex(await response.text(), /XG2G_E2_HOST/);
});

test('the HDHomeRun face can be switched off', async (t) => {
  const deps = appDeps({ lineup, hdhomerun: testFace(lineup, { enabled: false }) });
  const address = await serve(t, deps);
  t.is((await fetch(`${address}/discover.json`)).status, 404);
});

test('the API lists channels with their addresses, and tells the status', async (t) => {
  const address = await serve(t, appDeps({ lineup }));
  const { channels } = (await (await fetch(`${address}/api/v1/channels`)).json()) as { channels: object[] };
  t.like(channels[0], { id: channel(1).id, number: 1, url: `${address}/stream/${channel(1).id}.ts` });
  t.like(await (await fetch(`${address}/api/v1/status`)).json(), {
    version: '0.0.0-test',
    ready: true,
    receiver: { address: 'http://192.168.1.20' },
  });
});
