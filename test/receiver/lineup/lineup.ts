import { ALTERNATIVES, type Alternatives, BOUQUETS, type Bouquet, type BouquetRow, SUB_BOUQUET } from './bouquets.ts';
import { canonicalRef } from './service-ref.ts';
import { type DemoService, SERVICES } from './services.ts';

export interface LineupParts {
  readonly bouquets: readonly Bouquet[];
  /** Bouquets that lie within others only. */
  readonly subBouquets: readonly Bouquet[];
  readonly alternatives: readonly Alternatives[];
  readonly services: readonly DemoService[];
}

export const DEMO_PARTS: LineupParts = {
  bouquets: BOUQUETS,
  subBouquets: [SUB_BOUQUET],
  alternatives: [ALTERNATIVES],
  services: SERVICES,
};

/** Only what plays on the stream server and stands in a bouquet itself, for clients that cannot do more. */
export function playableOnly(parts: LineupParts): LineupParts {
  const plays = (row: BouquetRow): boolean => row.kind === 'service' && row.service.reception === 'clear';
  const bouquets = parts.bouquets.map((bouquet) => ({ ...bouquet, rows: bouquet.rows.filter(plays) }));
  return { ...parts, bouquets };
}

/** What a box has in its lists, found by reference. */
export class Lineup {
  readonly bouquets: readonly Bouquet[];
  readonly services: readonly DemoService[];
  readonly #byRef: ReadonlyMap<string, DemoService>;
  readonly #rowsByFile = new Map<string, readonly BouquetRow[]>();
  readonly #groupByFile = new Map<string, Alternatives>();

  constructor(parts: LineupParts = DEMO_PARTS) {
    this.bouquets = parts.bouquets;
    this.services = parts.services;
    this.#byRef = new Map(parts.services.map((service) => [service.ref, service]));
    for (const bouquet of [...parts.bouquets, ...parts.subBouquets]) {
      this.#rowsByFile.set(fileOf(bouquet.ref) ?? '', bouquet.rows);
    }
    for (const list of ['tv', 'radio'] as const) {
      const rows = this.bouquetsOf(list).map((bouquet): BouquetRow => ({ kind: 'sub-bouquet', bouquet }));
      this.#rowsByFile.set(`bouquets.${list}`, rows);
    }
    for (const group of parts.alternatives) {
      const file = fileOf(group.ref) ?? '';
      this.#groupByFile.set(file, group);
      this.#rowsByFile.set(
        file,
        group.members.map((service) => ({ kind: 'service', service })),
      );
    }
  }

  bouquetsOf(list: 'tv' | 'radio'): Bouquet[] {
    return this.bouquets.filter((bouquet) => bouquet.list === list);
  }

  /** What `getservices` finds under a reference: a bouquet (also a sub-bouquet), a group, or a root list. */
  rowsOf(ref: string): readonly BouquetRow[] | null {
    return this.#rowsByFile.get(fileOf(ref) ?? '') ?? null;
  }

  /** The service of a reference in any spelling, with or without a name behind it. */
  byRef(ref: string): DemoService | null {
    return this.#byRef.get(canonicalRef(ref)) ?? null;
  }

  /** As `byRef`; of a group the member that the box would play: the first. */
  resolve(ref: string): DemoService | null {
    const group = this.#groupByFile.get(fileOf(ref) ?? '');
    return group === undefined ? this.byRef(ref) : (group.members[0] ?? null);
  }
}

function fileOf(ref: string): string | null {
  return /FROM BOUQUET "([^"]+)"/.exec(ref)?.[1] ?? null;
}
