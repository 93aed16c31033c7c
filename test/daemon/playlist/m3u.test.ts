import test from 'ava';
import { writePlaylist } from '#daemon/playlist/m3u.ts';
import { channel } from '../support/channels.ts';

const options = { baseUrl: 'http://xg2g.local:8080', query: '' };
const write = (...parameters: Parameters<typeof writePlaylist>): string => [...writePlaylist(...parameters)].join('');

test('a TV and a radio channel, with everything that players read', (t) => {
  t.is(
    write(
      [channel(1, { name: 'Das Erste HD' }), channel(2, { name: 'Bayern 3', radio: true, group: 'Radio' })],
      options,
    ),
    `#EXTM3U x-tvg-url="http://xg2g.local:8080/xmltv.xml.gz" url-tvg="http://xg2g.local:8080/xmltv.xml.gz"
#EXTINF:-1 tvg-id="c00000-1-3fb-1" tvg-chno="1" tvg-name="Das Erste HD" tvg-logo="http://xg2g.local:8080/logos/c00000-1-3fb-1.png" group-title="Favourites" tvh-chnum="1" tvh-tags="Favourites" tvh-epg="disable",Das Erste HD
http://xg2g.local:8080/stream/c00000-1-3fb-1.ts
#EXTINF:-1 tvg-id="c00000-1-3fb-2" tvg-chno="2" tvg-name="Bayern 3" tvg-logo="http://xg2g.local:8080/logos/c00000-1-3fb-2.png" group-title="Radio" radio="true" tvh-chnum="2" tvh-tags="Radio" tvh-epg="disable",Bayern 3
http://xg2g.local:8080/stream/c00000-1-3fb-2.ts
`,
  );
});

test('a crafted channel name cannot add an entry, an attribute or a comma', (t) => {
  const evil = 'X" group-title="Y",Z\r\n#EXTINF:-1,Fake\nhttp://evil/\u2028\u0085';
  const lines = write([channel(1, { name: evil, group: `${evil};a` })], options).split('\n');
  t.is(lines.length, 4);
  t.is(lines[2], 'http://xg2g.local:8080/stream/c00000-1-3fb-1.ts');
  const line = lines[1] ?? '';
  t.is(line.match(/"/g)?.length, 16);
  t.is(line.match(/,/g)?.length, 1);
  t.false(/group-title="[^"]*;/.test(line));
  t.false(/tvh-tags="[^"]*\|/.test(write([channel(1, { group: 'a|b' })], options)));
});

test('a profile is passed on in every URL', (t) => {
  const text = write([channel(1)], { ...options, query: 'profile=aac' });
  t.true(text.includes('/stream/c00000-1-3fb-1.ts?profile=aac\n'));
});

test('the stream URL does not change when the channel is renamed or moved', (t) => {
  const url = (text: string): string | undefined => text.split('\n')[2];
  t.is(
    url(write([channel(1, { name: 'New', number: 99, group: 'Other' })], options)),
    url(write([channel(1)], options)),
  );
});
