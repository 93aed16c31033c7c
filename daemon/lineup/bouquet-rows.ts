import { errorCode, errorMessage } from '#shared/errors.ts';
import type { Bouquet, ServiceEntry } from '../receiver/model.ts';
import { FLAG, parseServiceReference, type ServiceReference } from '../receiver/service-reference.ts';

/** What reading a lineup needs of the receiver. */
export interface BouquetSource {
  bouquets(list: 'tv' | 'radio', options: { signal?: AbortSignal | undefined }): Promise<Bouquet[]>;
  services(bouquetRef: string, options: { signal?: AbortSignal | undefined }): Promise<ServiceEntry[]>;
}

/** One line of a bouquet as the box's list shows it. */
export type BouquetRow =
  | {
      readonly kind: 'service';
      readonly ref: ServiceReference;
      readonly name: string;
      readonly provider: string | null;
      readonly alternatives: readonly ServiceReference[];
    }
  /** Takes a number on the box although nothing plays: a numbered marker, or a service that we cannot use. */
  | { readonly kind: 'number-only' }
  | { readonly kind: 'heading'; readonly name: string }
  /** A hidden one counts its channels all the same. */
  | { readonly kind: 'sub-bouquet'; readonly bouquet: Bouquet; readonly hidden: boolean };

/**
 * Reads one bouquet. Markers are headings and no channels; hidden services only count; alternatives are resolved to their first playable
 * member; a group that cannot be resolved keeps its number and is reported.
 */
export async function readBouquetRows(
  source: BouquetSource,
  bouquet: Bouquet,
  options: { signal?: AbortSignal | undefined; onWarning: (text: string) => void },
): Promise<BouquetRow[]> {
  const rows: BouquetRow[] = [];
  for (const entry of await source.services(bouquet.ref, { signal: options.signal })) {
    const ref = parseServiceReference(entry.ref);
    if (ref === null) {
      options.onWarning(
        `"${bouquet.name}": the reference "${entry.ref.slice(0, 80)}" of "${entry.name}" cannot be read`,
      );
      continue;
    }
    switch (ref.kind) {
      case 'marker':
        if ((ref.flags & FLAG.numberedMarker) !== 0) rows.push({ kind: 'number-only' });
        else rows.push({ kind: 'heading', name: entry.name === '' ? ref.name : entry.name });
        break;
      case 'bouquet':
        rows.push({
          kind: 'sub-bouquet',
          bouquet: { ref: entry.ref, name: entry.name },
          hidden: (ref.flags & FLAG.invisible) !== 0,
        });
        break;
      case 'dvb':
      case 'iptv':
        rows.push((ref.flags & FLAG.invisible) === 0 ? serviceRow(entry, ref, []) : { kind: 'number-only' });
        break;
      case 'alternatives':
        rows.push(await resolveAlternatives(source, entry, options));
        break;
      case 'file':
      case 'other':
        rows.push({ kind: 'number-only' });
        break;
      case 'directory':
        break; // a container without channels of its own; the box does not number it
    }
  }
  return rows;
}

function serviceRow(entry: ServiceEntry, ref: ServiceReference, alternatives: readonly ServiceReference[]): BouquetRow {
  const name = entry.name === '' ? ref.name : entry.name;
  return { kind: 'service', ref, name, provider: entry.provider, alternatives };
}

async function resolveAlternatives(
  source: BouquetSource,
  entry: ServiceEntry,
  options: { signal?: AbortSignal | undefined; onWarning: (text: string) => void },
): Promise<BouquetRow> {
  try {
    const members = (await source.services(entry.ref, { signal: options.signal }))
      .map((member) => parseServiceReference(member.ref))
      .filter((ref) => ref?.kind === 'dvb' || ref?.kind === 'iptv')
      .filter((ref) => ref !== null);
    const [first, ...others] = members;
    if (first !== undefined) return serviceRow(entry, first, others);
    options.onWarning(`"${entry.name}": the group of alternatives has no member that plays`);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isFatal(error)) throw error;
    options.onWarning(`"${entry.name}": the group of alternatives cannot be read (${errorMessage(error)})`);
  }
  return { kind: 'number-only' };
}

/** Failures that concern the receiver and not one of its bouquets: the rest would fail alike. */
export function isFatal(error: unknown): boolean {
  return [
    'RECEIVER_UNREACHABLE',
    'RECEIVER_TLS',
    'RECEIVER_AUTH',
    'RECEIVER_FORBIDDEN',
    'RECEIVER_REDIRECT',
    'RECEIVER_NOT_OPENWEBIF',
  ].includes(errorCode(error));
}
