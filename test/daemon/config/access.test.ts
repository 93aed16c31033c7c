import test from 'ava';
import { ConfiguredAccess } from '#daemon/config/access.ts';
import { loadConfig } from '#daemon/config/load.ts';
import { Settings } from '#daemon/config/settings.ts';

const config = (env: Record<string, string>, file = '') => loadConfig({ env, readFile: () => file });

test('networks and users of a reload count from the next request on', (t) => {
  const settings = new Settings(config({}));
  const access = new ConfiguredAccess(() => settings.current.access);
  t.true(access.allowsAnonymous('192.168.1.5'));
  t.is(access.user('anna'), null);
  const reloaded = settings.replace(
    config({ XG2G_ACCESS_NETWORKS: '10.0.0.0/8, 198.51.100.7', XG2G_ACCESS_USERS: 'anna:x' }),
  );
  t.deepEqual(reloaded, { changed: ['access.networks', 'access.users'], needRestart: [] });
  t.false(access.allowsAnonymous('192.168.1.5'));
  t.true(access.allowsAnonymous('198.51.100.7'));
  t.false(access.allowsAnonymous('198.51.100.8'));
  t.deepEqual(access.user('anna'), { name: 'anna', password: 'x' });
});

test('users come from the file too, with any password, and from the variable with colons in it', (t) => {
  const file = 'access:\n  users:\n    - { name: anna, password: "a,b:c" }\n    - { name: bob, password: 1234 }\n';
  t.deepEqual(config({}, file).access.users, [
    { name: 'anna', password: 'a,b:c' },
    { name: 'bob', password: '1234' },
  ]);
  t.deepEqual(config({ XG2G_ACCESS_USERS: 'anna:a:b,bob:c' }).access.users, [
    { name: 'anna', password: 'a:b' },
    { name: 'bob', password: 'c' },
  ]);
});

for (const [variable, value] of [
  ['XG2G_ACCESS_NETWORKS', '192.168.1.0/33'],
  ['XG2G_ACCESS_NETWORKS', '192.168.1'],
  ['XG2G_ACCESS_NETWORKS', 'everybody'],
  ['XG2G_TRUSTED_PROXIES', 'fe80::/129'],
  ['XG2G_ACCESS_USERS', 'anna'],
  ['XG2G_ACCESS_USERS', ':secret'],
  ['XG2G_ACCESS_USERS', 'an"na:secret'],
] as const) {
  test(`${variable}=${value} is refused, and no password is shown`, (t) => {
    const error = t.throws(() => config({ [variable]: value }), { code: 'CONFIG_INVALID' });
    t.true(error.message.includes(variable), error.message);
    if (variable === 'XG2G_ACCESS_USERS') t.false(error.message.includes('secret'), error.message);
  });
}
