import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Router } from '@koa/router';
import test, { type ExecutionContext } from 'ava';
import Koa from 'koa';
import { HTTP_ERROR_STATUS, problemMiddleware } from '#daemon/http/problem.ts';
import { type MappingView, mountGuideMapping } from '#daemon/http/routes-guide-mapping.ts';
import { createLogger } from '#shared/observability/logger.ts';

async function serve(t: ExecutionContext): Promise<{ url: string; chosen: unknown[] }> {
  const chosen: unknown[] = [];
  const guides: MappingView = {
    mapping: { sources: [] },
    choose: (source, choices) => chosen.push([source, ...choices]),
  };
  const router = new Router();
  mountGuideMapping(router, guides);
  const app = new Koa();
  app.use(problemMiddleware({ logger: createLogger({ name: 'test', level: 'error' }), statuses: HTTP_ERROR_STATUS }));
  app.use(router.routes());
  const server = createServer(app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/guide/mapping`, chosen };
}

test('the mapping can be read', async (t) => {
  const { url } = await serve(t);
  const answer = await fetch(url);
  t.is(answer.status, 200);
  t.is(answer.headers.get('cache-control'), 'no-store');
  t.deepEqual(await answer.json(), { sources: [] });
});

test('a choice gives an id, says that there is none, or is taken back', async (t) => {
  const { url, chosen } = await serve(t);
  const body = JSON.stringify({ source: 'a', channels: { one: 'ZDF.de', two: null, three: 'auto' } });
  const answer = await fetch(url, { method: 'PUT', body });
  t.is(answer.status, 202);
  t.deepEqual(chosen, [['a', ['one', 'ZDF.de'], ['two', null], ['three', undefined]]]);
});

for (const body of ['', 'x', '[]', '{"channels":{"a":1}}', '{"channels":{},"other":1}', '{"channels":{"a":""}}']) {
  test(`the body ${JSON.stringify(body)} is refused with what is expected`, async (t) => {
    const { url, chosen } = await serve(t);
    const answer = await fetch(url, { method: 'PUT', body });
    t.is(answer.status, 400);
    t.like(await answer.json(), { code: 'GUIDE_MAPPING' });
    t.deepEqual(chosen, []);
  });
}

test('a body without end is refused', async (t) => {
  const { url } = await serve(t);
  const answer = await fetch(url, { method: 'PUT', body: 'x'.repeat(1_100_000) });
  t.is(answer.status, 413);
});
