import type { ServiceReference } from './service-reference.ts';

/**
 * File names under which a box may keep a service's picon, most exact first: as it is; with the namespace's low half
 * zero (it holds a frequency); as a plain service type (files are made for type 1, services are 19 or 1F); by name, also
 * by that of the SD channel ("daserste" for "Das Erste HD").
 */
export function piconNames(ref: ServiceReference, channelName: string): string[] {
  const build = (stype: number, namespace: number, type: number): string =>
    [type, ref.flags, ...[stype, ref.sid, ref.tsid, ref.onid, namespace, 0, 0, 0].map(hex)].join('_');
  const position = (ref.namespace - (ref.namespace % 0x10000)) >>> 0;
  const byName = channelName
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('&', 'and')
    .replaceAll('+', 'plus')
    .replaceAll('*', 'star')
    .replace(/[^a-z0-9]/g, '');
  const names = [
    build(ref.stype, ref.namespace, ref.type),
    build(ref.stype, position, ref.type),
    build(1, ref.namespace, 1),
    build(1, position, 1),
    byName,
    ...(/.{2}(?:u?hd|4k)$/.test(byName) ? [byName.replace(/(?:u?hd|4k)$/, '')] : []),
  ];
  return [...new Set(names)].filter((name) => name !== '').map((name) => `${name}.png`);
}

function hex(value: number): string {
  return value.toString(16).toUpperCase();
}
