import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { ReceiverClient, type ReceiverClientOptions } from '#daemon/receiver/client.ts';
import { XgError } from '#shared/errors.ts';
import { createSilentLogger } from '#shared/observability/logger.ts';
import { bytes, type FakeBox, json, startFakeBox } from '../support/fake-box.ts';
import { readSharedData } from '../support/shared-data.ts';

function connect(t: ExecutionContext, baseUrl: string, options: Partial<ReceiverClientOptions> = {}): ReceiverClient {
  const client = new ReceiverClient({ baseUrl, logger: createSilentLogger(), ...options });
  t.teardown(() => client.close());
  return client;
}

async function boxWith(t: ExecutionContext, handlers: FakeBox['handlers']): Promise<FakeBox> {
  const box = await startFakeBox(handlers);
  t.teardown(() => box.close());
  return box;
}

async function failure(t: ExecutionContext, promise: Promise<unknown>): Promise<XgError> {
  const error = await t.throwsAsync(promise, { instanceOf: XgError });
  return error;
}

test("a real box's about names model, image and tuners", async (t) => {
  const data = readSharedData(t, 'openwebif/kevpatts-owif/about.json');
  if (data === null) return;
  const box = await boxWith(t, { '/api/about': bytes(data, 'application/json') });
  const about = await connect(t, box.baseUrl).about();
  t.is(about.model, 'Duo²');
  t.is(about.imageDistro, 'OpenViX');
  t.is(about.tuners.length, 6);
  t.is(about.tuners[0]?.live, '28.2° E / BBC One Lon HD');
});

test('standby is understood as text and as a boolean, as real boxes send both', async (t) => {
  const standby = readSharedData(t, 'openwebif/quoted/statusinfo_openatv60_standby.json');
  const running = readSharedData(t, 'openwebif/quoted/statusinfo_openatv60_running.json');
  if (standby === null || running === null) return;
  const box = await boxWith(t, { '/api/statusinfo': bytes(standby, 'application/json') });
  const client = connect(t, box.baseUrl);
  t.deepEqual(await client.statusInfo(), { standby: true, recording: false, streaming: false, currentService: null });
  box.handlers['/api/statusinfo'] = bytes(running, 'application/json');
  t.like(await client.statusInfo(), { standby: false, currentService: { name: 'ITV2' } });
});

test("a real box's bouquets keep their quotes; rows of another length are left out", async (t) => {
  const data = readSharedData(t, 'openwebif/kevpatts-owif/bouquets.json');
  if (data === null) return;
  const answer = JSON.parse(data.toString('utf8')) as { bouquets: unknown[] };
  const box = await boxWith(t, {
    '/api/bouquets': json({ bouquets: [...answer.bouquets, ['lonely'], ['a', 'b', 'c'], null, 5] }),
  });
  const bouquets = await connect(t, box.baseUrl).bouquets('tv');
  t.is(bouquets.length, answer.bouquets.length);
  t.like(bouquets[0], {
    ref: '1:7:1:0:0:0:0:0:0:0:FROM BOUQUET "userbouquet.abm.sat_282_freesat.main.tv" ORDER BY bouquet',
    name: 'FreeSat UK - All channels',
  });
});

test('the services of old and new images are read alike', async (t) => {
  const old = readSharedData(t, 'openwebif/quoted/getservices_vuultimo_fragment.json');
  const fresh = readSharedData(t, 'openwebif/quoted/getservices_sf8008_fragment.json');
  if (old === null || fresh === null) return;
  const box = await boxWith(t, { '/api/getservices': bytes(old, 'application/json') });
  const client = connect(t, box.baseUrl);
  const first = (await client.services('1:7:1:0:0:0:0:0:0:0:FROM BOUQUET "a&b.tv" ORDER BY bouquet'))[0];
  box.handlers['/api/getservices'] = bytes(fresh, 'application/json');
  t.deepEqual((await client.services('x'))[0], first);
  t.is(first?.name, 'BBC One SE HD');
  t.is(new URL(box.asked[0] ?? '', 'http://x').searchParams.get('sRef')?.includes('"a&b.tv"'), true);
});

