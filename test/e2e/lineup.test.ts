import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { eventually } from '#test/helpers/wait-for.ts';
import { startGateway } from './support/gateway.ts';

interface LineupAnswer {
  readonly origin: string;
  readonly ageSeconds: number;
  readonly failure: { readonly code: string } | null;
}

test('a daemon killed while the receiver is off has its channels, numbers and changes at once again', async (t) => {
  const data = await mkdtemp(join(tmpdir(), 'xg2g-e2e-lineup-'));
  t.teardown(() => rm(data, { recursive: true, force: true }));
  const token = 'a-token-of-this-test';
  const gateway = await startGateway(t, { env: { XG2G_DATA: data, XG2G_API_TOKEN: token } });
  const id = 'c00000-1-3fb-283d';
  const changed = await fetch(`${gateway.url}/api/v1/channels/${id}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Our First', number: 77 }),
  });
  t.is(changed.status, 200);
  const before = (await (await fetch(`${gateway.url}/playlist.m3u`)).text()).replaceAll(gateway.url, '');
  t.regex(before, /tvg-chno="77" tvg-name="Our First"/);
  await eventually(() => existsSync(join(data, 'lineup.json')), { what: 'the kept lineup' });

  await gateway.receiver.close();
  const lines = gateway.log.length;
  process.kill(gateway.daemonPid, 'SIGKILL');
  const listens = await eventually(() => gateway.log.slice(lines).find((line) => line.includes('xg2g listens')), {
    what: 'the daemon to be back',
    timeoutMs: 20_000,
  });
  const url = `http://127.0.0.1:${(JSON.parse(listens) as { port: number }).port}`;
  await eventually(async () => (await fetch(`${url}/readyz`)).ok, { what: 'it to be ready', timeoutMs: 20_000 });
  t.is((await (await fetch(`${url}/playlist.m3u`)).text()).replaceAll(url, ''), before);
  const answer = async (): Promise<LineupAnswer> =>
    (await (await fetch(`${url}/api/v1/lineup`)).json()) as LineupAnswer;
  await eventually(async () => (await answer()).failure?.code === 'RECEIVER_UNREACHABLE', {
    what: 'the receiver to be missed',
    timeoutMs: 20_000,
  });
  const { origin, ageSeconds } = await answer();
  t.is(origin, 'cache');
  t.true(ageSeconds >= 0 && ageSeconds < 600);
  t.like(await (await fetch(`${url}/readyz`)).json(), { ready: true, components: { lineup: { state: 'cached' } } });
  t.true(gateway.log.some((line) => line.includes('lineup of the last run')));
  t.notThrows(() => JSON.parse(readFileSync(join(data, 'lineup.json'), 'utf8')) as unknown);
});
