import test from 'ava';
import { TvhChannels, tvhId } from '#daemon/tvheadend/ids.ts';
import { channel } from '../support/channels.ts';

test('ids are those of Tvheadend in form, and depend on nothing but ours', (t) => {
  const id = tvhId('channel', channel(1).id);
  t.deepEqual(id, { uuid: '913a4f491178f30c3da7229a119c38b0', number: 1_229_929_105 });
});

test('a channel is found by every name it has', (t) => {
  const channels = new TvhChannels([channel(1), channel(2, { group: 'Radio', groups: ['Radio', 'Alle'] })]);
  const two = channels.all[1] ?? null;
  const found = [
    channels.byUuid(two?.id.uuid.toUpperCase() ?? ''),
    channels.byNumber(two?.id.number ?? 0),
    channels.byChannelId(channel(2).id),
    channels.byChannelNumber(2),
    channels.byName(' channel 2 '),
  ];
  for (const one of found) t.is(one, two);
  t.is(channels.byUuid('0'.repeat(32)), null);
  t.deepEqual(
    channels.tags.map(({ name, index }) => [name, index]),
    [
      ['Favourites', 1],
      ['Radio', 2],
      ['Alle', 3],
    ],
  );
  const alle = channels.tagByName('alle');
  t.deepEqual(alle === null ? null : channels.withTag(alle), [two]);
});

test('ten thousand channels have ten thousand numbers, whatever their hashes', (t) => {
  const many = Array.from({ length: 10_000 }, (_, index) => channel(index + 1));
  const channels = new TvhChannels(many);
  const numbers = new Set(channels.all.map(({ id }) => id.number));
  t.is(numbers.size, many.length);
  for (const number of numbers) t.true(number > 0 && number < 2 ** 31);
});
