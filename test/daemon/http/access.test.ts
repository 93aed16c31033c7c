import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import test from 'ava';
import { ConfiguredAccess } from '#daemon/config/access.ts';
import { loadConfig } from '#daemon/config/load.ts';
import { NetworkSet } from '#daemon/config/networks.ts';
import { requireWrite } from '#daemon/http/access/gate.ts';
import type { AppDeps } from '#daemon/http/deps.ts';
import { captureLog } from '../support/captured-log.ts';
import { channel } from '../support/channels.ts';
import { appDeps, readyLineup, serve } from '../support/running-app.ts';
import { mountedRoutes, tvheadendApp } from '../support/tvheadend-app.ts';

const run = promisify(execFile);
const TOKEN = 'a-token-of-the-test-0123456789';
const lineup = readyLineup([channel(1)]);
const PUBLIC = { 'X-Forwarded-For': '203.0.113.5' };
const BEARER = { Authorization: `Bearer ${TOKEN}` };
const basic = (login: string) => ({ Authorization: `Basic ${Buffer.from(login).toString('base64')}` });

/** The test itself is the proxy, and may say where it comes from. */
function deps(
  env: Record<string, string> = { XG2G_TRUSTED_PROXIES: '127.0.0.1' },
  more: Partial<AppDeps> = {},
): AppDeps {
  const { access } = loadConfig({ env, readFile: () => '' });
  const policy = new ConfiguredAccess(() => access);
  const write: NonNullable<AppDeps['mount']>[number] = (router) => {
    router.post('/api/v1/things', (ctx) => {
      ctx.body = { done: true };
    });
    router.post('/tvh/things', (ctx) => {
      requireWrite(ctx, { users: true });
      ctx.body = { done: true };
    });
  };
  return appDeps({ lineup, access: { policy, token: { current: () => TOKEN } }, mount: [write], ...more });
}

const USERS = { XG2G_TRUSTED_PROXIES: '127.0.0.1', XG2G_ACCESS_USERS: 'anna:ge:heim, Jürgen:Pässwört' };

async function status(address: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  const response = await fetch(address, { headers, method });
  await response.arrayBuffer();
  return response.status;
}

test('from a public address every route is refused but those of the health', async (t) => {
  const { deps: mounted, url } = await tvheadendApp(t, [channel(1)], { XG2G_TRUSTED_PROXIES: '127.0.0.1' });
  const routes = mountedRoutes(mounted);
  t.true(routes.length > 100, `${routes.length} routes`);
  for (const { method, path } of [...routes, { method: 'GET', path: '/not-there' }, { method: 'PUT', path: '/api' }]) {
    const isHealth = path === '/healthz' || path === '/readyz';
    t.is(await status(url + path, PUBLIC, method), isHealth ? 200 : 403, `${method} ${path}`);
  }
  const response = await fetch(`${url}/playlist.m3u`, { headers: PUBLIC });
  const problem = (await response.json()) as { code: string; detail: string };
  t.is(problem.code, 'ACCESS_DENIED');
  t.regex(problem.detail, /203\.0\.113\.5.*access\.networks.*XG2G_ACCESS_NETWORKS/);
});

test('no route that changes something works without a secret, whatever it is', async (t) => {
  const { deps: mounted, url, recordings } = await tvheadendApp(t, [channel(1)]);
  const changing = mountedRoutes(mounted).filter(
    ({ method, path }) => !['GET', 'HEAD'].includes(method) && /^\/api\/(?:v1|dvr\/entry\/(?!grid))/.test(path),
  );
  t.true(changing.length >= 9, changing.map(({ path }) => path).join());
  for (const { method, path } of changing) t.is(await status(url + path, {}, method), 401, `${method} ${path}`);
  t.deepEqual(recordings.orders, []);
});

