import { deflateSync } from 'node:zlib';

const WIDTH = 100;
const HEIGHT = 60;

/** CRC-32 of PNG: reflected, unlike MPEG's. Spec: ISO/IEC 15948:2004, Annex D. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

/** A logo of one colour, a different one for every number. Spec: ISO/IEC 15948:2004 (PNG). */
export function picon(seed: number): Buffer {
  const colour = [(seed * 67) % 200, (seed * 131) % 200, (seed * 29) % 200];
  const row = Buffer.concat([Buffer.from([0]), Buffer.from(Array.from({ length: WIDTH }, () => colour).flat())]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(WIDTH, 0);
  header.writeUInt32BE(HEIGHT, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: HEIGHT }, () => row)))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