test('now and next of a real box: titles, times, genres', async (t) => {
  const data = readSharedData(t, 'openwebif/kevpatts-owif/epgnownext.json');
  if (data === null) return;
  const box = await boxWith(t, { '/api/epgnownext': bytes(data, 'application/json') });
  const events = await connect(t, box.baseUrl).epgNowNext('x');
  t.deepEqual(events[0], {
    id: 13_268,
    ref: '1:0:19:287B:800:2:11A0000:0:0:0:',
    title: 'Sample Programme 1',
    shortDescription: 'Sample programme description.',
    longDescription: '',
    startSeconds: 1_786_916_100,
    durationSeconds: 300,
    genreId: 32,
  });
});

test('events without title or time are left out, a missing duration is half an hour', async (t) => {
  const box = await boxWith(t, {
    '/api/epgservice': json({
      events: [
        { id: '7', title: 'A &amp; B', begin_timestamp: '1700000000', sref: 'x', genreid: '' },
        { id: 8, title: '', begin_timestamp: 1_700_000_000 },
        { id: 9, title: 'x', begin_timestamp: 0 },
        { id: null, title: null, begin_timestamp: null },
        'nonsense',
      ],
    }),
  });
  const events = await connect(t, box.baseUrl).epgService('x');
  t.is(events.length, 1);
  t.like(events[0], { id: 7, title: 'A & B', startSeconds: 1_700_000_000, durationSeconds: 1800, genreId: 0 });
});

test('an image without the JSON interface is asked in XML, and only once in JSON', async (t) => {
  const guide = readSharedData(t, 'openwebif/datagutten-dreambox/epgservice.xml');
  if (guide === null) return;
  const box = await boxWith(t, { '/web/epgservice': bytes(guide, 'text/xml') });
  const client = connect(t, box.baseUrl);
  const events = await client.epgService('1:0:19:EDE:E:46:FFFF019A:0:0:0:');
  t.true(events.length > 50);
  t.like(events[0], { id: 25_624, title: 'Egypts tapte skatter', startSeconds: 1_605_898_800, durationSeconds: 3600 });
  await client.epgService('x');
  t.is(box.asked.filter((path) => path.startsWith('/api/')).length, 1);
});

test('XML bouquets, services and device facts of old images are read', async (t) => {
  const device = readSharedData(t, 'openwebif/quoted/deviceinfo_dm8000_2015.xml');
  const services = readSharedData(t, 'openwebif/dreamote-examples/ServiceXMLReader_e2servicelist.xml');
  if (device === null || services === null) return;
  const box = await boxWith(t, {
    '/web/about': bytes(device, 'text/xml'),
    '/web/getservices': bytes(services, 'text/xml'),
  });
  const client = connect(t, box.baseUrl);
  t.like(await client.about(), { model: 'dm8000', webifVersion: '1.7.5' });
  t.is((await client.about()).tuners.length, 4);
  t.deepEqual(await client.bouquets('tv'), [
    { ref: '1:0:1:335:9DD0:7E:820000:0:0:0:', name: 'M6 Suisse', provider: null },
  ]);
});

test('an XML body in answer to a JSON question is read as XML', async (t) => {
  const xml =
    '<?xml version="1.0"?><e2servicelist><e2service><e2servicereference>1:0:1:1:2:3:4:0:0:0:</e2servicereference><e2servicename>A &amp;amp; B</e2servicename></e2service></e2servicelist>';
  const box = await boxWith(t, { '/api/getservices': bytes(xml, 'text/xml') });
  t.deepEqual(await connect(t, box.baseUrl).services('x'), [
    { ref: '1:0:1:1:2:3:4:0:0:0:', name: 'A & B', provider: null },
  ]);
});

test('raw control characters inside JSON strings do not spoil the answer', async (t) => {
  const box = await boxWith(t, {
    '/api/getservices': bytes(
      '{"services":[{"servicereference":"1:0:1:1:2:3:4:0:0:0:","servicename":"A\u0005\tB"}]}',
      'application/json',
    ),
  });
  t.is((await connect(t, box.baseUrl).services('x'))[0]?.name, 'A B');
});

