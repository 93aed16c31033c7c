import test from 'ava';
import { parseHlsPlaylist } from '#daemon/streams/hls-playlist.ts';

const BASE = new URL('http://user:secret@host.example/a/b/index.m3u8?token=x');

function media(...lines: string[]) {
  const playlist = parseHlsPlaylist(['#EXTM3U', '#EXT-X-TARGETDURATION:6', ...lines].join('\n'), BASE);
  if (playlist.kind !== 'media') throw new Error('not a media playlist');
  return playlist;
}

test('segments have their number, address and length', (t) => {
  const { segments, targetSeconds, ended } = media(
    '#EXT-X-MEDIA-SEQUENCE:40',
    '#EXTINF:5.96,x',
    's0.ts',
    '#EXTINF:6',
    '/s1.ts',
  );
  t.is(targetSeconds, 6);
  t.false(ended);
  t.like(segments[0], { sequence: 40, seconds: 5.96, discontinuity: false, key: null, range: null });
  t.is(segments[0]?.uri.pathname, '/a/b/s0.ts');
  t.like(segments[1], { sequence: 41, seconds: 6 });
  t.is(segments[1]?.uri.pathname, '/s1.ts');
});

test('a login goes along to the same host, and to no other', (t) => {
  const { segments } = media('#EXTINF:1,', 's0.ts', '#EXTINF:1,', 'http://other.example/s1.ts');
  t.is(segments[0]?.uri.password, 'secret');
  t.is(segments[1]?.uri.password, '');
});

test('variants of a master playlist have their bandwidth', (t) => {
  const text =
    '#EXTM3U\n#EXT-X-STREAM-INF:CODECS="a,BANDWIDTH=1",BANDWIDTH=800000\nlow.m3u8\r\n#EXT-X-STREAM-INF:BANDWIDTH=3000000\nhigh.m3u8\n';
  const playlist = parseHlsPlaylist(text, BASE);
  t.deepEqual(playlist.kind === 'master' && playlist.variants.map(({ uri, bandwidth }) => [uri.pathname, bandwidth]), [
    ['/a/b/low.m3u8', 800_000],
    ['/a/b/high.m3u8', 3_000_000],
  ]);
});

test('discontinuities, keys, byte ranges and the end are understood', (t) => {
  const { segments, ended } = media(
    '#EXT-X-KEY:METHOD=AES-128,URI="key.bin",IV=0x000102030405060708090A0B0C0D0E0F',
    '#EXTINF:2,',
    '#EXT-X-BYTERANGE:1000@500',
    'all.ts',
    '#EXT-X-DISCONTINUITY',
    '#EXTINF:2,',
    '#EXT-X-BYTERANGE:200',
    'all.ts',
    '#EXT-X-KEY:METHOD=NONE',
    '#EXTINF:2,',
    'clear.ts',
    '#EXT-X-ENDLIST',
  );
  t.true(ended);
  t.deepEqual(
    segments.map(({ discontinuity, range, key }) => [discontinuity, range, key?.iv?.toString('hex') ?? null]),
    [
      [false, { from: 500, length: 1000 }, '000102030405060708090a0b0c0d0e0f'],
      [true, { from: 1500, length: 200 }, '000102030405060708090a0b0c0d0e0f'],
      [false, null, null],
    ],
  );
  t.is(segments[0]?.key?.uri.pathname, '/a/b/key.bin');
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['no playlist', '<html>', /does not begin/],
  ['a playlist of URLs alone', '#EXTM3U\nhttp://host/stream\n', /neither variants nor segments/],
  ['fragmented MP4', '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXT-X-MAP:URI="init.mp4"\n', /fragmented MP4/],
  ['sample encryption', '#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI="x"\n', /SAMPLE-AES/],
  [
    'an address that is none of the web',
    '#EXTM3U\n#EXT-X-TARGETDURATION:6\n#EXTINF:1,\nfile:///etc/passwd\n',
    /bad address/,
  ],
];
for (const [what, text, message] of REFUSED) {
  test(`${what} is refused, and the words hold no address`, (t) => {
    const error = t.throws(() => parseHlsPlaylist(text, BASE), { code: 'UPSTREAM_BAD_ANSWER', message });
    t.notRegex(error?.message ?? '', /secret|token/);
  });
}
