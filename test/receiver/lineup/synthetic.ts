/** Made-up services by the thousand, for what depends on the lineup's size. They have a guide and no pictures. */
import { type Bouquet, bouquetRef } from './bouquets.ts';
import type { LineupParts } from './lineup.ts';
import { serviceRef, transponderKey } from './service-ref.ts';
import type { DemoService, Transponder } from './services.ts';

/** 13.0° East. */
const NAMESPACE_13E = 0x820000;
const PER_TRANSPONDER = 8;
const PER_BOUQUET = 100;
const RADIO_EVERY = 10;
const FIRST_SID = 0x1000;
const FIRST_TSID = 0x2000;
const ONID = 0x13e;
const PROVIDERS = ['Süd Medien', 'Canale & Figli', 'TVP', 'Rai', 'Globecast', 'Kabel "Eins"'] as const;
const KINDS = ['Kino', 'Sport', 'Nachrichten', 'Musik', 'Kinder', 'Doku', 'Télé', 'Žurnál', 'Świat', 'Reise'] as const;

function transponder(index: number): Transponder {
  const triplet = { tsid: FIRST_TSID + index, onid: ONID, namespace: NAMESPACE_13E };
  return { name: `${10_719 + 19 * index} V`, ...triplet, key: transponderKey(triplet) };
}

function service(index: number): DemoService {
  const radio = index % RADIO_EVERY === RADIO_EVERY - 1;
  const kind = KINDS[index % KINDS.length] ?? '';
  const stype = radio ? 0x2 : index % 3 === 0 ? 0x1 : 0x19;
  const sid = FIRST_SID + index;
  const on = transponder(Math.floor(index / PER_TRANSPONDER));
  return {
    ref: serviceRef(stype, { sid, ...on }),
    name: `${kind} ${index + 1}${stype === 0x19 ? ' HD' : ''}`,
    provider: PROVIDERS[Math.floor(index / PER_TRANSPONDER) % PROVIDERS.length] ?? '',
    sid,
    stype,
    transponder: on,
    media: { pmtPid: 0x100, video: null, audio: [] },
    reception: 'never',
    epg: 'full',
  };
}

/** The lineup with `count` services more, in bouquets of a hundred; those on the air never lock. */
export function withSynthetic(parts: LineupParts, count: number): LineupParts {
  const made = Array.from({ length: count }, (_, index) => service(index));
  const bouquets = (list: 'tv' | 'radio'): Bouquet[] => {
    const members = made.filter((one) => (one.stype === 0x2) === (list === 'radio'));
    return Array.from({ length: Math.ceil(members.length / PER_BOUQUET) }, (_, index) => ({
      ref: bouquetRef(`userbouquet.synthetic${index + 1}.${list}`, list),
      name: `Erfundene ${index + 1}`,
      list,
      rows: members
        .slice(index * PER_BOUQUET, (index + 1) * PER_BOUQUET)
        .map((one) => ({ kind: 'service', service: one }) as const),
    }));
  };
  return {
    ...parts,
    bouquets: [...parts.bouquets, ...bouquets('tv'), ...bouquets('radio')],
    services: [...parts.services, ...made],
  };
}