test('the login is sent from the first request and the session cookie is kept', async (t) => {
  const seen: Array<{ authorization: string | undefined; cookie: string | undefined }> = [];
  const box = await boxWith(t, {
    '/api/statusinfo': (request, response) => {
      seen.push({ authorization: request.headers.authorization, cookie: request.headers.cookie });
      response.setHeader('Set-Cookie', 'TWISTED_SESSION=abc123; Path=/');
      response.end('{"inStandby":"false"}');
    },
  });
  const client = connect(t, box.baseUrl, { user: 'root', pass: 'pä:ss' });
  await client.statusInfo();
  await client.statusInfo();
  const basic = `Basic ${Buffer.from('root:pä:ss').toString('base64')}`;
  t.deepEqual(seen, [
    { authorization: basic, cookie: undefined },
    { authorization: basic, cookie: 'TWISTED_SESSION=abc123' },
  ]);
});

test('no login is sent when no user is set', async (t) => {
  const box = await boxWith(t, {
    '/api/statusinfo': (request, response) => {
      t.is(request.headers.authorization, undefined);
      response.end('{}');
    },
  });
  await connect(t, box.baseUrl).statusInfo();
});

test('forty requests at once open at most two connections', async (t) => {
  const box = await boxWith(t, { '*': json({ services: [], events: [], info: {}, inStandby: 'true' }) });
  const client = connect(t, box.baseUrl);
  await Promise.all([
    ...Array.from({ length: 12 }, (_, index) => client.epgService(String(index))),
    ...Array.from({ length: 28 }, () => client.statusInfo()),
  ]);
  t.true(box.connections() <= 2, `${box.connections()} connections`);
});

test('what a viewer waits for does not queue behind a slow guide', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const box = await boxWith(t, {
    '/api/epgservice': (_request, response) => void promise.then(() => response.end('{"events":[]}')),
    '/web/stream.m3u': bytes('http://127.0.0.1:8001/1:0:1:1:2:3:4:0:0:0:\n', 'audio/x-mpegurl'),
  });
  const client = connect(t, box.baseUrl);
  const guide = client.epgService('x');
  const target = await client.streamUrl('1:0:1:1:2:3:4:0:0:0:', { name: 'A' });
  t.like(target, { kind: 'e2-stream', host: '127.0.0.1', port: 8001 });
  resolve();
  t.deepEqual(await guide, []);
});

test('a box without stream.m3u gets the address of its stream server', async (t) => {
  const box = await boxWith(t, {});
  const target = await connect(t, box.baseUrl, { streamPort: 9001 }).streamUrl('1:0:1:1:2:3:4:0:0:0:');
  t.like(target, { kind: 'e2-stream', host: '127.0.0.1', port: 9001, path: '/1:0:1:1:2:3:4:0:0:0:' });
});

test('an IPTV channel is not asked for at the box', async (t) => {
  const box = await boxWith(t, {});
  const target = await connect(t, box.baseUrl).streamUrl('4097:0:1:0:0:0:0:0:0:0:http%3a//tv.example%3a81/x:');
  t.like(target, { kind: 'http', host: 'tv.example', port: 81, path: '/x' });
  t.deepEqual(box.asked, []);
});

test('a picon is found under the plain name when the HD one is missing; none is null', async (t) => {
  const png = Buffer.from('89504e470d0a1a0a', 'hex');
  const box = await boxWith(t, { '/picon/1_0_1_283D_3FB_1_C00000_0_0_0.png': bytes(png, 'image/png') });
  const client = connect(t, box.baseUrl);
  t.deepEqual(await client.picon('1:0:19:283D:3FB:1:C00000:0:0:0:'), { contentType: 'image/png', bytes: png });
  t.is(await client.picon('1:0:19:1:3FB:1:C00000:0:0:0:', { name: 'None' }), null);
});

