/** The JSON answers of OpenWebif about bouquets and services. */
import type { Box } from '../../box/box.ts';
import type { BouquetRow } from '../../lineup/bouquets.ts';
import type { Lineup } from '../../lineup/lineup.ts';
import { piconName } from '../../lineup/service-ref.ts';
import type { DemoService } from '../../lineup/services.ts';

export type ListName = 'tv' | 'radio';

/** What a client without a reference means. */
export const ROOT_FILE = 'FROM BOUQUET "bouquets.tv"';

export function bouquets(lineup: Lineup, list: ListName): object {
  return { bouquets: lineup.bouquetsOf(list).map((bouquet) => [bouquet.ref, bouquet.name]) };
}

function serviceRow(row: BouquetRow, pos: number): object {
  const plain = (ref: string, name: string, at: number): object => ({
    servicereference: ref,
    servicename: name,
    program: 0,
    pos: at,
    startpos: 0,
  });
  switch (row.kind) {
    case 'service':
      return {
        ...plain(row.service.ref, row.service.name, pos),
        program: row.service.sid,
        provider: row.service.provider,
        picon: `/picon/${piconName(row.service.ref)}.png`,
      };
    case 'marker':
      return plain(row.ref, row.name, 0);
    case 'sub-bouquet':
      return plain(row.bouquet.ref, row.bouquet.name, 0);
    case 'alternatives':
      return plain(row.group.ref, row.group.name, pos);
    case 'iptv':
      return plain(row.ref, row.name, pos);
  }
}

/** Null when the reference is no list. */
export function getServices(lineup: Lineup, sRef: string): object | null {
  const rows = lineup.rowsOf(sRef === '' ? ROOT_FILE : sRef);
  if (rows === null) return null;
  let pos = 0;
  const services = rows.map((row) => serviceRow(row, row.kind === 'marker' || row.kind === 'sub-bouquet' ? 0 : ++pos));
  return { result: true, processingtime: 0.01, pos, services };
}

export function getAllServices(lineup: Lineup, list: ListName): object {
  const services = lineup.bouquetsOf(list).map((bouquet) => ({
    servicereference: bouquet.ref,
    servicename: bouquet.name,
    subservices: bouquet.rows.map((row, index) => serviceRow(row, index + 1)),
  }));
  return { result: true, services };
}

function isPlayable(service: DemoService | null, playing: DemoService | null, box: Box): boolean {
  return service !== null && service.reception !== 'never' && box.tuners.canTune(service, playing);
}

/** Whether a tuner is to be had for it now. `sRefPlaying`: what would be left for it. */
export function servicePlayable(box: Box, sRef: string, sRefPlaying: string): object {
  const { lineup } = box;
  const isplayable = isPlayable(lineup.resolve(sRef), lineup.resolve(sRefPlaying), box);
  return { result: true, service: { servicereference: sRef, isplayable } };
}

/** The same for all services of a bouquet. */
export function serviceListPlayable(box: Box, sRef: string, sRefPlaying: string): object {
  const playing = box.lineup.resolve(sRefPlaying);
  const services = (box.lineup.rowsOf(sRef) ?? []).flatMap((row) =>
    row.kind === 'service'
      ? [{ servicereference: row.service.ref, isplayable: isPlayable(row.service, playing, box) }]
      : [],
  );
  return { result: true, services };
}