test('a ticket and a code in an address open what they are for, to be read', async (t) => {
  const env = { XG2G_TRUSTED_PROXIES: '127.0.0.1', XG2G_ACCESS_USERS: 'anna:geheim' };
  const { url, tickets } = await tvheadendApp(t, [channel(1)], env);
  const ticket = tickets.issue('/playlist/channels');
  t.is(await status(`${url}/playlist/channels?ticket=${ticket}`, PUBLIC), 200);
  t.is(await status(`${url}/playlist/tags?ticket=${ticket}`, PUBLIC), 401);
  t.is(await status(`${url}/playlist/channels?ticket=${ticket}`, PUBLIC, 'POST'), 401);
  const list = await fetch(`${url}/playlist/auth/channels`, { headers: { ...PUBLIC, ...basic('anna:geheim') } });
  const [code = ''] = /auth=[\w-]+/.exec(await list.text()) ?? [];
  t.is(await status(`${url}/xmltv/channels?${code}`, PUBLIC), 200);
  t.is(await status(`${url}/xmltv/channels?${code}x`, PUBLIC), 401);
  t.is(await status(`${url}/api/v1/timers?${code}`, PUBLIC, 'POST'), 401);
  t.is(await status(`${url}/api/dvr/entry/cancel?uuid=x&${code}`, PUBLIC), 401);
  for (let round = 0; round < 10; round++) await status(`${url}/xmltv/channels?auth=${round}`, PUBLIC);
  t.is(await status(`${url}/xmltv/channels?${code}`, PUBLIC), 429, 'guessing is slowed down');
});

const INSIDE = [
  '10.1.2.3',
  '172.16.0.9',
  '192.168.178.20',
  '169.254.3.4',
  '127.0.0.1',
  '::1',
  'fd00::7',
  'fe80::1%eth0',
];
const OUTSIDE = ['8.8.8.8', '172.32.0.1', '100.64.0.1', '2001:db8::1', '0.0.0.0', '::', 'nonsense', '192.168.1.1.5'];

test('an address that is turned away stands in the log once, with what to change', async (t) => {
  const log = captureLog();
  const address = await serve(t, deps(undefined, { logger: log.logger }));
  for (let round = 0; round < 3; round++) await status(`${address}/playlist.m3u`, PUBLIC);
  t.deepEqual(log.messages('warn'), ['refused: this address is in none of access.networks']);
});

test('addresses of a house need no setting and no login', async (t) => {
  const address = await serve(t, deps());
  const ask = (from: string) => status(`${address}/playlist.m3u`, { 'X-Forwarded-For': from });
  for (const from of [...INSIDE, '::ffff:192.168.1.5', '192.168.1.5:4711', '[fd00::7]:99'])
    t.is(await ask(from), 200, from);
  for (const from of [...OUTSIDE, '::ffff:8.8.8.8', '8.8.8.8:80']) t.is(await ask(from), 403, from);
});

test('a client in the same room has access by its public IPv6 address, its neighbour in the next street has not', (t) => {
  const interfaces = () => ({
    eth0: [
      {
        address: '2001:db8:1:2::5',
        netmask: 'ffff:ffff:ffff:ffff::',
        family: 'IPv6' as const,
        mac: '',
        internal: false,
        cidr: '2001:db8:1:2::5/64',
        scopeid: 0,
      },
      {
        address: '198.51.100.7',
        netmask: '255.255.255.0',
        family: 'IPv4' as const,
        mac: '',
        internal: false,
        cidr: '198.51.100.7/24',
      },
    ],
  });
  const networks = new NetworkSet(['private', 'local'], { interfaces });
  t.true(networks.has('2001:db8:1:2:aaaa::1'));
  t.false(networks.has('2001:db8:1:3::1'));
  t.false(networks.has('198.51.100.8'), 'neighbours of a rented server have public IPv4 addresses of one network');
});

