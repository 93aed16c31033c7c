import type { DemoEvent } from '../epg/schedule.ts';
import { eventsOf } from '../epg/schedule.ts';
import { type BouquetRow, rowsOf } from '../lineup/bouquets.ts';
import { canonicalRef } from '../lineup/service-ref.ts';
import { serviceByRef } from '../lineup/services.ts';
import type { BoxState } from './box-state.ts';

/** The XML answers of OpenWebif: what old clients ask. */

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const element = (name: string, value: string | number): string => `<${name}>${escapeXml(String(value))}</${name}>`;
const document = (body: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n${body}\n`;

function refAndName(row: BouquetRow): readonly [string, string] {
  switch (row.kind) {
    case 'service':
      return [row.service.ref, row.service.name];
    case 'sub-bouquet':
      return [row.bouquet.ref, row.bouquet.name];
    case 'alternatives':
      return [row.group.ref, row.group.name];
    case 'marker':
    case 'iptv':
      return [row.ref, row.name];
  }
}

export function serviceListXml(sRef: string): string {
  const rows = rowsOf(sRef === '' ? 'FROM BOUQUET "bouquets.tv"' : sRef) ?? [];
  const services = rows.map((row) => {
    const [ref, name] = refAndName(row);
    return `<e2service>${element('e2servicereference', ref)}${element('e2servicename', name)}</e2service>`;
  });
  return document(`<e2servicelist>${services.join('\n')}</e2servicelist>`);
}

function eventXml(event: DemoEvent): string {
  return [
    '<e2event>',
    element('e2eventid', event.id),
    element('e2eventstart', event.begin),
    element('e2eventduration', event.durationSeconds),
    element('e2eventcurrenttime', Math.floor(Date.now() / 1000)),
    element('e2eventtitle', event.title),
    element('e2eventdescription', event.short),
    element('e2eventdescriptionextended', event.long),
    element('e2eventservicereference', event.service.ref),
    element('e2eventservicename', event.service.name),
    `<e2eventgenre id="${event.genreId}"></e2eventgenre>`,
    '</e2event>',
  ].join('');
}

export function eventListXml(sRef: string): string {
  const service = serviceByRef(canonicalRef(sRef));
  const events = service === null ? [] : eventsOf(service);
  return document(`<e2eventlist>${events.map(eventXml).join('\n')}</e2eventlist>`);
}

export function aboutXml(): string {
  const fields = {
    e2enigmaversion: '2026-10-01',
    e2imageversion: '7.5',
    e2webifversion: 'OWIF 2.2.2',
    e2model: 'Duo\u00b2',
  };
  const body = Object.entries(fields)
    .map(([name, value]) => element(name, value))
    .join('');
  return document(`<e2abouts><e2about>${body}</e2about></e2abouts>`);
}

export function deviceInfoXml(): string {
  const fields = {
    e2enigmaversion: '2026-10-01',
    e2imageversion: '7.5',
    e2webifversion: 'OWIF 2.2.2',
    e2devicename: 'vuduo2',
  };
  return document(
    `<e2deviceinfo>${Object.entries(fields)
      .map(([name, value]) => element(name, value))
      .join('')}</e2deviceinfo>`,
  );
}

export function powerStateXml(state: BoxState): string {
  return document(`<e2powerstate><e2instandby>\n\t${state.standby ? 'true' : 'false'}\n</e2instandby></e2powerstate>`);
}

/** Line breaks around the values, as real boxes have them. */
export function signalXml(): string {
  return document(
    '<e2frontendstatus><e2snrdb>\n\t14.20 dB\n</e2snrdb><e2snr>\n\t92 %\n</e2snr><e2ber>\n\t0\n</e2ber><e2acg>\n\t71 %\n</e2acg></e2frontendstatus>',
  );
}

/** What the box calls a stream address: relay for scrambled services. */
export function streamPlaylist(ref: string, name: string, host: string, state: BoxState): string {
  const service = serviceByRef(canonicalRef(ref));
  const port = service?.reception === 'scrambled' ? state.relayPort : state.streamPort;
  const program = service === null ? '' : `#EXTVLCOPT:program=${service.sid}\n`;
  return `#EXTM3U \n#EXTVLCOPT:http-reconnect=true \n#EXTINF:-1,${name}\n${program}http://${host}:${port}/${ref}\n`;
}
