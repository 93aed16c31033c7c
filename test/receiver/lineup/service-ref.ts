/** Service references as Enigma2 writes them: `type:flags:stype:SID:TSID:ONID:namespace:0:0:0:`, hex without leading zeros. */

export interface DvbTriplet {
  readonly sid: number;
  readonly tsid: number;
  readonly onid: number;
  readonly namespace: number;
}

/** 19.2° East: the orbital position times ten in the high half. */
export const NAMESPACE_19E2 = 0xc00000;

const hex = (value: number): string => value.toString(16).toUpperCase();

export function serviceRef(stype: number, triplet: DvbTriplet): string {
  return `1:0:${[stype, triplet.sid, triplet.tsid, triplet.onid, triplet.namespace].map(hex).join(':')}:0:0:0:`;
}

/** The form everything here is keyed by: ten fields, upper case, a colon at the end, no name. Tolerates %3a. */
export function canonicalRef(text: string): string {
  const plain = text.replace(/%3a/gi, ':');
  return `${plain.toUpperCase().split(':').slice(0, 10).join(':')}:`;
}

/** Services with the same key lie on one transponder and share a tuner. */
export function transponderKey(triplet: Pick<DvbTriplet, 'tsid' | 'onid' | 'namespace'>): string {
  return [triplet.namespace, triplet.tsid, triplet.onid].map(hex).join(':');
}

/** The name of the picon's file without its ending. */
export function piconName(ref: string): string {
  return canonicalRef(ref).replace(/:$/, '').replaceAll(':', '_');
}