test('a proxy nobody was told of does not open the house, and a header made up opens nothing', async (t) => {
  const address = await serve(t, deps({}));
  const ask = (headers: Record<string, string>) => status(`${address}/playlist.m3u`, headers);
  t.is(await ask({}), 200);
  t.is(await ask(PUBLIC), 403);
  t.is(await ask({ 'X-Forwarded-For': '203.0.113.5, 192.168.1.1' }), 403);
  t.is(await ask({ 'X-Real-IP': '203.0.113.5' }), 403);
  t.is(await ask({ Forwarded: 'proto=http;for="[2001:db8::1]:4711"' }), 403);
  t.is(await ask({ 'X-Forwarded-For': Array(100).fill('10.0.0.1').join() }), 403);
  t.is(await ask({ 'X-Forwarded-For': '192.168.1.9' }), 200);

  const outside = await serve(t, deps({ XG2G_ACCESS_NETWORKS: '192.168.0.0/16' }));
  t.is(await status(`${outside}/playlist.m3u`, { 'X-Forwarded-For': '192.168.1.9' }), 403, 'the proxy is not trusted');
  const trusting = await serve(t, deps({ XG2G_ACCESS_NETWORKS: '192.168.0.0/16', XG2G_TRUSTED_PROXIES: '127.0.0.1' }));
  t.is(await status(`${trusting}/playlist.m3u`, { 'X-Forwarded-For': '192.168.1.9' }), 200);
  t.is(await status(`${trusting}/playlist.m3u`, { 'X-Forwarded-For': '192.168.1.9, 203.0.113.5' }), 403);
});

test('a user gets in from everywhere by Basic, with the right password only', async (t) => {
  const address = await serve(t, deps(USERS));
  const ask = (login: string) => status(`${address}/playlist.m3u`, { ...PUBLIC, ...basic(login) });
  t.is(await ask('anna:ge:heim'), 200);
  t.is(await ask('Jürgen:Pässwört'), 200);
  for (const wrong of ['anna:geheim', 'anna:', 'anna', 'nobody:ge:heim', ':']) t.is(await ask(wrong), 401, wrong);
  const challenge = (await fetch(`${address}/playlist.m3u`, { headers: PUBLIC })).headers.get('www-authenticate') ?? '';
  t.regex(challenge, /^Digest .*algorithm=SHA-256.*, Digest .*algorithm=MD5.*, Basic realm="xg2g"/);
});

test('curl logs in by Digest, in SHA-256 and in MD5', async (t) => {
  const address = await serve(t, deps(USERS));
  const curl = async (...args: string[]) => {
    const common = ['-s', '-H', 'X-Forwarded-For: 203.0.113.5', '-o', '/dev/null', '-w', '%{http_code}'];
    return (await run('curl', [...common, ...args, `${address}/playlist.m3u?profile=aac`], { timeout: 10_000 })).stdout;
  };
  t.is(await curl('--digest', '-u', 'anna:ge:heim'), '200');
  t.is(await curl('--digest', '-u', 'anna:wrong'), '401');
  t.is(await curl('--anyauth', '-u', 'Jürgen:Pässwört'), '200');
});

interface Answer {
  readonly algorithm?: string;
  readonly password?: string;
  readonly nc?: string;
  readonly nonce: string;
  readonly uri?: string;
}

function digestHeader({
  algorithm = 'MD5',
  password = 'ge:heim',
  nc = '00000001',
  nonce,
  uri = '/playlist.m3u',
}: Answer) {
  const hash = (text: string) =>
    createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
      .update(text)
      .digest('hex');
  const response = hash(`${hash(`anna:xg2g:${password}`)}:${nonce}:${nc}:abc:auth:${hash(`GET:${uri}`)}`);
  return {
    Authorization: `Digest username="anna", realm="xg2g", nonce="${nonce}", uri="${uri}", algorithm=${algorithm}, qop=auth, nc=${nc}, cnonce="abc", response="${response}"`,
  };
}

async function nonceOf(address: string): Promise<string> {
  const challenge = (await fetch(`${address}/playlist.m3u`, { headers: PUBLIC })).headers.get('www-authenticate') ?? '';
  return /nonce="([^"]+)"/.exec(challenge)?.[1] ?? '';
}

