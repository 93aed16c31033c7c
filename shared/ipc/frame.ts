/**
 * The stream socket's frames: eight bytes of header, then the payload. `docs/protocol.md` is the specification.
 *
 *   u32be payload length · u8 type · u8 flags · u16be track
 */
import { u8, u16be, u32be, writeU16be, writeU32be } from '../mpegts/bytes.ts';

export const FRAME_HEADER = 8;
/** The largest payload; checked before a byte of it is buffered. */
export const MAX_PAYLOAD = 1024 * 1024;
/** Version of the stream protocol, sent in HELLO. */
export const STREAM_PROTOCOL_VERSION = 1;
const HELLO_MAGIC = 0x58_47_32_47; // 'XG2G'

export const FRAME_TYPES = {
  hello: 0x01,
  data: 0x02,
  info: 0x03,
  init: 0x04,
  part: 0x05,
  segment: 0x06,
  discontinuity: 0x07,
  flush: 0x08,
  eos: 0x09,
  error: 0x0a,
} as const;

export type FrameType = keyof typeof FRAME_TYPES;

const TYPE_BY_NUMBER: ReadonlyMap<number, FrameType> = new Map(
  Object.entries(FRAME_TYPES).map(([name, value]) => [value, name as FrameType]),
);

export interface Frame {
  readonly type: FrameType;
  readonly flags: number;
  readonly track: number;
  /** Valid during the call that hands it over, unless its holder says it is a copy. */
  readonly payload: Buffer;
}

export interface FrameHead {
  readonly length: number;
  readonly type: FrameType | null;
  readonly typeNumber: number;
  readonly flags: number;
  readonly track: number;
}

export function parseFrameHead(bytes: Uint8Array, offset: number): FrameHead {
  const typeNumber = u8(bytes, offset + 4);
  return {
    length: u32be(bytes, offset), // payload length
    typeNumber, // type
    type: TYPE_BY_NUMBER.get(typeNumber) ?? null,
    flags: u8(bytes, offset + 5), // flags
    track: u16be(bytes, offset + 6), // track
  };
}

export function writeFrameHead(bytes: Uint8Array, offset: number, type: FrameType, length: number, track = 0): void {
  writeU32be(bytes, offset, length); // payload length
  bytes[offset + 4] = FRAME_TYPES[type]; // type
  bytes[offset + 5] = 0; // flags
  writeU16be(bytes, offset + 6, track); // track
}

/** A whole frame in one buffer. For DATA prefer `frameHead` and the payload as it is: that spares the copy. */
export function encodeFrame(type: FrameType, payload: Uint8Array = Buffer.alloc(0), track = 0): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER + payload.length);
  writeFrameHead(frame, 0, type, payload.length, track);
  frame.set(payload, FRAME_HEADER);
  return frame;
}

/** The header alone, to be written before a payload of `length` bytes. */
export function frameHead(type: FrameType, length: number, track = 0): Buffer {
  const head = Buffer.allocUnsafe(FRAME_HEADER);
  writeFrameHead(head, 0, type, length, track);
  return head;
}

export function encodeJsonFrame(type: 'info' | 'error' | 'discontinuity', value: unknown): Buffer {
  return encodeFrame(type, Buffer.from(JSON.stringify(value), 'utf8'));
}

export interface Hello {
  readonly version: number;
  /** The session token that `session.open` answered: 1…128 ASCII characters. */
  readonly token: string;
}

export function encodeHello(token: string): Buffer {
  const text = Buffer.from(token, 'latin1');
  const payload = Buffer.alloc(6 + text.length);
  writeU32be(payload, 0, HELLO_MAGIC); // magic
  payload[4] = STREAM_PROTOCOL_VERSION; // version
  payload[5] = text.length; // token length
  payload.set(text, 6); // token
  return encodeFrame('hello', payload);
}

/** null when the magic is wrong or the token is not all there; the caller judges the version. */
export function parseHello(payload: Uint8Array): Hello | null {
  if (payload.length < 7 || u32be(payload, 0) !== HELLO_MAGIC) return null;
  const length = u8(payload, 5);
  if (length === 0 || length > 128 || payload.length !== 6 + length) return null;
  return { version: u8(payload, 4), token: Buffer.from(payload.subarray(6)).toString('latin1') };
}
