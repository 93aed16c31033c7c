import test from 'ava';
import { parseStreamPlaylist, type StreamPlaylistContext } from '#daemon/receiver/stream-playlist.ts';

const REF = '1:0:19:EF:1A:85:C00000:0:0:0:';
const context: StreamPlaylistContext = {
  baseUrl: new URL('http://192.168.1.20'),
  streamPort: 8001,
  relayPort: 17_999,
  ref: REF,
  user: null,
  pass: null,
};
const withUser = { ...context, user: 'root', pass: 'se cret' };

test('the stream server of the box', (t) => {
  const text = `#EXTM3U\n#EXTINF:-1,Example HD\n#EXTVLCOPT:program=239\nhttp://192.168.1.20:8001/${REF}\n`;
  t.deepEqual(parseStreamPlaylist(text, context), {
    kind: 'e2-stream',
    scheme: 'http',
    host: '192.168.1.20',
    port: 8001,
    path: `/${REF}`,
    programHint: 239,
  });
});

for (const host of ['127.0.0.1', 'localhost', '0.0.0.0']) {
  test(`${host} means the box itself`, (t) => {
    t.like(parseStreamPlaylist(`http://${host}:8001/${REF}`, context), { host: '192.168.1.20', kind: 'e2-stream' });
  });
}

test('the relay gets neither credentials nor another port', (t) => {
  const target = parseStreamPlaylist(`http://root:x@127.0.0.1:17999/${REF}`, { ...withUser, streamPort: 9001 });
  t.deepEqual(target, {
    kind: 'relay',
    scheme: 'http',
    host: '192.168.1.20',
    port: 17_999,
    path: `/${REF}`,
    programHint: null,
  });
});

test('a configured stream port replaces the 8001 that the box always writes', (t) => {
  t.like(parseStreamPlaylist(`http://192.168.1.20:8001/${REF}`, { ...context, streamPort: 18_001 }), { port: 18_001 });
});

test('a relative reference lives on the stream server, upper-case hex or not', (t) => {
  t.like(parseStreamPlaylist(`#EXTM3U\r\n/1:0:19:ef:1a:85:c00000:0:0:0:\r\n`, context), {
    host: '192.168.1.20',
    port: 8001,
    kind: 'e2-stream',
  });
});

test('a URL that lost its reference gets it back', (t) => {
  t.like(parseStreamPlaylist('http://192.168.1.20:8001/', context), { path: `/${REF}`, kind: 'e2-stream' });
});

test('our login goes to the stream server in place of a one-time session password', (t) => {
  const url = `http://-sid:abc%20def@192.168.1.20:8001/${REF}`;
  t.like(parseStreamPlaylist(url, context), { user: '-sid', pass: 'abc def' });
  t.like(parseStreamPlaylist(url, withUser), { user: 'root', pass: 'se cret' });
});

test('a direct URL is fetched as it is, without our login', (t) => {
  const target = parseStreamPlaylist('https://cdn.example/live/index.m3u8?x=1', withUser);
  t.deepEqual(target, {
    kind: 'http',
    scheme: 'https',
    host: 'cdn.example',
    port: 443,
    path: '/live/index.m3u8?x=1',
    programHint: null,
  });
});

for (const text of [
  '',
  '#EXTM3U\n',
  'nonsense',
  'rtsp://192.168.1.20/x',
  'http://',
  `${'#\n'.repeat(100)}http://a/b`,
]) {
  test(`no URL in ${JSON.stringify(text.slice(0, 30))}`, (t) => {
    t.is(parseStreamPlaylist(text, context), null);
  });
}
