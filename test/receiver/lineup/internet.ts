/** References of services that come over the network. Only the colons of their address are escaped. */
import { type BouquetRow, bouquetRef } from './bouquets.ts';
import type { LineupParts } from './lineup.ts';
import { serviceByName } from './services.ts';

export interface InternetSources {
  /** `http://host:port` of the provider. */
  readonly providerUrl: string;
  /** `udp://…`; null for none. */
  readonly udpUrl: string | null;
  /** The box's own relay, which it calls 127.0.0.1. */
  readonly relayPort: number;
}

/** The service whose pictures the provider sends. */
export const INTERNET_SERVICE = serviceByName('Das Erste Übung HD');
const RELAYED = serviceByName('Schlüssel Kino HD');

const escapeColons = (text: string): string => text.replaceAll(':', '%3a');

/** @param type first field: 4097, 5001, 5002, or 1 for the box's own decoder */
export function internetRef(type: number, url: string, name: string): string {
  return `${type}:0:1:0:0:0:0:0:0:0:${escapeColons(url)}:${name}`;
}

/** The address in a reference; null when it has none. The name behind the last colon is none of it. */
export function urlOfRef(ref: string): string | null {
  const path = ref.split(':')[10];
  if (path === undefined) return null;
  const url = path.replace(/%3a/gi, ':');
  return /^(?:https?|udp|rtp):\/\//.test(url) ? url : null;
}

export function withInternet(parts: LineupParts, sources: InternetSources): LineupParts {
  const sid = INTERNET_SERVICE.sid.toString(16);
  const { providerUrl, udpUrl, relayPort } = sources;
  const row = (type: number, url: string, name: string): BouquetRow => ({
    kind: 'iptv',
    ref: internetRef(type, url, name),
    name,
  });
  const rows: BouquetRow[] = [
    row(4097, `${providerUrl}/live/${sid}.ts`, 'Netz: direkt'),
    row(5001, `${providerUrl}/moved/${sid}.ts`, 'Netz: umgeleitet'),
    row(5002, `${providerUrl}/hls/${sid}/index.m3u8`, 'Netz: HLS'),
    row(1, `${providerUrl}/live/${sid}.ts?token=a%3Db&n=1`, 'Netz: DVB-Typ'),
    {
      kind: 'iptv',
      ref: `${RELAYED.ref}${escapeColons(`http://127.0.0.1:${relayPort}/${RELAYED.ref}`)}:${RELAYED.name} (Relay)`,
      name: `${RELAYED.name} (Relay)`,
    },
  ];
  if (udpUrl !== null) rows.push(row(4097, udpUrl, 'Netz: UDP'));
  const bouquet = { ref: bouquetRef('userbouquet.internet.tv', 'tv'), name: 'Internet', list: 'tv', rows } as const;
  return { ...parts, bouquets: [...parts.bouquets, bouquet] };
}
