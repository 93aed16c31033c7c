import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { ChannelMarks } from '#daemon/hdhomerun/channel-marks.ts';
import { temporaryFolder } from '../support/hdhomerun-face.ts';

test('favourites are there after a restart, each device has its own', (t) => {
  const dataFolder = temporaryFolder();
  t.teardown(() => rmSync(dataFolder, { recursive: true }));
  const open = () => new ChannelMarks({ dataFolder, onWarning: (text) => t.fail(text) });
  const marks = open();
  marks.set('1050A5C0', 'c-1', 'favourite');
  marks.set('1050A5C0', 'c-2', 'hidden');
  marks.set('1050A5C0', 'c-3', 'hidden');
  marks.set('1050A5C0', 'c-3', null);
  marks.set('10556A66', 'c-1', 'hidden');
  const again = open();
  t.is(again.get('1050A5C0', 'c-1'), 'favourite');
  t.is(again.get('1050A5C0', 'c-2'), 'hidden');
  t.is(again.get('1050A5C0', 'c-3'), null);
  t.is(again.get('10556A66', 'c-1'), 'hidden');
  t.is(again.get('FFFFFFFF', 'c-1'), null);
});

for (const text of ['', '{', '[]', '{"a":{"b":"loved"}}', '{"a":5}', 'null']) {
  test(`a file that holds ${JSON.stringify(text)} is a warning and a new beginning`, (t) => {
    const dataFolder = temporaryFolder();
    t.teardown(() => rmSync(dataFolder, { recursive: true }));
    writeFileSync(join(dataFolder, 'hdhomerun-channels.json'), text);
    const warnings: string[] = [];
    const marks = new ChannelMarks({ dataFolder, onWarning: (warning) => warnings.push(warning) });
    t.regex(warnings[0] ?? '', /hdhomerun-channels\.json is damaged/);
    marks.set('a', 'b', 'favourite');
    t.true(readFileSync(join(dataFolder, 'hdhomerun-channels.json'), 'utf8').includes('favourite'));
  });
}

test('a folder that cannot be written is a warning; the mark holds for now', (t) => {
  const dataFolder = temporaryFolder();
  t.teardown(() => rmSync(dataFolder, { recursive: true }));
  mkdirSync(join(dataFolder, 'hdhomerun-channels.json.new'));
  const warnings: string[] = [];
  const marks = new ChannelMarks({ dataFolder, onWarning: (warning) => warnings.push(warning) });
  marks.set('a', 'b', 'hidden');
  t.is(marks.get('a', 'b'), 'hidden');
  t.regex(warnings[0] ?? '', /cannot be kept/);
});
