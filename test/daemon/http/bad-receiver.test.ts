import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { LineupService } from '#daemon/lineup/service.ts';
import { ReceiverClient } from '#daemon/receiver/client.ts';
import { captureLog } from '../support/captured-log.ts';
import { bytes, type FakeBox, json, startFakeBox } from '../support/fake-box.ts';
import { appDeps, serve } from '../support/running-app.ts';
import { waitFor } from '../support/wait-for.ts';

/** What each kind of trouble looks like from outside: /readyz with the reason, and ready by itself once it is over. */

const BOUQUET = '1:7:1:0:0:0:0:0:0:0:FROM BOUQUET "userbouquet.favourites.tv" ORDER BY bouquet';
const healthy: FakeBox['handlers'] = {
  '/api/bouquets': (request, response, url) =>
    json({ bouquets: url.searchParams.has('stype') ? [] : [[BOUQUET, 'Favourites']] })(request, response, url),
  '/api/getservices': json({
    services: [{ servicereference: '1:0:19:283D:3FB:1:C00000:0:0:0:', servicename: 'Das Erste' }],
  }),
};

interface Readyz {
  ready: boolean;
  components: { lineup: { state: string; code: string | null; reason: string | null } };
}

/** The daemon's receiver side and HTTP side, as main composes them, against one address. */
async function daemonFor(t: ExecutionContext, baseUrl: string, timeouts = { totalMs: 5_000 }) {
  const log = captureLog('info');
  const receiver = new ReceiverClient({ baseUrl, logger: log.logger, timeouts, user: 'root', pass: 'wrong' });
  const lineup = new LineupService({ source: receiver, logger: log.logger, backoff: { minMs: 10, maxMs: 40 } });
  const stop = new AbortController();
  const running = lineup.start({ signal: stop.signal });
  t.teardown(async () => {
    stop.abort();
    await running;
    await receiver.close();
  });
  const address = await serve(t, appDeps({ lineup, receiver, logger: log.logger }));
  const readyz = async (): Promise<{ status: number; body: Readyz }> => {
    const response = await fetch(`${address}/readyz`);
    return { status: response.status, body: (await response.json()) as Readyz };
  };
  const notReadyWith = async (code: string, message: RegExp): Promise<void> => {
    await waitFor(code, async () => (await readyz()).body.components.lineup.code === code);
    const { status, body } = await readyz();
    t.is(status, 503);
    t.false(body.ready);
    t.regex(body.components.lineup.reason ?? '', message);
    t.true(body.components.lineup.reason?.includes(new URL(baseUrl).host), 'the reason names the address');
    t.is(log.messages('error').length, 1, 'one log line for all attempts');
    const playlist = await fetch(`${address}/playlist.m3u`);
    t.is(playlist.status, 503);
    t.is(playlist.headers.get('content-type'), 'application/problem+json');
    t.like(await playlist.json(), { status: 503, code: 'LINEUP_NOT_READY' });
  };
  const becomesReady = async (): Promise<void> => {
    await waitFor('ready', async () => (await readyz()).status === 200);
    const playlist = await (await fetch(`${address}/playlist.m3u`)).text();
    t.true(playlist.includes(`${address}/stream/c00000-1-3fb-283d.ts`));
  };
  return { notReadyWith, becomesReady, address };
}

const troubles: ReadonlyArray<{ what: string; handler: FakeBox['handlers'][string]; code: string; message: RegExp }> = [
  {
    what: 'a wrong password',
    handler: bytes('<html>Unauthorized</html>', 'text/html', 401),
    code: 'RECEIVER_AUTH',
    message: /password is wrong.*XG2G_E2_USER and XG2G_E2_PASS/,
  },
  {
    what: 'a web page instead of data (wrong host)',
    handler: bytes('<!doctype html><html><title>Router</title></html>', 'text/html'),
    code: 'RECEIVER_NOT_OPENWEBIF',
    message: /not OpenWebif.*XG2G_E2_HOST/,
  },
  {
    what: 'a truncated body',
    handler: (_request, response) => {
      response.writeHead(200, { 'Content-Length': 500 });
      response.write('{"bouquets":[["1:7');
      setImmediate(() => response.destroy());
    },
    code: 'RECEIVER_BAD_ANSWER',
    message: /cut off/,
  },
  {
    what: 'a body of 50 MB',
    handler: (_request, response) => {
      const piece = Buffer.alloc(1024 * 1024, 0x20);
      const write = (): void => {
        while (!response.destroyed && response.write(piece));
        response.once('drain', write);
      };
      response.writeHead(200, { 'Content-Length': 50 * piece.length });
      write();
    },
    code: 'RECEIVER_TOO_LARGE',
    message: /more than 33554432 bytes/,
  },
  {
    what: 'an error of the box',
    handler: bytes('<html><body>Traceback: KeyError</body></html>', 'text/html', 500),
    code: 'RECEIVER_BAD_ANSWER',
    message: /status 500: Traceback: KeyError/,
  },
];
for (const { what, handler, code, message } of troubles) {
  test(`${what}: /readyz says so, and it becomes ready by itself afterwards`, async (t) => {
    const box = await startFakeBox({ '*': handler });
    t.teardown(() => box.close());
    const daemon = await daemonFor(t, box.baseUrl);
    await daemon.notReadyWith(code, message);
    box.handlers = healthy;
    await daemon.becomesReady();
  });
}

test('a receiver that is off: /readyz says so, and it becomes ready by itself when it is switched on', async (t) => {
  const probe = await startFakeBox({});
  await probe.close();
  const daemon = await daemonFor(t, probe.baseUrl);
  await daemon.notReadyWith('RECEIVER_UNREACHABLE', /Check that the receiver is on/);
  const box = await startFakeBox(healthy, probe.port);
  t.teardown(() => box.close());
  await daemon.becomesReady();
});

test('a body that drips: /readyz says so', async (t) => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // the client hangs up, which is what is wanted
    socket.once('data', () => {
      socket.write('HTTP/1.0 200 OK\r\n\r\n{');
      const drip = setInterval(() => socket.write(' '), 20);
      socket.once('close', () => clearInterval(drip));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const daemon = await daemonFor(t, `http://127.0.0.1:${port}`, { totalMs: 150 });
  await daemon.notReadyWith('RECEIVER_TIMEOUT', /took too long/);
});