test('a picon that is a web page counts as none', async (t) => {
  const box = await boxWith(t, { '*': bytes('<html>login</html>', 'text/html') });
  t.is(await connect(t, box.baseUrl).picon('1:0:19:1:3FB:1:C00000:0:0:0:'), null);
});

// What goes wrong, each over a real socket. Every message names the address.

test('receiver off: the address, and to check that it is on', async (t) => {
  const box = await startFakeBox({});
  await box.close();
  const error = await failure(t, connect(t, box.baseUrl).about());
  t.is(error.code, 'RECEIVER_UNREACHABLE');
  t.true(error.message.includes(box.baseUrl));
  t.regex(error.message, /receiver is on .* XG2G_E2_HOST/);
});

test('a name nobody knows', async (t) => {
  const error = await failure(t, connect(t, 'http://no-such-box.invalid').about());
  t.is(error.code, 'RECEIVER_UNREACHABLE');
  t.regex(error.message, /no-such-box\.invalid.*XG2G_E2_HOST/);
});

test('wrong password, and no password where one is needed', async (t) => {
  const box = await boxWith(t, { '*': bytes('<html>401</html>', 'text/html', 401) });
  const wrong = await failure(t, connect(t, box.baseUrl, { user: 'root', pass: 'geheim' }).about());
  t.is(wrong.code, 'RECEIVER_AUTH');
  t.regex(wrong.message, /password is wrong.*XG2G_E2_PASS/);
  t.false(wrong.message.includes('geheim'));
  const none = await failure(t, connect(t, box.baseUrl).about());
  t.regex(none.message, /no user and password are set/);
});

test('an address that OpenWebif does not allow', async (t) => {
  const box = await boxWith(t, { '*': bytes('<html><body>403.6 IP address rejected</body></html>', 'text/html', 403) });
  const error = await failure(t, connect(t, box.baseUrl).about());
  t.is(error.code, 'RECEIVER_FORBIDDEN');
  t.regex(error.message, /403\.6 IP address rejected.*OpenWebif/);
});

test('a web page in place of data', async (t) => {
  const box = await boxWith(t, { '*': bytes('<!DOCTYPE html><html><body>router</body></html>', 'text/html') });
  const error = await failure(t, connect(t, box.baseUrl).about());
  t.is(error.code, 'RECEIVER_NOT_OPENWEBIF');
  t.true(error.message.includes(box.baseUrl));
});

test('a server that knows none of the paths', async (t) => {
  const box = await boxWith(t, {});
  t.is((await failure(t, connect(t, box.baseUrl).about())).code, 'RECEIVER_NOT_OPENWEBIF');
});

test('a box that insists on https says where to', async (t) => {
  const box = await boxWith(t, {
    '*': (_request, response) => response.writeHead(302, { Location: 'https://box.local/' }).end(),
  });
  const error = await failure(t, connect(t, box.baseUrl).about());
  t.is(error.code, 'RECEIVER_REDIRECT');
  t.true(error.message.includes('https://box.local/'));
});

test('something that does not speak HTTP (the stream port, say)', async (t) => {
  const port = await rawServer(t, (socket) => socket.once('data', () => socket.end(Buffer.alloc(376, 0x47))));
  const error = await failure(t, connect(t, `http://127.0.0.1:${port}`).about());
  t.is(error.code, 'RECEIVER_NOT_OPENWEBIF');
  t.regex(error.message, /stream port/);
});

