import type { BouquetRow } from '../../lineup/bouquets.ts';
import type { Lineup } from '../../lineup/lineup.ts';
import { type ListName, ROOT_FILE } from '../answers/lineup.ts';
import { document, element, within } from './elements.ts';

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

const named = (ref: string, name: string): string =>
  element('e2servicereference', ref) + element('e2servicename', name);

function services(rows: readonly BouquetRow[]): string {
  return within('e2servicelist', ...rows.map((row) => within('e2service', named(...refAndName(row)))));
}

export function serviceListXml(lineup: Lineup, sRef: string): string {
  return document(services(lineup.rowsOf(sRef === '' ? ROOT_FILE : sRef) ?? []));
}

export function allServicesXml(lineup: Lineup, list: ListName): string {
  const bouquets = lineup
    .bouquetsOf(list)
    .map((bouquet) => within('e2bouquet', named(bouquet.ref, bouquet.name), services(bouquet.rows)));
  return document(within('e2servicelistrecursive', ...bouquets));
}
