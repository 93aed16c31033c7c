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

/**
 * Reads the whole lineup from the receiver.
 *
 * Numbers are those of the box's remote control: counted through all bouquets in their order, one per service (also a
 * hidden one) and numbered marker, none for headings and sub-bouquets; what is in a sub-bouquet counts where that stands.
 * Bouquets that are hidden or not selected still count, so that a selection keeps the numbers people know. Radio has
 * numbers of its own on the box and follows TV here, because numbers are one row for players.
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
    known.push(...bouquets.filter(({ hidden }) => !hidden).map(({ bouquet }) => bouquet.name));
    const selected = bouquets.map(({ bouquet, hidden }) => !hidden && wanted.matches(bouquet));
    const reader = new BouquetReader({ source, wanted, builder, radio: list === 'radio', signal: options.signal });
    // What comes after the last one wanted changes no number, unless one below it may be wanted.
    const end = wanted.isMissingAny ? bouquets.length : selected.lastIndexOf(true) + 1;
    for (const [index, { bouquet }] of bouquets.slice(0, end).entries()) {
      await reader.read(bouquet, { depth: 0, selected: selected[index] === true });
    }
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
): Promise<{ bouquet: Bouquet; hidden: boolean }[]> {
  try {
    const bouquets = await source.bouquets(list, { signal });
    return bouquets.flatMap((bouquet) => {
      const ref = parseServiceReference(bouquet.ref);
      return ref?.kind === 'bouquet' ? [{ bouquet, hidden: (ref.flags & FLAG.invisible) !== 0 }] : [];
    });
  } catch (error) {
    // A box without radio is no reason to have no TV.
    if (list === 'tv' || signal?.aborted === true || isFatal(error)) throw error;
    builder.warn(`The radio bouquets cannot be read (${errorMessage(error)})`);
    return [];
  }
}

interface BouquetReaderOptions {
  readonly source: BouquetSource;
  readonly wanted: BouquetFilter;
  readonly builder: LineupBuilder;
  readonly radio: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Reads the bouquets of one list with what is below them, each once. */
class BouquetReader {
  readonly #options: BouquetReaderOptions;
  readonly #seen = new Set<string>();

  constructor(options: BouquetReaderOptions) {
    this.#options = options;
  }

  async read(bouquet: Bouquet, { depth, selected }: { depth: number; selected: boolean }): Promise<void> {
    const { source, builder, wanted, radio, signal } = this.#options;
    if (this.#seen.has(bouquet.ref)) return;
    this.#seen.add(bouquet.ref);
    if (depth > MAX_DEPTH) {
      builder.warn(`The bouquet "${bouquet.name}" lies more than ${MAX_DEPTH} levels deep and is left out`);
      return;
    }
    let rows: BouquetRow[];
    try {
      rows = await readBouquetRows(source, bouquet, { signal, onWarning: (text) => builder.warn(text) });
    } catch (error) {
      signal?.throwIfAborted();
      if (isFatal(error)) throw error;
      builder.fail(`The bouquet "${bouquet.name}" cannot be read (${errorMessage(error)})`, error);
      return;
    }
    const section = builder.open({ ref: bouquet.ref, name: bouquet.name, radio }, selected);
    for (const row of rows) {
      if (row.kind !== 'sub-bouquet') builder.add(row, section);
      else {
        const isChosen = !row.hidden && (selected || wanted.matches(row.bouquet));
        await this.read(row.bouquet, { depth: depth + 1, selected: isChosen });
      }
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

  /** Some name was not found so far. */
  get isMissingAny(): boolean {
    return this.#matched.size < this.#wanted.size;
  }

  unmatched(): string[] {
    return [...this.#wanted].filter(([key]) => !this.#matched.has(key)).map(([, text]) => text);
  }
}

/** A bouquet while its rows are read. */
interface Section {
  readonly bouquet: LineupBouquet;
  readonly selected: boolean;
  heading: string | null;
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

  open(bouquet: LineupBouquet, selected: boolean): Section {
    if (selected) this.#bouquets.push(bouquet);
    return { bouquet, selected, heading: null };
  }

  /** Adds a row of a bouquet, or only counts it. */
  add(row: Exclude<BouquetRow, { kind: 'sub-bouquet' }>, section: Section): void {
    if (row.kind === 'heading') {
      section.heading = headingName(row.name);
      return;
    }
    const number = this.#nextNumber++;
    if (section.selected && row.kind === 'service') this.#addChannel(row, section, number);
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

  #addChannel(row: Extract<BouquetRow, { kind: 'service' }>, section: Section, number: number): void {
    const { bouquet } = section;
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
      heading: section.heading,
    });
  }
}

/** Spec: ETSI EN 300 468, 6.2.33 service_type (edition 1.17.1, table 89); 0x1f is HEVC, which boxes use for UHD. */
function definitionOf(ref: ServiceReference): Channel['definition'] {
  if (ref.stype === 0x1f || ref.stype === 0x20) return 'uhd';
  if (ref.stype === 0x11 || (ref.stype >= 0x19 && ref.stype <= 0x1e)) return 'hd';
  return ref.stype === 0x01 || ref.stype === 0x16 ? 'sd' : null;
}

/** People draw lines around headings ("--- News ---"), which are no part of a group's name. */
function headingName(text: string): string | null {
  const name = text.replace(/^[^\p{L}\p{N}(]+|[^\p{L}\p{N})!+]+$/gu, '');
  return name === '' ? null : name;
}

function normalise(text: string): string {
  return text.trim().toLowerCase().replace(/\s+/g, ' ');
}

function listNames(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `"${name}"`);
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}
