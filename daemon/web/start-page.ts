import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Channel } from '../lineup/channel.ts';
import { streamUrl } from '../playlist/m3u.ts';
import { type Html, html } from './html.ts';

/** One part of the system: `reason` says what is wrong and what to do. */
export interface PartState {
  readonly state: string;
  readonly ready: boolean;
  readonly reason: string | null;
}

export interface StartPageModel {
  readonly baseUrl: string;
  readonly version: string;
  /** Null when that face is switched off. */
  readonly hdhomerun: { readonly deviceId: string } | null;
  readonly receiverAddress: string | null;
  /** Receivers that were found on the local network, while none is set. */
  readonly found?: readonly { readonly name: string; readonly address: string }[];
  readonly lineup: PartState;
  readonly transcoder: PartState;
  readonly guide: {
    readonly programmes: number;
    readonly progress: { readonly done: number; readonly total: number } | null;
  };
  readonly channels: readonly Channel[];
}

const STYLE = readFileSync(new URL('./start-page.css', import.meta.url), 'utf8');

/** The page loads nothing from elsewhere and runs no script; its style sheet is known by its hash. */
export const START_PAGE_CSP = [
  "default-src 'none'",
  "img-src 'self'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page that says what to paste where. */
export function renderStartPage(model: StartPageModel): string {
  const style: Html = { markup: STYLE };
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>xg2g</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>xg2g</h1>
<p>Television from your Enigma2 receiver, for every player in the house.</p>
</header>
<main>
${stateSection(model)}
${model.receiverAddress === null ? firstSteps(model.found ?? []) : null}
${addressSection(model)}
${channelSection(model)}
</main>
<footer>xg2g ${model.version} · <a href="/readyz">state</a> · <a href="/metrics">metrics</a> · <a href="/api/v1/status">status</a></footer>
</body>
</html>
`.markup;
}

function stateSection(model: StartPageModel): Html {
  return html`<section aria-labelledby="state">
<h2 id="state">State</h2>
<ul class="state">
${stateItem('Receiver', model.receiverAddress ?? 'not set', model.lineup)}
${stateItem('Transcoder', model.transcoder.state, model.transcoder)}
<li class="ok"><strong>Guide</strong> <span>${guideText(model.guide)}</span></li>
</ul>
</section>`;
}

/** How to point it at a receiver: for the installed service, and for a start by hand. */
function firstSteps(found: NonNullable<StartPageModel['found']>): Html {
  const example = found[0]?.address ?? '192.168.1.20';
  const names = found.map(({ name, address }) => html`<code>${address}</code> <small>${name}</small><br>`);
  return html`<section aria-labelledby="first">
<h2 id="first">First: your receiver</h2>
<dl>
${names.length === 0 ? null : html`<div><dt>Found in your network</dt><dd>${names}</dd></div>`}
<div><dt>In /etc/xg2g/xg2g.yaml</dt><dd><code>receiver:<br>&nbsp; host: ${example}</code><small>its host name or address; with user and password below it, if its web interface wants a login</small></dd></div>
<div><dt>Then</dt><dd><code>sudo systemctl reload xg2g</code><small>this page shows the channels a moment later</small></dd></div>
<div><dt>Or, started by hand</dt><dd><code>XG2G_E2_HOST=${example} xg2g</code><small>the environment wins over the file</small></dd></div>
</dl>
</section>`;
}

function stateItem(name: string, detail: string, part: PartState): Html {
  const kind = !part.ready ? 'bad' : part.reason === null ? 'ok' : 'warn';
  const word = { ok: 'ready', warn: 'ready, with a fault', bad: 'not ready' }[kind];
  return html`<li class="${kind}"><strong>${name}</strong> <span>${detail} · ${word}</span>${part.reason === null ? null : html`<p>${part.reason}.</p>`}</li>`;
}

function guideText(guide: StartPageModel['guide']): string {
  const count = `${guide.programmes.toLocaleString('en')} programmes`;
  const { progress } = guide;
  return progress === null || progress.done >= progress.total
    ? count
    : `${count}, reading channel ${progress.done} of ${progress.total}`;
}

function addressSection(model: StartPageModel): Html {
  const { baseUrl } = model;
  return html`<section aria-labelledby="addresses">
<h2 id="addresses">What to paste where</h2>
<dl>
${address('Playlist (M3U)', `${baseUrl}/playlist.m3u`, 'Kodi IPTV Simple, TiviMate, VLC, Jellyfin, Tvheadend')}
${address('Programme guide (XMLTV)', `${baseUrl}/xmltv.xml.gz`, 'wherever the player asks for a guide; the playlist names it too')}
${address('Guide, not compressed', `${baseUrl}/xmltv.xml`, 'for players that cannot read .gz')}
${model.hdhomerun === null ? null : address('Guide for Plex', `${baseUrl}/xmltv-plex.xml`, 'its channels are named by the numbers of the HDHomeRun tuner')}
${model.hdhomerun === null ? null : address('HDHomeRun tuner', baseUrl.replace(/^https?:\/\//, ''), `Plex, Jellyfin, Emby, Channels: enter it as the device's address (device ${model.hdhomerun.deviceId})`)}
</dl>
</section>`;
}

function address(name: string, value: string, forWhat: string): Html {
  return html`<div><dt>${name}</dt><dd><code>${value}</code><small>${forWhat}</small></dd></div>`;
}

function channelSection(model: StartPageModel): Html {
  if (model.channels.length === 0) {
    return html`<section aria-labelledby="channels"><h2 id="channels">Channels</h2><p>None yet.</p></section>`;
  }
  const rows = model.channels.map((channel) => channelRow(channel, model.baseUrl));
  return html`<section aria-labelledby="channels">
<h2 id="channels">Channels <small>${model.channels.length}</small></h2>
<table>
<thead><tr><th scope="col" class="number">No.</th><th scope="col">Name</th><th scope="col" class="group">Group</th><th scope="col">Play</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</section>`;
}

function channelRow(channel: Channel, baseUrl: string): Html {
  const badge = channel.radio ? 'radio' : channel.definition === 'sd' ? null : channel.definition;
  return html`<tr><td class="number">${channel.number}</td><td>${channel.name}${badge === null ? null : html` <span class="badge">${badge}</span>`}</td><td class="group">${channel.group}</td><td><a href="${streamUrl(channel, { baseUrl, query: '' })}" title="Open the stream of ${channel.name}">stream</a></td></tr>
`;
}
