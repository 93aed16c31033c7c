import type { BouquetSource } from '#daemon/lineup/bouquet-rows.ts';
import type { ServiceEntry } from '#daemon/receiver/model.ts';

/** A receiver as far as its lineup goes: bouquets by name, whose rows are an Error when they cannot be read. */
export interface LineupBox extends BouquetSource {
  address: string;
  tv: Record<string, ServiceEntry[] | Error>;
  /** Set while it does not answer at all. */
  down: Error | null;
}

export function lineupBox(tv: LineupBox['tv'], address = 'http://192.168.1.20'): LineupBox {
  const box: LineupBox = {
    address,
    tv,
    down: null,
    bouquets: async (list) => {
      if (box.down !== null) throw box.down;
      return list === 'tv' ? Object.keys(box.tv).map((name) => ({ ref: bouquetRef(name), name })) : [];
    },
    services: async (ref) => {
      if (box.down !== null) throw box.down;
      const name = Object.keys(box.tv).find((one) => bouquetRef(one) === ref) ?? '';
      const rows = box.tv[name] ?? [];
      if (rows instanceof Error) throw rows;
      return rows;
    },
  };
  return box;
}

export function bouquetRef(name: string): string {
  return `1:7:1:0:0:0:0:0:0:0:FROM BOUQUET "userbouquet.${name}.tv" ORDER BY bouquet`;
}

/** A service of DVB; the number is its SID and makes `channel(number).id`. */
export function service(number: number, name = `Channel ${number}`): ServiceEntry {
  return { ref: `1:0:19:${number.toString(16).toUpperCase()}:3FB:1:C00000:0:0:0:`, name, provider: null };
}

export function marker(name: string): ServiceEntry {
  return { ref: `1:64:0:0:0:0:0:0:0:0::${name}`, name, provider: null };
}
