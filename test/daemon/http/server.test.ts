import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import { HttpServer } from '#daemon/http/server.ts';
import { XgError } from '#shared/errors.ts';

test('a close lets running requests finish and takes no new ones', async (t) => {
  const { promise: started, resolve: start } = Promise.withResolvers<void>();
  const { promise: finish, resolve: letFinish } = Promise.withResolvers<void>();
  const server = new HttpServer((_request, response) => {
    start();
    void finish.then(() => response.end('done'));
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const running = fetch(`http://127.0.0.1:${port}/`);
  await started;
  const closing = server.close({ drainMs: 10_000 });
  await t.throwsAsync(fetch(`http://127.0.0.1:${port}/`));
  letFinish();
  t.is(await (await running).text(), 'done');
  t.is(await closing, 'drained');
});

test('a request that does not end is cut after the drain time, or when the signal says so', async (t) => {
  for (const how of ['time', 'signal'] as const) {
    const { promise: started, resolve: start } = Promise.withResolvers<void>();
    const server = new HttpServer(() => start());
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const running = t.throwsAsync(fetch(`http://127.0.0.1:${port}/`));
    await started;
    const controller = new AbortController();
    const closing = server.close({ drainMs: how === 'time' ? 20 : 60_000, signal: controller.signal });
    if (how === 'signal') controller.abort();
    t.is(await closing, 'forced');
    await running;
  }
});

test('closing a server that never listened is fine', async (t) => {
  t.is(await new HttpServer(() => {}).close({ drainMs: 0 }), 'drained');
});

test('a port in use says so and what to do', async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.teardown(() => other.close());
  const { port } = other.address() as AddressInfo;
  const error = await t.throwsAsync(new HttpServer(() => {}).listen({ host: '127.0.0.1', port }), {
    instanceOf: XgError,
  });
  t.is(error.code, 'HTTP_LISTEN');
  t.true(error.message.includes(String(port)));
  t.regex(error.message, /XG2G_LISTEN/);
});
