/**
 * Messages of HTSP, the protocol of Tvheadend's clients: maps of named fields in a binary form of its own ("htsmsg").
 *
 * A message on the wire is its length (32 bits, big-endian) and that many bytes of fields; a field is
 * `type` 8, `name length` 8, `data length` 32 (big-endian), name, data. Fields of a list have no name.
 */
import { XgError } from '#shared/errors.ts';

/** What a field can hold. Booleans and UUIDs are only read: what is sent says flags as numbers 0 and 1, as Tvheadend does. */
export type HtsValue = number | string | boolean | Uint8Array | HtsMap | readonly HtsValue[];

/** A map's fields by name; `undefined` is left out when it is sent. */
export interface HtsMap {
  readonly [name: string]: HtsValue | undefined;
}

export const FIELD_MAP = 1;
/** Signed 64 bits: little-endian, as short as they can be, zero has no byte, a negative number eight. */
export const FIELD_S64 = 2;
export const FIELD_STRING = 3;
export const FIELD_BINARY = 4;
export const FIELD_LIST = 5;
export const FIELD_DOUBLE = 6;
export const FIELD_BOOLEAN = 7;
export const FIELD_UUID = 8;

/** Bytes before a field's name. */
export const FIELD_HEADER = 6;
/** Bytes of a message's length. */
export const LENGTH_BYTES = 4;

/** The bytes are no message: the connection cannot be trusted further. */
export function brokenMessage(what: string, data: Record<string, unknown> = {}): XgError {
  return new XgError('HTSP_BROKEN', `not an HTSP message: ${what}`, { data });
}

/** Which of the wire's types a value travels as. */
export function isHtsMap(value: HtsValue): value is HtsMap {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);
}
