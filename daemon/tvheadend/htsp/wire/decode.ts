import {
  brokenMessage,
  FIELD_BINARY,
  FIELD_BOOLEAN,
  FIELD_DOUBLE,
  FIELD_HEADER,
  FIELD_LIST,
  FIELD_MAP,
  FIELD_S64,
  FIELD_STRING,
  FIELD_UUID,
  type HtsMap,
  type HtsValue,
} from './message.ts';

export interface DecodeLimits {
  /** Maps and lists within each other. */
  readonly depth: number;
  /** In the whole message. */
  readonly fields: number;
}

/** More than any client's message has: the largest are those of recording rules, with a dozen fields. */
export const REQUEST_LIMITS: DecodeLimits = { depth: 8, fields: 1024 };

/**
 * Reads the fields of one message (without its length). Of equal names the first counts, as in Tvheadend. Strings are
 * UTF-8 up to a NUL if there is one; binary data are copied. Integers beyond 2^53 lose their last bits.
 *
 * @throws XgError `HTSP_BROKEN`: a length that runs past its container, an unknown type, too deep, too many fields.
 */
export function decodeMessage(bytes: Uint8Array, limits: DecodeLimits = REQUEST_LIMITS): HtsMap {
  const decoder = new Decoder(bytes, limits);
  return decoder.map(0, bytes.length, 1);
}

class Decoder {
  readonly #bytes: Buffer;
  readonly #limits: DecodeLimits;
  #fields = 0;

  constructor(bytes: Uint8Array, limits: DecodeLimits) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#limits = limits;
  }

  map(start: number, end: number, depth: number): HtsMap {
    // Without a prototype: a field may have any name.
    const map: Record<string, HtsValue> = Object.create(null);
    this.#each(start, end, depth, (name, value) => {
      if (!Object.hasOwn(map, name)) map[name] = value;
    });
    return map;
  }

  #list(start: number, end: number, depth: number): HtsValue[] {
    const list: HtsValue[] = [];
    this.#each(start, end, depth, (_, value) => list.push(value));
    return list;
  }

  #each(start: number, end: number, depth: number, take: (name: string, value: HtsValue) => void): void {
    if (depth > this.#limits.depth) throw brokenMessage(`more than ${this.#limits.depth} maps within each other`);
    const bytes = this.#bytes;
    let at = start;
    while (at < end) {
      if (++this.#fields > this.#limits.fields) throw brokenMessage(`more than ${this.#limits.fields} fields`);
      if (end - at < FIELD_HEADER) throw brokenMessage('a field is cut off', { at });
      const type = bytes.readUInt8(at); // type
      const nameLength = bytes.readUInt8(at + 1); // name length
      const dataLength = bytes.readUInt32BE(at + 2); // data length
      const nameAt = at + FIELD_HEADER;
      const dataAt = nameAt + nameLength;
      if (dataLength > end - dataAt) throw brokenMessage('a field is longer than what holds it', { at, dataLength });
      const name = bytes.toString('utf8', nameAt, dataAt);
      at = dataAt + dataLength;
      take(name, this.#value(type, dataAt, at, depth));
    }
  }

  #value(type: number, start: number, end: number, depth: number): HtsValue {
    switch (type) {
      case FIELD_MAP:
        return this.map(start, end, depth + 1);
      case FIELD_LIST:
        return this.#list(start, end, depth + 1);
      case FIELD_S64:
        return this.#integer(start, end);
      case FIELD_STRING: {
        const nul = this.#bytes.subarray(start, end).indexOf(0);
        return this.#bytes.toString('utf8', start, nul < 0 ? end : start + nul);
      }
      case FIELD_BINARY:
      case FIELD_UUID:
        return Buffer.from(this.#bytes.subarray(start, end)); // copy
      case FIELD_DOUBLE:
        if (end - start !== 8) throw brokenMessage('a double is not 8 bytes long');
        return this.#bytes.readDoubleLE(start);
      case FIELD_BOOLEAN:
        if (end - start > 1) throw brokenMessage('a boolean is longer than a byte');
        return end > start && this.#bytes.readUInt8(start) !== 0;
      default:
        throw brokenMessage(`a field of unknown type ${type}`);
    }
  }

  #integer(start: number, end: number): number {
    const length = end - start;
    if (length > 8) throw brokenMessage('an integer is longer than 8 bytes');
    if (length === 8) return Number(this.#bytes.readBigInt64LE(start));
    let value = 0;
    for (let at = end - 1; at >= start; at--) value = value * 256 + this.#bytes.readUInt8(at);
    return value;
  }
}
