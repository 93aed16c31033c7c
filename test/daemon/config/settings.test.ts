import test from 'ava';
import { type ConfigEnvironment, loadConfig } from '#daemon/config/load.ts';
import { Settings } from '#daemon/config/settings.ts';

function load(text: string, env: ConfigEnvironment = {}) {
  return loadConfig({ env, readFile: () => text });
}

test('a reload puts receiver, bouquets and log level in force and names them', (t) => {
  const settings = new Settings(load('receiver: {host: 192.168.1.20}'));
  const reloaded = settings.replace(
    load('receiver: {host: 192.168.1.21, user: root}\nlineup: {bouquets: [Films]}\nlogLevel: debug'),
  );
  t.deepEqual([...reloaded.changed].sort(), ['lineup.bouquets', 'logLevel', 'receiver.host', 'receiver.user']);
  t.deepEqual(reloaded.needRestart, []);
  t.is(settings.current.receiver.host, 'http://192.168.1.21');
  t.deepEqual(settings.current.lineup.bouquets, ['Films']);
});

test('what needs a restart stays as it was, and is named at every reload until then', (t) => {
  const settings = new Settings(load(''));
  const next = load('http: {listen: ":9000"}\ndata: /srv/xg2g\nreceivers: [{host: other}]\nguide: {days: 3}');
  for (let round = 0; round < 2; round++) {
    const { needRestart, changed } = settings.replace(next);
    t.deepEqual([...needRestart].sort(), ['data', 'http.listen', 'receivers']);
    t.deepEqual(changed, round === 0 ? ['guide.days'] : []);
  }
  t.is(settings.current.http.listen.port, 8080);
  t.is(settings.current.data, '/var/lib/xg2g');
  t.deepEqual(settings.current.receivers, []);
  t.is(settings.current.guide.days, 3);
});

test('a receiver can be set by a reload but not taken away', (t) => {
  const settings = new Settings(load(''));
  t.deepEqual(settings.replace(load('receiver: {host: box}')).changed, ['receiver.host']);
  t.deepEqual(settings.replace(load('')).needRestart, ['receiver.host']);
  t.is(settings.current.receiver.host, 'http://box');
});

test('nothing changed, nothing named; the given settings are not touched', (t) => {
  const first = load('receiver: {host: box}');
  const settings = new Settings(first);
  const next = load('receiver: {host: box}\nhttp: {listen: ":9000"}');
  settings.replace(next);
  t.is(next.http.listen.port, 9000);
  t.deepEqual(settings.replace(load('receiver: {host: box}')), { changed: [], needRestart: [] });
  t.deepEqual(settings.current, first);
});

test('a further receiver may change its address and login by a reload; another number of them needs a restart', (t) => {
  const settings = new Settings(load('receivers: [{host: one}, {host: two, user: root}]'));
  t.deepEqual(settings.replace(load('receivers: [{host: one}, {host: three, user: admin}]')).changed, ['receivers']);
  t.is(settings.current.receivers[1]?.host, 'http://three');
  t.deepEqual(settings.replace(load('receivers: [{host: one}]')).needRestart, ['receivers']);
  t.deepEqual(settings.replace(load('receivers: [{host: one, keepFree: 1}, {host: three, user: admin}]')).needRestart, [
    'receivers',
  ]);
  t.is(settings.current.receivers.length, 2);
});
