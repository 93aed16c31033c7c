import { isUtf8 } from 'node:buffer';

/** The `Authorization` header of a request. Spec: RFC 9110, 11.6.2 Authorization. */

export type Credentials =
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'basic'; readonly name: string; readonly password: string }
  | { readonly scheme: 'digest'; readonly fields: DigestFields };

/** Spec: RFC 7616, 3.4 The Authorization Header Field. */
export interface DigestFields {
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  readonly response: string;
  readonly algorithm: DigestAlgorithm;
  readonly qop: 'auth';
  /** As it was written: it is part of what is hashed. */
  readonly nc: string;
  readonly cnonce: string;
}

export type DigestAlgorithm = 'SHA-256' | 'MD5';

/** Longer than any of ours; a name, a password and an address fit. */
const MAX_HEADER = 4096;

/** Null for what is absent, of another scheme, or not well formed. */
export function parseAuthorization(header: string | undefined): Credentials | null {
  if (header === undefined || header.length > MAX_HEADER) return null;
  const [, scheme = '', rest = ''] = /^([a-z]+) +(.+)$/i.exec(utf8(header.trim())) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { scheme: 'bearer', token: rest };
    case 'basic':
      return parseBasic(rest);
    case 'digest':
      return parseDigest(rest);
    default:
      return null;
  }
}

/** Node reads the bytes of a header as Latin-1; names come in UTF-8, as `charset` of our challenges asks. */
function utf8(header: string): string {
  const bytes = Buffer.from(header, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : header;
}

/** Spec: RFC 7617, 2 The 'Basic' Authentication Scheme. */
function parseBasic(encoded: string): Credentials | null {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { scheme: 'basic', name: text.slice(0, colon), password: text.slice(colon + 1) };
}

const PARAMETER = /\s*([a-z*]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))\s*(?:,|$)/giy;

function parseDigest(text: string): Credentials | null {
  const values = new Map<string, string>();
  let end = 0;
  for (const match of text.matchAll(PARAMETER)) {
    values.set((match[1] ?? '').toLowerCase(), match[2]?.replace(/\\(.)/g, '$1') ?? match[3] ?? '');
    end = match.index + match[0].length;
  }
  if (end !== text.length) return null;
  const username = values.get('username') ?? extendedName(values.get('username*'));
  const algorithm = ALGORITHMS.get((values.get('algorithm') ?? 'MD5').toUpperCase());
  const [realm, nonce, uri, response, nc, cnonce] = REQUIRED.map((name) => values.get(name));
  if (username === null || algorithm === undefined || values.get('qop') !== 'auth') return null;
  if (realm === undefined || nonce === undefined || uri === undefined || response === undefined) return null;
  if (nc === undefined || !/^[0-9a-f]{8}$/i.test(nc) || cnonce === undefined) return null;
  return { scheme: 'digest', fields: { username, realm, nonce, uri, response, algorithm, qop: 'auth', nc, cnonce } };
}

const REQUIRED = ['realm', 'nonce', 'uri', 'response', 'nc', 'cnonce'];
const ALGORITHMS: ReadonlyMap<string, DigestAlgorithm> = new Map([
  ['MD5', 'MD5'],
  ['SHA-256', 'SHA-256'],
]);

/** `UTF-8''J%C3%BCrgen`. Spec: RFC 8187, 3.2.1. */
function extendedName(value: string | undefined): string | null {
  const encoded = /^utf-8'[^']*'(.*)$/i.exec(value ?? '')?.[1];
  if (encoded === undefined) return null;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return null; // percent signs that begin no character
  }
}
