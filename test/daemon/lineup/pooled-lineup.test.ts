import test from 'ava';
import type { Channel, Lineup } from '#daemon/lineup/channel.ts';
import { PooledLineup } from '#daemon/lineup/pooled-lineup.ts';
import type { LineupListener, LineupState } from '#daemon/lineup/service.ts';
import { channel } from '../support/channels.ts';

function boxLineup(box: string) {
  let state: LineupState = { kind: 'loading' };
  const listeners = new Set<LineupListener>();
  return {
    box,
    lineup: {
      get state() {
        return state;
      },
      onChange: (listener: LineupListener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    read: (...channels: Channel[]) => {
      const lineup: Lineup = { channels, bouquets: [{ ref: box, name: box, radio: false }], warnings: [] };
      state = { kind: 'ready', lineup, readAtMs: 1, failure: null };
      for (const listener of listeners) listener(lineup);
    },
  };
}

test('the first receiver that has a channel gives its name and number; what only the second has follows behind', (t) => {
  const [one, two] = [boxLineup('one'), boxLineup('two')];
  const pool = new PooledLineup([one, two]);
  t.is(pool.state.kind, 'loading');
  one.read(channel(1), channel(2));
  two.read(channel(2, { name: 'Other name', number: 1 }), channel(3, { number: 2 }));
  t.deepEqual(
    pool.channels.map(({ name, number }) => `${number} ${name}`),
    ['1 Channel 1', '2 Channel 2', '4 Channel 3'],
  );
  t.deepEqual(
    pool.placesOf(channel(2).id).map(({ box }) => box),
    ['one', 'two'],
  );
  t.deepEqual(
    pool.placesOf(channel(3).id).map(({ box }) => box),
    ['two'],
  );
  t.deepEqual(pool.placesOf('unknown'), []);
  t.is(pool.get(channel(3).id)?.number, 4);
  t.is(pool.byNumber(4)?.id, channel(3).id);
  t.deepEqual(
    pool.bouquets.map(({ ref }) => ref),
    ['one'],
  );
});

test('a first receiver that is away leaves its channels to the second, and takes them back', (t) => {
  const [one, two] = [boxLineup('one'), boxLineup('two')];
  const pool = new PooledLineup([one, two]);
  const seen: number[] = [];
  pool.onChange((lineup) => seen.push(lineup.channels.length));
  two.read(channel(2));
  t.is(pool.state.kind, 'ready');
  t.is(pool.placesOf(channel(2).id)[0]?.box, 'two');
  one.read(channel(1), channel(2));
  t.is(pool.placesOf(channel(2).id)[0]?.box, 'one');
  t.deepEqual(seen, [1, 2]);
});

test('waiting for a lineup ends with the first of any', async (t) => {
  const [one, two] = [boxLineup('one'), boxLineup('two')];
  const pool = new PooledLineup([one, two]);
  const waiting = pool.waitForReady();
  two.read(channel(1));
  await waiting;
  t.is(pool.channels.length, 1);
});
