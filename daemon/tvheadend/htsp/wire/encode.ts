import {
  FIELD_BINARY,
  FIELD_BOOLEAN,
  FIELD_DOUBLE,
  FIELD_HEADER,
  FIELD_LIST,
  FIELD_MAP,
  FIELD_S64,
  FIELD_STRING,
  type HtsMap,
  type HtsValue,
  isHtsMap,
  LENGTH_BYTES,
} from './message.ts';

/** A whole message, its length in front. */
export function encodeMessage(message: HtsMap): Buffer {
  const body = mapLength(message);
  const bytes = Buffer.allocUnsafe(LENGTH_BYTES + body);
  bytes.writeUInt32BE(body, 0);
  writeMap(bytes, LENGTH_BYTES, message);
  return bytes;
}

/**
 * A message whose last field is binary data that follow on their own: they go to many clients and are not copied. What
 * is given back is all that stands before them.
 */
export function encodeMessageBefore(message: HtsMap, name: string, dataLength: number): Buffer {
  const body = mapLength(message);
  const head = LENGTH_BYTES + body + FIELD_HEADER + name.length;
  const bytes = Buffer.allocUnsafe(head);
  bytes.writeUInt32BE(head - LENGTH_BYTES + dataLength, 0);
  const at = writeMap(bytes, LENGTH_BYTES, message);
  writeHeader(bytes, at, FIELD_BINARY, name, dataLength);
  return bytes;
}

function mapLength(map: HtsMap): number {
  let length = 0;
  for (const name in map) {
    const value = map[name];
    if (value !== undefined) length += FIELD_HEADER + Buffer.byteLength(name) + dataLength(value);
  }
  return length;
}

function dataLength(value: HtsValue): number {
  if (typeof value === 'number') return Number.isInteger(value) ? integerLength(value) : 8;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Uint8Array) return value.length;
  if (isHtsMap(value)) return mapLength(value);
  let length = 0;
  for (const item of value) length += FIELD_HEADER + dataLength(item);
  return length;
}

function integerLength(value: number): number {
  if (value < 0) return 8;
  let length = 0;
  for (let rest = value; rest >= 1; rest /= 256) length++;
  return length;
}

function writeMap(bytes: Buffer, start: number, map: HtsMap): number {
  let at = start;
  for (const name in map) {
    const value = map[name];
    if (value !== undefined) at = writeField(bytes, at, name, value);
  }
  return at;
}

function writeField(bytes: Buffer, start: number, name: string, value: HtsValue): number {
  const length = dataLength(value);
  let at = writeHeader(bytes, start, fieldType(value), name, length);
  if (typeof value === 'number') writeNumber(bytes, at, value, length);
  else if (typeof value === 'string') bytes.write(value, at, 'utf8');
  else if (typeof value === 'boolean') bytes.fill(1, at, at + length);
  else if (value instanceof Uint8Array) bytes.set(value, at);
  else if (isHtsMap(value)) writeMap(bytes, at, value);
  else for (const item of value) at = writeField(bytes, at, '', item);
  return start + FIELD_HEADER + Buffer.byteLength(name) + length;
}

function writeHeader(bytes: Buffer, at: number, type: number, name: string, length: number): number {
  const nameLength = Buffer.byteLength(name);
  bytes[at] = type; // type
  bytes[at + 1] = nameLength; // name length
  bytes.writeUInt32BE(length, at + 2); // data length
  bytes.write(name, at + FIELD_HEADER, 'utf8'); // name
  return at + FIELD_HEADER + nameLength;
}

function writeNumber(bytes: Buffer, at: number, value: number, length: number): void {
  if (!Number.isInteger(value)) bytes.writeDoubleLE(value, at);
  else if (value < 0) bytes.writeBigInt64LE(BigInt(value), at);
  else {
    let rest = value;
    for (let index = 0; index < length; index++) {
      bytes[at + index] = rest % 256;
      rest = Math.floor(rest / 256);
    }
  }
}

function fieldType(value: HtsValue): number {
  if (typeof value === 'number') return Number.isInteger(value) ? FIELD_S64 : FIELD_DOUBLE;
  if (typeof value === 'string') return FIELD_STRING;
  if (typeof value === 'boolean') return FIELD_BOOLEAN;
  if (value instanceof Uint8Array) return FIELD_BINARY;
  return isHtsMap(value) ? FIELD_MAP : FIELD_LIST;
}
