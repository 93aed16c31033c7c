import { createHash } from 'node:crypto';

/**
 * What a service reference points at.
 * - `dvb`: a broadcast service, also one behind the stream relay
 * - `iptv`: a URL that the box plays itself
 * - `alternatives`: a group of services of which the box takes the first that can be tuned (1:134)
 * - `bouquet`: a bouquet or sub-bouquet (1:7); `marker`: a heading line (1:64 and its relatives)
 * - `directory`: any other container; `file`: a recording; `other`: what none of these rules names
 */
export type ReferenceKind = 'dvb' | 'iptv' | 'alternatives' | 'bouquet' | 'marker' | 'directory' | 'file' | 'other';

/** The parts of an Enigma2 service reference; all numbers come from hexadecimal fields except `type` and `flags`. */
export interface ServiceReference {
  readonly kind: ReferenceKind;
  /** The ten numeric fields as the box writes them, joined, with the trailing colon. */
  readonly base: string;
  /** Player type: 1 DVB, 4097/5001/5002/5003 other players. */
  readonly type: number;
  readonly flags: number;
  /** DVB service type: 0x01 SD, 0x02 and 0x0a radio, 0x19 HD, 0x1f UHD. */
  readonly stype: number;
  readonly sid: number;
  readonly tsid: number;
  readonly onid: number;
  /** Enigma2's own field: orbital position (or FFFF for cable, EEEE for terrestrial) in the high half. */
  readonly namespace: number;
  /** `%3a` decoded; empty when the reference has none. A URL for `iptv`, a FROM BOUQUET clause for containers. */
  readonly path: string;
  /** The name after the path; empty when there is none. */
  readonly name: string;
}

export const FLAG = {
  directory: 1,
  mustDescend: 2,
  canDescend: 4,
  marker: 64,
  group: 128,
  numberedMarker: 256,
  invisible: 512,
} as const;

const RADIO_SERVICE_TYPES = new Set([0x02, 0x0a]);
const RELAY_URL = /^https?:\/\/(?:127\.\d+\.\d+\.\d+|localhost|\[::1\]):17999\/(.+)$/i;
const NUMERIC_FIELDS = 10;

/**
 * Parses `type:flags:stype:SID:TSID:ONID:namespace:PSID:PTSID:unused:[path][:name]`. Null for a text that is not one:
 * fewer than ten fields, or a field that is no number.
 */
export function parseServiceReference(text: string): ServiceReference | null {
  const trimmed = text.trim();
  const fields = trimmed.split(':', NUMERIC_FIELDS);
  if (fields.length < NUMERIC_FIELDS) return null;
  const [type = '', flags = '', ...hexFields] = fields;
  if (!/^\d{1,10}$/.test(type) || !/^\d{1,10}$/.test(flags)) return null;
  if (!hexFields.every((field) => /^[0-9a-f]{1,8}$/i.test(field))) return null;

  const rest = trimmed.slice(fields.join(':').length + 1);
  const { path, name } = splitPathAndName(rest);
  const [stype = 0, sid = 0, tsid = 0, onid = 0, namespace = 0] = hexFields.map((field) => Number.parseInt(field, 16));
  const numbers = { type: Number(type), flags: Number(flags), stype, sid, tsid, onid, namespace };

  const relayed = RELAY_URL.exec(path);
  if (relayed?.[1] !== undefined) {
    const inner = parseServiceReference(relayed[1]);
    if (inner?.kind === 'dvb') return { ...inner, name: name === '' ? inner.name : name };
  }
  return {
    ...numbers,
    kind: kindOf(numbers, path),
    base: `${[type, flags, ...hexFields.map((field) => field.toUpperCase())].join(':')}:`,
    path,
    name,
  };
}

/** The colon separates path and name; inside a URL it is written `%3a`, but hand-made bouquets often forget that. */
function splitPathAndName(rest: string): { path: string; name: string } {
  const bareUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(rest);
  const cut = bareUrl ? lastNameColon(rest) : rest.indexOf(':');
  const path = cut < 0 ? rest : rest.slice(0, cut);
  const name = cut < 0 ? '' : rest.slice(cut + 1);
  return { path: decodeColons(path), name: decodeColons(name).trim() };
}

function lastNameColon(url: string): number {
  const cut = url.lastIndexOf(':');
  const after = url.slice(cut + 1);
  return after.startsWith('//') || /^\d{1,5}(?:\/|$)/.test(after) ? -1 : cut;
}

function decodeColons(text: string): string {
  return text.replace(/%3a/gi, ':');
}

function kindOf(numbers: { type: number; flags: number; sid: number }, path: string): ReferenceKind {
  const { type, flags, sid } = numbers;
  if ((flags & FLAG.marker) !== 0) return 'marker';
  if ((flags & FLAG.group) !== 0) return 'alternatives';
  if ((flags & FLAG.directory) !== 0) return /FROM BOUQUET/i.test(path) ? 'bouquet' : 'directory';
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return 'iptv';
  if (path.startsWith('/')) return 'file';
  if (type === 1 && sid !== 0) return 'dvb';
  return 'other';
}

export function isRadioReference(ref: ServiceReference): boolean {
  return RADIO_SERVICE_TYPES.has(ref.stype);
}

/** Services with the same key share one demodulator. Null for what is not broadcast. */
export function transponderKey(ref: ServiceReference): string | null {
  if (ref.kind !== 'dvb') return null;
  return [ref.namespace, ref.tsid, ref.onid].map(hex).join(':');
}

/**
 * The stable id of a channel: `<namespace>-<onid>-<tsid>-<sid>` in lower-case hex. It survives renames and re-sorts, and
 * does not depend on the service type. A channel from a URL gets `iptv-` and 12 hex digits of the URL's SHA-256.
 */
export function channelId(ref: ServiceReference): string {
  if (ref.kind === 'iptv') return `iptv-${createHash('sha256').update(ref.path).digest('hex').slice(0, 12)}`;
  return [ref.namespace, ref.onid, ref.tsid, ref.sid].map(hex).join('-');
}

/** The reference as the box wants it in a query: ten fields with a trailing colon, for a URL its escaped path as well. */
export function requestReference(ref: ServiceReference): string {
  if (ref.path === '') return ref.base;
  return ref.kind === 'iptv' ? `${ref.base}${ref.path.replaceAll(':', '%3a')}:` : `${ref.base}${ref.path}`;
}

function hex(value: number): string {
  return value.toString(16);
}
