import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { LineupRule } from '#daemon/config/lineup-rule-schema.ts';
import { LineupSystem } from '#daemon/lineup/lineup-system.ts';
import { XgError } from '#shared/errors.ts';
import { captureLog } from '../support/captured-log.ts';
import { channel } from '../support/channels.ts';
import { type LineupBox, lineupBox, marker, service } from '../support/lineup-box.ts';
import { waitFor } from '../support/wait-for.ts';

const off = new XgError('RECEIVER_UNREACHABLE', 'The receiver is off');
const broken = new XgError('RECEIVER_BAD_ANSWER', 'its JSON is cut off');

function tempFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'xg2g-lineup-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function daemon(dataFolder: string, boxes: readonly LineupBox[], rules: LineupRule[] = []) {
  const log = captureLog('info');
  const settings = { bouquets: [] as string[], refreshInterval: 3600, markerGroups: false, rules };
  const system = new LineupSystem({
    boxes: boxes.map((source, index) => ({ id: `receiver${index === 0 ? '' : `-${index + 1}`}`, source })),
    settings: () => settings,
    dataFolder,
    logger: log.logger,
  });
  return { system, log, settings, pool: system.pool };
}

const numbers = ({ channels }: { channels: readonly { number: number; name: string }[] }): string[] =>
  channels.map(({ number, name }) => `${number} ${name}`);

test('a restart with the receiver off serves the lineup of the last run, and says that it is old', async (t) => {
  const folder = tempFolder(t);
  const box = lineupBox({ First: [service(1), marker('News'), service(2)], Second: [service(3)] });
  const first = daemon(folder, [box]);
  await first.system.refresh();
  const before = structuredClone(first.pool.channels);
  await waitFor('the file', () => readSaved(folder) !== null);

  box.down = off;
  const second = daemon(folder, [box]);
  await second.system.restore();
  t.deepEqual(second.pool.channels, before);
  t.like(second.pool.state, { kind: 'ready', origin: 'cache' });
  t.true(second.pool.state.kind === 'ready' && second.pool.state.readAtMs <= Date.now());
  t.regex(second.log.messages('info').join(), /lineup of the last run/);

  await t.throwsAsync(second.system.refresh(), { is: off });
  t.like(second.pool.state, { kind: 'ready', origin: 'cache', failure: { code: 'RECEIVER_UNREACHABLE' } });
  box.down = null;
  await second.system.refresh();
  t.like(second.pool.state, { kind: 'ready', origin: 'receiver', failure: null });
});

test('of another receiver than before nothing is taken over', async (t) => {
  const folder = tempFolder(t);
  const one = daemon(folder, [lineupBox({ First: [service(1)] })]);
  await one.system.refresh();
  await waitFor('the file', () => readSaved(folder) !== null);
  const other = daemon(folder, [lineupBox({ First: [service(2)] }, 'http://192.168.1.99')]);
  await other.system.restore();
  t.is(other.pool.state.kind, 'loading');
});

test('a pool is restored with the channels of all its receivers', async (t) => {
  const folder = tempFolder(t);
  const boxes = [lineupBox({ First: [service(1)] }), lineupBox({ Other: [service(1), service(9)] }, 'http://two')];
  const first = daemon(folder, boxes);
  await first.system.refresh();
  await waitFor('both', () => Object.keys(readSaved(folder)?.receivers ?? {}).length === 2);
  const second = daemon(folder, boxes);
  await second.system.restore();
  t.deepEqual(numbers(second.pool), ['1 Channel 1', '3 Channel 9']);
  t.deepEqual(
    second.pool.placesOf(channel(1).id).map(({ box }) => box),
    ['receiver', 'receiver-2'],
  );
});

test('a bouquet that cannot be read keeps its channels and their numbers, also right after a restart', async (t) => {
  const folder = tempFolder(t);
  const box = lineupBox({ First: [service(1), service(2)], Second: [service(3)] });
  const first = daemon(folder, [box]);
  await first.system.refresh();
  await waitFor('the file', () => readSaved(folder) !== null);
  box.tv = { First: broken, Second: [service(3), service(4)] };
  const second = daemon(folder, [box]);
  await second.system.restore();
  await second.system.refresh();
  t.deepEqual(numbers(second.pool), ['1 Channel 1', '2 Channel 2', '3 Channel 3', '4 Channel 4']);
  const { state } = second.pool;
  t.regex(state.kind === 'ready' ? state.lineup.warnings.join() : '', /"First" cannot be read.*stay as they were/);
});

test('when nothing can be read it is the receiver that failed, and the lineup stays', async (t) => {
  const box = lineupBox({ First: [service(1)] });
  const { system, pool } = daemon(tempFolder(t), [box]);
  await system.refresh();
  box.tv = { First: broken };
  await t.throwsAsync(system.refresh(), { is: broken });
  t.like(pool.state, { kind: 'ready', failure: { code: 'RECEIVER_BAD_ANSWER' } });
  t.is(pool.channels.length, 1);
});

for (const [what, content] of [
  ['cut off', '{"version":1,"receivers":{"receiver":{"addr'],
  ['of another version', '{"version":7,"receivers":{}}'],
  ['empty', ''],
  ['binary', '\u0000\u0001\u0002'],
  ['a list', '[]'],
  ['of nulls', '{"version":1,"receivers":null}'],
] as const) {
  test(`a lineup.json that is ${what} is said, put aside and does no harm`, async (t) => {
    const folder = tempFolder(t);
    writeFileSync(join(folder, 'lineup.json'), content);
    const { system, pool, log } = daemon(folder, [lineupBox({ First: [service(1)] })]);
    await system.restore();
    t.is(pool.state.kind, 'loading');
    t.regex(log.messages('warn').join(), /lineup\.json cannot be used.*\.broken/);
    t.is(readFileSync(join(folder, 'lineup.json.broken'), 'utf8'), content);
    await system.refresh();
    t.is(pool.channels.length, 1);
  });
}

