import type { PictureType } from '#shared/codec/picture.ts';
import type { AccessUnit } from '../demux/access-unit.ts';

/** One unit on disk: this much, then its bytes. Only this process reads what it wrote. */
export const RECORD_HEADER = 36;

const PICTURES: readonly (PictureType | null)[] = [null, 'I', 'P', 'B'];
const FLAG_ENTRY = 1;
const FLAG_PTS = 2;

export interface TapeRecord {
  readonly sequence: number;
  readonly unit: AccessUnit;
}

export function writeRecordHeader(
  { track, picture, isEntry, pts, dts, ticks, bytes }: AccessUnit,
  sequence: number,
): Buffer {
  const header = Buffer.allocUnsafe(RECORD_HEADER);
  header.writeUInt32LE(bytes.length, 0);
  header.writeUInt8(track, 4);
  header.writeUInt8(PICTURES.indexOf(picture), 5);
  header.writeUInt8((isEntry ? FLAG_ENTRY : 0) | (pts === null ? 0 : FLAG_PTS), 6);
  header.writeUInt8(0, 7);
  header.writeDoubleLE(pts ?? 0, 8);
  header.writeDoubleLE(dts, 16);
  header.writeUInt32LE(ticks, 24);
  header.writeDoubleLE(sequence, 28);
  return header;
}

/** Bytes of the whole record at `offset`; null when its length is not there. */
export function recordLength(bytes: Buffer, offset: number): number | null {
  return bytes.length - offset < RECORD_HEADER ? null : RECORD_HEADER + bytes.readUInt32LE(offset);
}

/** Reads a record that is there as a whole. Its bytes are a view. */
export function readRecord(bytes: Buffer, offset: number): TapeRecord {
  const length = bytes.readUInt32LE(offset);
  const flags = bytes.readUInt8(offset + 6);
  const from = offset + RECORD_HEADER;
  return {
    sequence: bytes.readDoubleLE(offset + 28),
    unit: {
      track: bytes.readUInt8(offset + 4),
      picture: PICTURES[bytes.readUInt8(offset + 5)] ?? null,
      isEntry: (flags & FLAG_ENTRY) !== 0,
      pts: (flags & FLAG_PTS) === 0 ? null : bytes.readDoubleLE(offset + 8),
      dts: bytes.readDoubleLE(offset + 16),
      ticks: bytes.readUInt32LE(offset + 24),
      bytes: bytes.subarray(from, from + length),
    },
  };
}
