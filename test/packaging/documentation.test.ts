import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { loadConfig } from '#daemon/config/load.ts';
import { CONFIG_KEYS } from '#daemon/config/schema.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

const KEYS = CONFIG_KEYS.map(({ path, variable }) => ({ name: path.join('.'), leaf: path.at(-1) ?? '', variable }));

test('xg2g.yaml(5) describes every setting with its variable', (t) => {
  const page = read('packaging/common/xg2g.yaml.5');
  const missing = KEYS.filter(({ name, variable }) => !page.includes(`.It Cm ${name} , Ev ${variable}\n`));
  t.deepEqual(missing, []);
});

test('the configuration file that is installed shows every setting, and changes nothing as it is', (t) => {
  const text = read('packaging/common/xg2g.yaml');
  t.deepEqual(
    KEYS.filter(({ leaf }) => !new RegExp(`^ *#${leaf}:`, 'm').test(text)),
    [],
  );
  const readFile = (): string => text;
  t.deepEqual(loadConfig({ env: {}, readFile }), loadConfig({ env: {}, readFile: () => '' }));
});

test('its examples and defaults are valid when their comment signs are taken away', (t) => {
  // A comment has one space after its sign, an example none, or two where it goes on.
  const text = read('packaging/common/xg2g.yaml').replace(/^( *)#(?=\S| {2})/gm, '$1');
  const config = loadConfig({ env: {}, readFile: () => text });
  t.is(config.receiver.host, 'http://192.168.1.20');
  t.deepEqual(config.lineup.bouquets, ['Favourites (TV)']);
  t.like(config, { data: '/var/lib/xg2g', logLevel: 'info' });
});

test('every unit that is shipped is named to the package managers', (t) => {
  const units = readdirSync(join(ROOT, 'systemd')).filter((name) => /\.(service|socket)$/.test(name));
  t.true(units.length >= 5);
  for (const script of [
    'packaging/deb/postinst',
    'packaging/deb/prerm',
    'packaging/deb/postrm',
    'packaging/rpm/spec.ts',
  ]) {
    const text = read(script);
    t.deepEqual(
      units.filter((unit) => !text.includes(unit)),
      [],
      script,
    );
  }
});

test('MemoryDenyWriteExecute, which kills V8, is in no unit', (t) => {
  for (const unit of ['systemd/xg2g.service', 'systemd/xg2g-transcoder.service']) {
    t.notRegex(read(unit), /^MemoryDenyWriteExecute=/m);
  }
});
