import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { KnownBoxes } from '#daemon/tuners/known-boxes.ts';

function folder(t: ExecutionContext): string {
  const made = mkdtempSync(join(tmpdir(), 'xg2g-boxes-'));
  t.teardown(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test('addresses that were learned outlive the process', (t) => {
  const dataFolder = join(folder(t), 'data');
  const warnings: string[] = [];
  const known = new KnownBoxes({ dataFolder, onWarning: (text) => warnings.push(text) });
  t.deepEqual(known.macsOf('http://box'), []);
  known.remember('http://box', ['00:1d:ec:00:00:01']);
  known.remember('http://box', []);
  const later = new KnownBoxes({ dataFolder, onWarning: (text) => warnings.push(text) });
  t.deepEqual(later.macsOf('http://box'), ['00:1d:ec:00:00:01']);
  t.deepEqual(warnings, []);
});

test('a damaged file and a folder that cannot be written are warnings, and no more', (t) => {
  const dataFolder = folder(t);
  writeFileSync(join(dataFolder, 'receivers.json'), '{"http://box":');
  const warnings: string[] = [];
  const known = new KnownBoxes({ dataFolder, onWarning: (text) => warnings.push(text) });
  t.is(warnings.length, 1);
  const nowhere = new KnownBoxes({
    dataFolder: join(dataFolder, 'receivers.json'),
    onWarning: (text) => warnings.push(text),
  });
  nowhere.remember('http://box', ['00:1d:ec:00:00:01']);
  t.is(warnings.length, 3, 'neither read nor written');
  t.deepEqual(nowhere.macsOf('http://box'), ['00:1d:ec:00:00:01'], 'known while it runs');
  t.deepEqual(known.macsOf('http://box'), []);
});
