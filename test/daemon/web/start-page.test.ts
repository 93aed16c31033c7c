import { createHash } from 'node:crypto';
import test from 'ava';
import { html } from '#daemon/web/html.ts';
import { renderStartPage, START_PAGE_CSP, type StartPageModel } from '#daemon/web/start-page.ts';
import { channel } from '../support/channels.ts';

const model: StartPageModel = {
  baseUrl: 'http://192.168.1.5:8080',
  version: '1.2.3',
  hdhomerun: { deviceId: '1050A5C0' },
  receiverAddress: 'http://192.168.1.20',
  lineup: { state: 'ready', ready: true, reason: null },
  transcoder: { state: 'connected', ready: true, reason: null },
  guide: { programmes: 1234, progress: { done: 3, total: 10 } },
  channels: [channel(1, { name: 'Das Erste HD' }), channel(2, { name: 'Bayern 3', radio: true })],
};

test('the page says what to paste where and lists the channels', (t) => {
  const page = renderStartPage(model);
  for (const part of [
    '<code>http://192.168.1.5:8080/playlist.m3u</code>',
    '<code>http://192.168.1.5:8080/xmltv.xml.gz</code>',
    '<code>192.168.1.5:8080</code>',
    'href="http://192.168.1.5:8080/stream/c00000-1-3fb-1.ts"',
    'Das Erste HD',
    '1,234 programmes, reading channel 3 of 10',
  ]) {
    t.true(page.includes(part), part);
  }
});

test('a receiver that does not answer is shown with what to do', (t) => {
  const reason = 'The receiver at http://192.168.1.20 cannot be reached: check that it is on';
  const page = renderStartPage({ ...model, lineup: { state: 'failed', ready: false, reason }, channels: [] });
  t.true(page.includes(reason));
  t.true(page.includes('not ready'));
  t.true(page.includes('None yet'));
});

test('without a receiver those of the network are shown, and the first stands in the example', (t) => {
  const found = [{ name: 'Wohnzimmer <b>', address: '192.168.1.33' }];
  const page = renderStartPage({ ...model, receiverAddress: null, found, channels: [] });
  t.true(page.includes('Found in your network'));
  t.true(page.includes('Wohnzimmer &lt;b&gt;'));
  t.true(page.includes('XG2G_E2_HOST=192.168.1.33 xg2g'));
  t.false(renderStartPage({ ...model, receiverAddress: null, channels: [] }).includes('Found in your network'));
});

test('nothing that a broadcaster or a box sends becomes markup', (t) => {
  const evil = '"><script>alert(1)</script>\'&';
  const page = renderStartPage({
    ...model,
    receiverAddress: evil,
    lineup: { state: evil, ready: false, reason: evil },
    channels: [channel(1, { name: evil, group: evil })],
  });
  t.false(page.includes('<script'));
  t.false(page.includes('alert(1)</'));
  t.is(page.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)?.length, 5);
});

test('the page loads nothing from elsewhere, and its style is the one that the policy allows', (t) => {
  const page = renderStartPage(model);
  t.notRegex(page, /<(?:script|link|img|iframe)\b/);
  const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? '';
  t.true(START_PAGE_CSP.includes(createHash('sha256').update(style).digest('base64')));
  t.notRegex(style, /url\(|@import/);
});

test('values are escaped, nested templates are not', (t) => {
  t.is(html`<p title="${'"'}">${html`<b>${'<'}</b>`}${null}${1}</p>`.markup, '<p title="&quot;"><b>&lt;</b>1</p>');
});
