import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';

const DAEMON = join(import.meta.dirname, '..', '..', 'daemon');

test('no two parts of the daemon keep their things under the same name in the data folder', (t) => {
  const owners = new Map<string, string>();
  for (const entry of readdirSync(DAEMON, { recursive: true, encoding: 'utf8' })) {
    if (!entry.endsWith('.ts')) continue;
    for (const [, name = ''] of readFileSync(join(DAEMON, entry), 'utf8').matchAll(
      /join\([\w.#]*dataFolder, '([^']+)'\)/gi,
    )) {
      t.is(owners.get(name) ?? entry, entry, name);
      owners.set(name, entry);
    }
  }
  t.true(owners.has('seen-channels.json') && owners.has('channels.json'), [...owners.keys()].join(', '));
});