test('a Digest answer counts once, for its own address, and a nonce of our own only', async (t) => {
  const address = await serve(t, deps(USERS));
  const nonce = await nonceOf(address);
  const ask = (answer: Answer) => fetch(`${address}/playlist.m3u`, { headers: { ...PUBLIC, ...digestHeader(answer) } });
  t.is((await ask({ nonce })).status, 200);
  t.is((await ask({ nonce, nc: '00000003', algorithm: 'SHA-256' })).status, 200);
  t.is((await ask({ nonce, nc: '00000002' })).status, 200, 'requests overtake each other');
  for (const nc of ['00000001', '00000002', '00000003', '00000000']) {
    const again = await ask({ nonce, nc });
    t.is(again.status, 401, nc);
    t.regex(again.headers.get('www-authenticate') ?? '', /stale=true/);
  }
  t.is((await ask({ nonce, nc: '00000009', uri: '/xmltv.xml' })).status, 401);
  t.is((await ask({ nonce: `${nonce}x`, nc: '00000009' })).status, 401);
  const wrong = await ask({ nonce, nc: '00000009', password: 'geheim' });
  t.is(wrong.status, 401);
  t.notRegex(wrong.headers.get('www-authenticate') ?? '', /stale/);
});

test('what is no Authorization at all is a request without login', async (t) => {
  const address = await serve(t, deps(USERS));
  const headers = [
    'Digest',
    'Digest ,',
    'Digest username="x',
    'Basic',
    'Basic !!!',
    'Bearer',
    'NTLM abc',
    `Digest ${'a=b,'.repeat(2000)}`,
  ];
  for (const Authorization of headers) {
    t.is(await status(`${address}/playlist.m3u`, { ...PUBLIC, Authorization }), 401, Authorization.slice(0, 30));
    t.is(await status(`${address}/playlist.m3u`, { Authorization }), 200, 'inside the house it does no harm');
  }
});

test('who guesses passwords is slowed down, others at the same time are not', async (t) => {
  const address = await serve(t, deps(USERS));
  const ask = (from: string, login: string) =>
    fetch(`${address}/playlist.m3u`, { headers: { 'X-Forwarded-For': from, ...basic(login) } });
  for (let round = 0; round < 9; round++) t.is((await ask('203.0.113.5', `anna:${round}`)).status, 401);
  t.is((await ask('203.0.113.5', 'anna:10')).status, 429);
  const limited = await ask('203.0.113.5', 'anna:ge:heim');
  t.is(limited.status, 429, 'the right password is not looked at either');
  t.true(Number(limited.headers.get('retry-after')) > 0);
  t.is((await ask('203.0.113.6', 'anna:ge:heim')).status, 200);
  for (let round = 0; round < 10; round++) await ask(`2001:db8::${round}`, 'anna:x');
  t.is((await ask('2001:db8::99', 'anna:x')).status, 429, 'one IPv6 link is one guesser');
  t.is((await ask('192.168.1.2', 'anna:x')).status, 200, 'the house needs no login');
});

test('what changes something wants the token, inside the house too', async (t) => {
  const address = await serve(t, deps(USERS));
  const post = (path: string, headers: Record<string, string>) => status(address + path, headers, 'POST');
  t.is(await post('/api/v1/things', {}), 401);
  t.is(await post('/api/v1/things', { Authorization: 'Bearer wrong' }), 401);
  t.is(await post('/api/v1/things', basic('anna:ge:heim')), 401);
  t.is(await post('/api/v1/things', BEARER), 200);
  t.is(await post('/api/v1/things', { ...PUBLIC, ...BEARER }), 200);
  for (const path of ['/api/v1/not-there', '/API/V1/things', '/Api/v1/Things/']) {
    t.is(await status(address + path, {}, 'POST'), 401, path);
    t.is(await status(address + path, {}, 'DELETE'), 401, path);
  }
  const refused = await fetch(`${address}/api/v1/things`, { method: 'POST' });
  t.regex(refused.headers.get('www-authenticate') ?? '', /^Bearer/);
  t.like(await refused.json(), { code: 'TOKEN_REQUIRED', status: 401 });
});

test('where clients know no token a user may change things, but no page of another site in his browser', async (t) => {
  const address = await serve(t, deps(USERS));
  const post = (headers: Record<string, string>) => status(`${address}/tvh/things`, headers, 'POST');
  const anna = basic('anna:ge:heim');
  t.is(await post({}), 401);
  t.is(await post(anna), 200);
  t.is(await post(BEARER), 200);
  t.is(await post({ ...anna, Origin: 'http://evil.example' }), 403);
  t.is(await post({ ...anna, Origin: address }), 200);
  t.is(await post({ ...anna, 'Sec-Fetch-Site': 'cross-site' }), 403);
});
