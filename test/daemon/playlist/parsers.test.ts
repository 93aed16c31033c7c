import { parseM3U } from '@iptv/playlist';
import test from 'ava';
import iptvPlaylistParser from 'iptv-playlist-parser';
import { PLAYLIST_FORMATS, writePlaylist } from '#daemon/playlist/m3u.ts';
import { channel } from '../support/channels.ts';

const { parse } = iptvPlaylistParser;

/** Parsers that others wrote, on names that break lists. */

const names = [
  'Das Erste HD',
  'Comma, the second',
  'Say "hi"',
  "L'Équipe",
  'tvg-id="x" group-title="y"',
  '#EXTINF:-1,Fake',
  'Line\nbreak\r\nand\u2028more',
  'Кино, 映画 📺',
  'a|b;c',
  '100% = ½ & <b>',
  '-1 tvg-name=x',
];
const channels = names.map((name, index) =>
  channel(index + 1, { name, group: index % 2 === 0 ? name : 'Plain', radio: index === 3 }),
);
const options = { baseUrl: 'http://xg2g.local:8080', query: 'profile=pass&audio=deu' };

test('iptv-playlist-parser reads every channel with its id, name, group, logo and address', (t) => {
  const { header, items } = parse([...writePlaylist(channels, options)].join(''));
  t.is(header.attrs['x-tvg-url'], 'http://xg2g.local:8080/xmltv.xml.gz');
  t.is(items.length, channels.length);
  for (const [index, item] of items.entries()) {
    const { id, number } = channels[index] ?? channel(0);
    t.is(item.tvg.id, id);
    t.is(item.url, `http://xg2g.local:8080/stream/${id}.ts?profile=pass&audio=deu`);
    t.is(item.tvg.logo, `http://xg2g.local:8080/logos/${id}.png`);
    t.is(item.name, item.tvg.name);
    t.true(item.name.length > 0 && item.group.title.length > 0, `channel ${number}`);
  }
  t.is(items[7]?.name, 'Кино 映画 📺');
});

test('@iptv/playlist reads the same', (t) => {
  const { channels: items, headers } = parseM3U([...writePlaylist(channels, options)].join(''));
  t.is(headers?.urlTvg, 'http://xg2g.local:8080/xmltv.xml.gz');
  t.is(items.length, channels.length);
  for (const [index, item] of items.entries()) {
    const { id, number } = channels[index] ?? channel(0);
    t.is(item.tvgId, id);
    t.is(String(item.extras?.['tvg-chno'] ?? ''), String(number));
    t.is(item.url, `http://xg2g.local:8080/stream/${id}.ts?profile=pass&audio=deu`);
    t.is(item.name, item.tvgName);
  }
});

for (const format of PLAYLIST_FORMATS) {
  test(`both find as many channels in the format ${format}`, (t) => {
    const text = [...writePlaylist(channels, { ...options, format })].join('');
    t.is(parse(text).items.length, channels.length);
    t.is(parseM3U(text).channels.length, channels.length);
  });
}

test('the format kodi has all groups of a channel', (t) => {
  const many = [channel(1, { group: 'News', groups: ['News', 'HD;1', 'All'] })];
  const text = [...writePlaylist(many, { ...options, format: 'kodi' })].join('');
  t.true(text.includes('group-title="News;HD 1;All"'));
  t.true(text.includes('tvh-tags="News|HD;1|All"'));
});
