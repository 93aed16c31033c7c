import test from 'ava';
import { groupOfSlug, groupSlugs, parseSelection, selectChannels } from '#daemon/playlist/selection.ts';
import { channel } from '../support/channels.ts';

const channels = [
  channel(1, { group: 'Öffentlich-Rechtliche & Co.', groups: ['Öffentlich-Rechtliche & Co.', 'HD'] }),
  channel(2, { group: 'HD' }),
  channel(3, { group: 'Кино' }),
  channel(4, { group: 'hd!', radio: true }),
];
const slugs = groupSlugs(channels).map(({ group, slug }) => [group, slug]);

test('lists have names of letters and digits; those of other scripts and of twins have a mark that stays', (t) => {
  t.deepEqual(slugs.slice(0, 2), [
    ['Öffentlich-Rechtliche & Co.', 'offentlich-rechtliche-and-co'],
    ['HD', 'hd'],
  ]);
  t.regex(slugs[2]?.[1] ?? '', /^group-[0-9a-f]{6}$/);
  t.regex(slugs[3]?.[1] ?? '', /^hd-[0-9a-f]{6}$/);
  for (const [group = '', slug = ''] of slugs) t.is(groupOfSlug(channels, slug), group);
  t.is(groupOfSlug(channels.toReversed(), slugs[3]?.[1] ?? ''), 'hd!', 'another order changes nothing for it');
});

test('bouquet, group and radio choose, alone and together', (t) => {
  const select = (query: Record<string, string>): number[] =>
    selectChannels(channels, [{ ref: '1:7:1:x', name: 'HD', radio: false }], parseSelection(query)).map(
      ({ number }) => number,
    );
  t.deepEqual(select({}), [1, 2, 3, 4]);
  t.deepEqual(select({ bouquet: 'hd' }), [1, 2]);
  t.deepEqual(select({ bouquet: '1:7:1:x' }), [1, 2]);
  t.deepEqual(select({ bouquet: 'HD', group: 'öffentlich-rechtliche  & co.' }), [1]);
  t.deepEqual(select({ radio: 'true' }), [4]);
  t.deepEqual(select({ radio: '0' }), [1, 2, 3]);
});

test('what does not exist is said with what does', (t) => {
  t.throws(() => selectChannels(channels, [], parseSelection({ group: 'Sport' })), {
    code: 'PLAYLIST_UNKNOWN',
    message: /no bouquet or group "Sport".*"HD" \(hd\.m3u\)/,
  });
  t.throws(() => parseSelection({ format: 'xspf' }), { code: 'PLAYLIST_OPTION', message: /full, kodi, plain/ });
  t.throws(() => parseSelection({ radio: 'maybe' }), { code: 'PLAYLIST_OPTION' });
});