test('spoiled rows of one receiver are said and leave those of the other', async (t) => {
  const folder = tempFolder(t);
  const good = { address: 'http://two', savedAtMs: 1, tv: [], radio: [], services: [] };
  writeFileSync(
    join(folder, 'lineup.json'),
    JSON.stringify({ version: 1, receivers: { receiver: { ...good, tv: [[null, 3]] }, 'receiver-2': good } }),
  );
  const { system, log } = daemon(folder, [lineupBox({ First: [service(1)] }), lineupBox({}, 'http://two')]);
  await system.restore();
  t.regex(log.messages('warn').join('\n'), /lineup\.json: what it holds of receiver cannot be used/);
  t.regex(log.messages('warn').join('\n'), /the lineup of the last run cannot be used/);
});

test('a data folder that cannot be used leaves everything working in memory, and says so once', async (t) => {
  const file = join(tempFolder(t), 'a-file');
  writeFileSync(file, '');
  const box = lineupBox({ First: [service(1)] });
  const { system, pool, log } = daemon(join(file, 'data'), [box]);
  await system.restore();
  await system.refresh();
  await system.refresh();
  await system.patch(channel(1).id, { name: 'Mine' });
  t.deepEqual(numbers(pool), ['1 Mine']);
  await waitFor('the problems', () => system.problems.length >= 2);
  t.regex(system.problems.join(), /lineup\.json cannot be written.*check XG2G_DATA/);
  t.is(log.messages('warn').filter((text) => /lineup\.json cannot be written/.test(text)).length, 1);
});

test('what is set for a channel is there after a restart, and null takes it back', async (t) => {
  const folder = tempFolder(t);
  const box = lineupBox({ First: [service(1), service(2), service(3)] });
  const first = daemon(folder, [box]);
  await first.system.refresh();
  await first.system.patch(channel(3).id, { number: 1, name: 'Mine', logo: 'mine.png' });
  await first.system.patch(channel(2).id, { hidden: true });
  t.deepEqual(numbers(first.pool), ['1 Mine', '3 Channel 1']);
  const second = daemon(folder, [box]);
  await second.system.refresh();
  t.deepEqual(numbers(second.pool), ['1 Mine', '3 Channel 1']);
  t.is(second.pool.channels[0]?.id, channel(3).id);
  t.is(second.pool.get(channel(2).id)?.name, 'Channel 2', 'a hidden channel plays for who knows it');
  t.is(second.pool.byNumber(2), null);
  await second.system.patch(channel(3).id, { number: null, name: null, logo: null });
  await second.system.patch(channel(2).id, { hidden: null });
  t.deepEqual(numbers(second.pool), ['1 Channel 1', '2 Channel 2', '3 Channel 3']);
  t.is(second.system.overrideOf(channel(3).id), null);
});

test('renames, moves, new and lost channels are told in one line, and listed', async (t) => {
  const box = lineupBox({ First: [service(1), service(2), service(3)] });
  const { system, pool, log } = daemon(tempFolder(t), [box]);
  await system.refresh();
  await system.refresh();
  t.deepEqual(pool.changes, []);
  const list = pool.channels;
  box.tv = { First: [service(2), service(1, 'One'), service(4)] };
  await system.refresh();
  t.not(pool.channels, list);
  t.true(log.messages('info').includes('lineup changed: 2 moved, 1 new, 1 gone, 1 renamed'));
  t.like(pool.changes[0], {
    added: [{ id: channel(4).id, number: 3, name: 'Channel 4' }],
    removed: [{ id: channel(3).id, number: 3, name: 'Channel 3' }],
    renamed: [{ id: channel(1).id, number: 2, name: 'One', before: 'Channel 1' }],
  });
  t.deepEqual(
    pool.changes[0]?.moved.map(({ name, before, number }) => [name, before, number]),
    [
      ['Channel 2', 2, 1],
      ['One', 1, 2],
    ],
  );
});

test('a change while the daemon was stopped is told too', async (t) => {
  const folder = tempFolder(t);
  const box = lineupBox({ First: [service(1)] });
  const first = daemon(folder, [box]);
  await first.system.refresh();
  await waitFor('the file', () => readSaved(folder) !== null);
  box.tv = { First: [service(1), service(2)] };
  const second = daemon(folder, [box]);
  await second.system.restore();
  await second.system.refresh();
  t.true(second.log.messages('info').includes('lineup changed: 1 new'));
});

test('a reading that changes nothing leaves the same list, so that players get a 304', async (t) => {
  const { system, pool } = daemon(tempFolder(t), [lineupBox({ First: [service(1)] })]);
  await system.refresh();
  const list = pool.channels;
  await system.refresh();
  t.is(pool.channels, list);
});

test('rules of a reload work at once, on the lineup that is there', async (t) => {
  const box = lineupBox({ First: [service(1), marker('News'), service(2)] });
  const { system, pool, settings } = daemon(tempFolder(t), [box]);
  await system.refresh();
  settings.rules = [{ match: { group: ['news'] }, hide: true }];
  pool.reshape();
  t.deepEqual(numbers(pool), ['1 Channel 1']);
  settings.rules = [];
  settings.markerGroups = true;
  pool.reshape();
  t.deepEqual(
    pool.channels.map(({ group, groups }) => [group, groups]),
    [
      ['First', ['First']],
      ['News', ['News', 'First']],
    ],
  );
});

function readSaved(folder: string): { receivers: Record<string, unknown> } | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'lineup.json'), 'utf8')) as { receivers: Record<string, unknown> };
  } catch {
    return null; // not there yet
  }
}