const cutBodies: ReadonlyArray<[string, string]> = [
  ['fewer bytes than promised', 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"services":[{"ser'],
  [
    'a chunked body without its end',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n12\r\n{"services":[{"ser\r\n',
  ],
  ['a body that ends with the connection', 'HTTP/1.0 200 OK\r\n\r\n{"services":[{"ser'],
  ['XML without its end', 'HTTP/1.0 200 OK\r\n\r\n<?xml version="1.0"?><e2servicelist><e2service>'],
  ['an empty body', 'HTTP/1.0 200 OK\r\n\r\n'],
];
for (const [what, answer] of cutBodies) {
  test(`a truncated answer: ${what}`, async (t) => {
    const port = await rawServer(t, (socket) => socket.once('data', () => socket.end(answer)));
    const error = await failure(t, connect(t, `http://127.0.0.1:${port}`).services('x'));
    t.is(error.code, 'RECEIVER_BAD_ANSWER');
    t.true(error.message.includes(`http://127.0.0.1:${port}`));
  });
}

test('headers that never come', async (t) => {
  const port = await rawServer(t, () => {});
  const client = connect(t, `http://127.0.0.1:${port}`, { timeouts: { headersMs: 100 } });
  t.is((await failure(t, client.about())).code, 'RECEIVER_TIMEOUT');
});

test('a body that drips for ever ends at the total time', async (t) => {
  const port = await rawServer(t, (socket) => {
    socket.write('HTTP/1.0 200 OK\r\n\r\n{');
    const drip = setInterval(() => socket.write(' '), 20);
    socket.on('close', () => clearInterval(drip));
  });
  const client = connect(t, `http://127.0.0.1:${port}`, { timeouts: { totalMs: 300 } });
  t.is((await failure(t, client.about())).code, 'RECEIVER_TIMEOUT');
});

test('a body of 50 MB is refused before it is kept', async (t) => {
  let closed: () => void = () => {};
  const connectionClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const box = await boxWith(t, {
    '*': (_request, response) => {
      response.on('close', closed);
      response.writeHead(200, { 'Content-Length': 50 * 1024 * 1024 });
      const piece = Buffer.alloc(1024 * 1024, 0x20);
      const write = (): void => {
        while (!response.destroyed && response.write(piece));
        response.once('drain', write);
      };
      write();
    },
  });
  const error = await failure(t, connect(t, box.baseUrl).about());
  t.is(error.code, 'RECEIVER_TOO_LARGE');
  await connectionClosed;
});

test('a refusal with status 200 tells its reason', async (t) => {
  const box = await boxWith(t, { '*': json({ result: false, exception: 'no such bouquet' }) });
  const error = await failure(t, connect(t, box.baseUrl).services('x'));
  t.is(error.code, 'RECEIVER_REFUSED');
  t.regex(error.message, /no such bouquet/);
});

test('the caller can stop waiting, before and during, and gets its own reason', async (t) => {
  const box = await boxWith(t, { '*': () => {} });
  const client = connect(t, box.baseUrl);
  const reason = new Error('user left');
  t.is(await t.throwsAsync(client.about({ signal: AbortSignal.abort(reason) })), reason);
  const controller = new AbortController();
  const waiting = client.about({ signal: controller.signal });
  setImmediate(() => controller.abort(reason));
  t.is(await t.throwsAsync(waiting), reason);
});

test('a kept connection that the box has closed in the meantime is no failure', async (t) => {
  let requests = 0;
  const port = await rawServer(t, (socket) => {
    socket.on('data', () => {
      requests++;
      // The first connection answers once and hangs up on the second request without a word.
      if (requests === 2) socket.destroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
    });
  });
  const client = connect(t, `http://127.0.0.1:${port}`);
  await client.statusInfo();
  await t.notThrowsAsync(client.statusInfo());
  t.is(requests, 3);
});

async function rawServer(t: ExecutionContext, onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // the client hangs up in the middle of things, which is what is tested
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

test('timers are read in JSON and in XML, with what old images leave out', async (t) => {
  const linebreaks = readSharedData(t, 'openwebif/quoted/timer_U008A_linebreaks_de.json');
  const xml = readSharedData(t, 'openwebif/datagutten-dreambox/timers.xml');
  if (linebreaks === null || xml === null) return;
  const box = await boxWith(t, { '/api/timerlist': bytes(linebreaks, 'application/json') });
  t.deepEqual(await connect(t, box.baseUrl).timers(), [
    {
      ref: '1:0:1:6D6E:437:66:FFFF0000:0:0:0:',
      serviceName: 'zdf_neo',
      name: 'Orange is the New Black',
      beginSeconds: 1_503_612_600,
      endSeconds: 1_503_616_500,
      prepareSeconds: 1_503_612_580,
      disabled: false,
      zapOnly: false,
      state: null,
      description: 'Muss ich wirklich dazwischen?',
      eventId: 22_997,
      repeatedDays: 0,
      afterEvent: 3,
      folder: '',
      tags: '',
      alwaysZap: false,
      fileName: '',
    },
  ]);
  const old = await boxWith(t, { '/web/timerlist': bytes(xml, 'application/xml') });
  const [first] = await connect(t, old.baseUrl).timers();
  t.like(first, { serviceName: 'TV6 (N) (EPG)', beginSeconds: 1_605_492_000, zapOnly: true, disabled: false });
});

test("about tells hardware addresses and the stream server's readers; rows that do not fit are left out", async (t) => {
  const about = {
    info: {
      ifaces: [{ mac: '00:1D:EC:00:00:01' }, { mac: '00:00:00:00:00:00' }, { mac: 'N/A' }, {}],
      streams: [{ ref: '1:0:19:283D:3FB:1:C00000:0:0:0:', name: 'Das Erste', ip: '192.168.1.9', type: 'S' }, {}],
    },
  };
  const box = await boxWith(t, { '/api/about': json(about) });
  t.like(await connect(t, box.baseUrl).about(), {
    macs: ['00:1d:ec:00:00:01'],
    streams: [{ ref: '1:0:19:283D:3FB:1:C00000:0:0:0:', name: 'Das Erste', ip: '192.168.1.9' }],
  });
});

test('a box that refuses five times is left alone: nothing more reaches it until it is probed', async (t) => {
  const closed = await startFakeBox({});
  await closed.close();
  const changes: string[] = [];
  const outcomes: string[] = [];
  const client = connect(t, closed.baseUrl, {
    onBreaker: (state) => changes.push(state.name),
    onRequest: (outcome) => outcomes.push(outcome),
  });
  for (let attempt = 0; attempt < 8; attempt++) {
    t.is((await failure(t, client.statusInfo())).code, 'RECEIVER_UNREACHABLE');
  }
  t.is(outcomes.length, 5);
  t.deepEqual(changes, ['open']);
  const box = await startFakeBox({ '/api/statusinfo': json({ inStandby: 'false' }) }, closed.port);
  t.teardown(() => box.close());
  t.is((await failure(t, client.statusInfo())).code, 'RECEIVER_UNREACHABLE');
  t.is(box.asked.length, 0);
  t.false((await client.statusInfo({ force: true })).standby);
  t.false((await client.statusInfo()).standby);
  t.deepEqual(changes, ['open', 'closed']);
});

test('the signal is read from JSON and from XML, with and without units; in standby there is none', async (t) => {
  const box = await boxWith(t, {
    '/api/tunersignal': json({
      result: true,
      tunertype: 'DVB-S',
      snr: 92,
      snr_db: '14.20',
      agc: 71,
      ber: 0,
      lock: true,
    }),
  });
  const good = { snr: 92, snrDb: 14.2, agc: 71, bitErrors: 0, lock: true };
  t.deepEqual(await connect(t, box.baseUrl).reception(), good);
  box.handlers['/api/tunersignal'] = json({ tunertype: '', snr: '', snr_db: '', agc: '', ber: '', inStandby: 'true' });
  const none = { snr: null, snrDb: null, agc: null, bitErrors: null, lock: null };
  t.deepEqual(await connect(t, box.baseUrl).reception(), none);
  delete box.handlers['/api/tunersignal'];
  box.handlers['/web/signal'] = bytes(
    Buffer.from(
      '<?xml version="1.0"?><e2frontendstatus><e2snrdb>\t14.20 dB\n</e2snrdb><e2snr>92 %</e2snr><e2ber>0</e2ber><e2acg>171 %</e2acg></e2frontendstatus>',
    ),
    'text/xml',
  );
  const old = connect(t, box.baseUrl);
  t.deepEqual(await old.reception(), { ...good, agc: 100, lock: null });
  t.deepEqual(await old.reception(), { ...good, agc: 100, lock: null });
});
