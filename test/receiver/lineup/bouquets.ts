import { type DemoService, serviceByName } from './services.ts';

/** A row of a bouquet, in the order of the box's list. */
export type BouquetRow =
  | { readonly kind: 'service'; readonly service: DemoService }
  | { readonly kind: 'marker'; readonly ref: string; readonly name: string }
  | { readonly kind: 'sub-bouquet'; readonly bouquet: Bouquet }
  | { readonly kind: 'alternatives'; readonly group: Alternatives }
  | { readonly kind: 'iptv'; readonly ref: string; readonly name: string };

export interface Bouquet {
  readonly ref: string;
  readonly name: string;
  readonly list: 'tv' | 'radio';
  readonly rows: readonly BouquetRow[];
}

export interface Alternatives {
  readonly ref: string;
  readonly name: string;
  readonly members: readonly DemoService[];
}

export const ROOT_TV = '1:7:1:0:0:0:0:0:0:0:FROM BOUQUET "bouquets.tv" ORDER BY bouquet';
export const ROOT_RADIO = '1:7:2:0:0:0:0:0:0:0:FROM BOUQUET "bouquets.radio" ORDER BY bouquet';

export const bouquetRef = (file: string, list: 'tv' | 'radio'): string =>
  `1:7:${list === 'tv' ? 1 : 2}:0:0:0:0:0:0:0:FROM BOUQUET "${file}" ORDER BY bouquet`;
const service = (name: string): BouquetRow => ({ kind: 'service', service: serviceByName(name) });
const marker = (index: number, name: string): BouquetRow => ({
  kind: 'marker',
  ref: `1:64:${index.toString(16).toUpperCase()}:0:0:0:0:0:0:0:`,
  name,
});

export const ALTERNATIVES: Alternatives = {
  ref: '1:134:1:0:0:0:0:0:0:0:FROM BOUQUET "alternatives.regional.tv" ORDER BY bouquet',
  name: 'Regional (Alternativen)',
  members: [serviceByName('Schaufenster – frei'), serviceByName("Regional <Nord> 'Platt'")],
};

export const SUB_BOUQUET: Bouquet = {
  ref: bouquetRef('userbouquet.uhd__tv_.tv', 'tv'),
  name: 'UHD & Musik',
  list: 'tv',
  rows: [service('Bühne UHD'), service('Testbild "Eins"')],
};

export const BOUQUETS: readonly Bouquet[] = [
  {
    ref: bouquetRef('userbouquet.favourites.tv', 'tv'),
    name: 'Favoriten (TV)',
    list: 'tv',
    rows: [
      marker(0, '--- Öffentlich & Rechtlich ---'),
      service('Das Erste Übung HD'),
      service('Süd & West HD'),
      service('Kino²Welt HD'),
      service('Dokumentation, Natur HD'),
      { kind: 'sub-bouquet', bouquet: SUB_BOUQUET },
      marker(1, 'Standard'),
      service('Klassik SD'),
      { kind: 'alternatives', group: ALTERNATIVES },
    ],
  },
  {
    ref: bouquetRef('userbouquet.dbe01.tv', 'tv'),
    name: 'Privat "& mehr"',
    list: 'tv',
    rows: [
      service('Privat TV HD'),
      service('Ohne Programmführer'),
      service("Regional <Nord> 'Platt'"),
      marker(2, 'Pay'),
      service('Schlüssel Kino HD'),
      service('Schaufenster – frei'),
      service('Stiller Transponder HD'),
    ],
  },
  {
    ref: bouquetRef('userbouquet.favourites.radio', 'radio'),
    name: 'Favoriten (Radio)',
    list: 'radio',
    rows: [service('Radio Ödland'), service('Klangwelle 5.1')],
  },
];

/** All services of the rows, in order, sub-bouquets not entered. */
export function servicesIn(rows: readonly BouquetRow[]): DemoService[] {
  return rows.flatMap((row) => (row.kind === 'service' ? [row.service] : []));
}
