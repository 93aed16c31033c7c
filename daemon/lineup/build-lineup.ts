import { errorCode, errorMessage, XgError } from '#shared/errors.ts';
import type { Bouquet } from '../receiver/model.ts';
import {
  channelId,
  FLAG,
  isRadioReference,
  parseServiceReference,
  requestReference,
  type ServiceReference,
  transponderKey,
} from '../receiver/service-reference.ts';
import { type BouquetRow, type BouquetSource, isFatal, readBouquetRows } from './bouquet-rows.ts';
import type { Channel, Lineup, LineupBouquet } from './channel.ts';

export interface LineupOptions {
  /** Names or references of the bouquets to take; empty takes all. */
  readonly bouquets: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Sub-bouquets below a bouquet; deeper ones are left out with a warning (a box allows loops). */
const MAX_DEPTH = 3;
const MAX_CHANNELS = 20_000;

interface PendingBouquet {
  readonly bouquet: Bouquet;
  readonly radio: boolean;
  readonly depth: number;
  readonly selected: boolean;
}

/**
 * Reads the whole lineup from the receiver.
 *
 * Numbers are those of the box's remote control: counted through all visible bouquets in their order, one per service
 * and numbered marker, none for headings and sub-bouquets. Bouquets that are not selected still count, so that a
 * selection keeps the numbers people know. Sub-bouquets are counted after the main ones, radio after TV.
 *
 * @throws XgError `LINEUP_NO_BOUQUET` when none of the wanted bouquets exists, `LINEUP_EMPTY` when no channel was found;
 * the receiver's own errors when it cannot be asked at all.
 */
export async function buildLineup(source: BouquetSource, options: LineupOptions): Promise<Lineup> {
  const builder = new LineupBuilder();
  const wanted = new BouquetFilter(options.bouquets);
  const known: string[] = [];
  for (const list of ['tv', 'radio'] as const) {
    const bouquets = await readBouquetList(source, list, options.signal, builder);
    known.push(...bouquets.map((bouquet) => bouquet.name));
    const selected = bouquets.map((bouquet) => wanted.matches(bouquet));
    const queue: PendingBouquet[] = bouquets
      .map((bouquet, index) => ({ bouquet, radio: list === 'radio', depth: 0, selected: selected[index] === true }))
      .slice(0, selected.lastIndexOf(true) + 1); // what comes after the last one wanted changes no number
    await readQueue(source, queue, wanted, builder, options.signal);
  }
  for (const name of wanted.unmatched()) {
    builder.warn(`There is no bouquet "${name}" on the receiver. It has: ${listNames(known)}`);
  }
  if (options.bouquets.length > 0 && wanted.unmatched().length === options.bouquets.length) {
    throw new XgError(
      'LINEUP_NO_BOUQUET',
      `None of the bouquets in XG2G_BOUQUET (${options.bouquets.join(', ')}) exists on the receiver. It has: ${listNames(known)}`,
      { data: { wanted: [...options.bouquets], known } },
    );
  }
  return builder.finish();
}

async function readBouquetList(
  source: BouquetSource,
  list: 'tv' | 'radio',
  signal: AbortSignal | undefined,
  builder: LineupBuilder,
): Promise<Bouquet[]> {
  try {
    const bouquets = await source.bouquets(list, { signal });
    return bouquets.filter((bouquet) => {
      const ref = parseServiceReference(bouquet.ref);
      return ref?.kind === 'bouquet' && (ref.flags & FLAG.invisible) === 0;
    });
  } catch (error) {
    // A box without radio is no reason to have no TV.
    if (list === 'tv' || signal?.aborted === true || isFatal(error)) throw error;
    builder.warn(`The radio bouquets cannot be read (${errorMessage(error)})`);
    return [];
  }
}

async function readQueue(
  source: BouquetSource,
  queue: PendingBouquet[],
  wanted: BouquetFilter,
  builder: LineupBuilder,
  signal: AbortSignal | undefined,
): Promise<void> {
  const seen = new Set<string>();
  for (let pending = queue.shift(); pending !== undefined; pending = queue.shift()) {
    const { bouquet, radio, depth, selected } = pending;
    if (seen.has(bouquet.ref)) continue;
    seen.add(bouquet.ref);
    if (depth > MAX_DEPTH) {
      builder.warn(`The bouquet "${bouquet.name}" lies more than ${MAX_DEPTH} levels deep and is left out`);
      continue;
    }
    const warn = (text: string): void => builder.warn(text);
    try {
      const rows = await readBouquetRows(source, bouquet, { signal, onWarning: warn });
      for (const child of builder.add(rows, { ref: bouquet.ref, name: bouquet.name, radio }, selected)) {
        queue.push({ bouquet: child, radio, depth: depth + 1, selected: selected || wanted.matches(child) });
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (isFatal(error)) throw error;
      builder.fail(`The bouquet "${bouquet.name}" cannot be read (${errorMessage(error)})`, error);
    }
  }
}

/** `XG2G_BOUQUET`: names in any case, or references. */
class BouquetFilter {
  readonly #wanted: ReadonlyMap<string, string>;
  readonly #matched = new Set<string>();

  constructor(wanted: readonly string[]) {
    this.#wanted = new Map(wanted.map((text) => [normalise(text), text]));
  }

  matches(bouquet: Bouquet): boolean {
    if (this.#wanted.size === 0) return true;
    const keys = [bouquet.name, bouquet.ref].map(normalise).filter((key) => this.#wanted.has(key));
    for (const key of keys) this.#matched.add(key);
    return keys.length > 0;
  }

  unmatched(): string[] {
    return [...this.#wanted].filter(([key]) => !this.#matched.has(key)).map(([, text]) => text);
  }
}

class LineupBuilder {
  readonly #channels = new Map<string, Channel>();
  readonly #bouquets: LineupBouquet[] = [];
  readonly #warnings: string[] = [];
  #firstFailure: unknown = null;
  #nextNumber = 1;

  warn(text: string): void {
    this.#warnings.push(text);
  }

  fail(text: string, error: unknown): void {
    this.#firstFailure ??= error;
    this.warn(text);
  }

  /** Adds a bouquet's channels (or only counts them) and returns its sub-bouquets. */
  add(rows: readonly BouquetRow[], bouquet: LineupBouquet, selected: boolean): Bouquet[] {
    const children: Bouquet[] = [];
    if (selected) this.#bouquets.push(bouquet);
    for (const row of rows) {
      if (row.kind === 'sub-bouquet') {
        children.push(row.bouquet);
        continue;
      }
      const number = this.#nextNumber++;
      if (selected && row.kind === 'service') this.#addChannel(row, bouquet, number);
    }
    return children;
  }

  finish(): Lineup {
    if (this.#channels.size > 0) {
      return { channels: [...this.#channels.values()], bouquets: this.#bouquets, warnings: this.#warnings };
    }
    // Nothing at all, and the receiver failed on the way: its error says more than "empty".
    if (this.#firstFailure !== null && errorCode(this.#firstFailure).startsWith('RECEIVER_')) throw this.#firstFailure;
    throw new XgError(
      'LINEUP_EMPTY',
      `The receiver's bouquets hold no channel. Run a channel search on it or add channels to a bouquet${this.#warnings.length === 0 ? '' : ` (${this.#warnings.slice(0, 3).join('; ')})`}`,
    );
  }

  #addChannel(row: Extract<BouquetRow, { kind: 'service' }>, bouquet: LineupBouquet, number: number): void {
    const id = channelId(row.ref);
    const present = this.#channels.get(id);
    if (present !== undefined) {
      if (!present.groups.includes(bouquet.name)) {
        this.#channels.set(id, { ...present, groups: [...present.groups, bouquet.name] });
      }
      return;
    }
    if (this.#channels.size >= MAX_CHANNELS) return;
    this.#channels.set(id, {
      id,
      ref: requestReference(row.ref),
      name: row.name === '' ? id : row.name,
      number,
      group: bouquet.name,
      groups: [bouquet.name],
      radio: bouquet.radio || isRadioReference(row.ref),
      kind: row.ref.kind === 'iptv' ? 'iptv' : 'dvb',
      transponder: transponderKey(row.ref),
      definition: definitionOf(row.ref),
      provider: row.provider,
      alternatives: row.alternatives.map(requestReference),
    });
  }
}

/** Spec: ETSI EN 300 468, 6.2.33 service_type (edition 1.17.1, table 89); 0x1f is HEVC, which boxes use for UHD. */
function definitionOf(ref: ServiceReference): Channel['definition'] {
  if (ref.stype === 0x1f || ref.stype === 0x20) return 'uhd';
  if (ref.stype === 0x11 || (ref.stype >= 0x19 && ref.stype <= 0x1e)) return 'hd';
  return ref.stype === 0x01 || ref.stype === 0x16 ? 'sd' : null;
}

function normalise(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ');
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `"${name}"`);
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}
