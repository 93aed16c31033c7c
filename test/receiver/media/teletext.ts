/**
 * Teletext: page 100 and subtitle page 150, sent in turn.
 *
 * Spec: ETSI EN 300 472, 4 (PES and data field); ETSI EN 300 706, 7 (packets), 8.1 odd parity, 8.2 Hamming 8/4.
 */

import { LOOP_SECONDS } from './timing.ts';
import type { Pes } from './track-packets.ts';

const PES_EACH_SECOND = 10;
/** Lines in one PES: with header and data_identifier exactly one transport packet. */
const HEADER_DATA_LENGTH = 0x24;
const DATA_IDENTIFIER = 0x10;
const UNIT_NON_SUBTITLE = 0x02;
const UNIT_SUBTITLE = 0x03;
const UNIT_STUFFING = 0xff;

export function teletextPes(): Pes[] {
  const count = LOOP_SECONDS * PES_EACH_SECOND;
  return Array.from({ length: count }, (_, index): Pes => {
    const pts = (index * 90_000) / PES_EACH_SECOND;
    const data = Buffer.concat([Buffer.from([DATA_IDENTIFIER]), ...linesAt(index)]);
    return {
      data,
      streamId: 0xbd,
      pts,
      dts: pts,
      key: false,
      aligned: true,
      unbounded: false,
      headerDataLength: HEADER_DATA_LENGTH,
    };
  });
}

/** Page 100 takes one second, the subtitle one PES; both are closed by the next page's header. */
function linesAt(index: number): Buffer[] {
  const second = Math.floor(index / PES_EACH_SECOND);
  const clock = `${String(second).padStart(2, '0')} s`;
  switch (index % PES_EACH_SECOND) {
    case 0:
      return [
        pageHeader(UNIT_NON_SUBTITLE, 0x00, `XG2G 100 Demo-Videotext ${clock}`, false),
        row(UNIT_NON_SUBTITLE, 2, 'Dies ist die Seite 100.'),
        row(UNIT_NON_SUBTITLE, 4, `Die Schleife steht bei ${clock}`),
      ];
    case 1:
      return [row(UNIT_NON_SUBTITLE, 6, 'Untertitel auf Seite 150'), stuffing(), stuffing()];
    case 2:
      return [
        pageHeader(UNIT_SUBTITLE, 0x50, '', true),
        row(UNIT_SUBTITLE, 20, `\u000b\u000bSekunde ${clock}\u000a\u000a`),
        pageHeader(UNIT_SUBTITLE, 0xff, '', true), // page 1FF: ends the page before it
      ];
    default:
      return [stuffing(), stuffing(), stuffing()];
  }
}

function unit(id: number, line: Buffer): Buffer {
  const bytes = Buffer.alloc(46, 0xff);
  bytes[0] = id; // data_unit_id
  bytes[1] = 0x2c; // data_unit_length
  bytes[2] = 0xe0 | 0x07; // reserved, field_parity 1, line_offset 7
  bytes[3] = 0xe4; // framing_code
  for (let at = 0; at < 42; at++) bytes[4 + at] = reversed(line[at] as number);
  return bytes;
}

function stuffing(): Buffer {
  const bytes = Buffer.alloc(46, 0xff);
  bytes[0] = UNIT_STUFFING;
  bytes[1] = 0x2c;
  return bytes;
}

/** Packet 0 of magazine 1. `page`: two decimal digits as hex. */
function pageHeader(id: number, page: number, title: string, subtitle: boolean): Buffer {
  const line = Buffer.alloc(42, parity(0x20));
  address(line, 1, 0);
  line[2] = hamming(page & 0x0f); // page units
  line[3] = hamming(page >> 4); // page tens
  line[4] = hamming(0); // sub-code S1
  line[5] = hamming(0x8); // S2, C4 erase page
  line[6] = hamming(0); // S3
  line[7] = hamming(subtitle ? 0x8 : 0); // S4, C5 newsflash, C6 subtitle
  line[8] = hamming(subtitle ? 0x1 : 0); // C7 suppress header
  line[9] = hamming(0x1 | (1 << 1)); // C11 magazine serial, C12…C14 national option
  text(line, 10, title);
  return unit(id, line);
}

function row(id: number, number: number, content: string): Buffer {
  const line = Buffer.alloc(42, parity(0x20));
  address(line, 1, number);
  text(line, 2, content);
  return unit(id, line);
}

function address(line: Buffer, magazine: number, packet: number): void {
  line[0] = hamming((magazine & 7) | ((packet & 1) << 3)); // magazine, packet number bit 0
  line[1] = hamming(packet >> 1); // packet number bits 1…4
}

function text(line: Buffer, from: number, content: string): void {
  for (let at = 0; at < content.length && from + at < 42; at++) line[from + at] = parity(content.charCodeAt(at));
}

/** Odd parity in bit 8. */
function parity(code: number): number {
  let ones = 0;
  for (let bit = 0; bit < 7; bit++) ones += (code >> bit) & 1;
  return (code & 0x7f) | (ones % 2 === 0 ? 0x80 : 0);
}

/** Hamming 8/4: bits D1…D4 at 2, 4, 6, 8 and their protection at 1, 3, 5, 7, counted from the low end. */
function hamming(value: number): number {
  const d1 = value & 1;
  const d2 = (value >> 1) & 1;
  const d3 = (value >> 2) & 1;
  const d4 = (value >> 3) & 1;
  const p1 = 1 ^ d1 ^ d3 ^ d4;
  const p2 = 1 ^ d1 ^ d2 ^ d4;
  const p3 = 1 ^ d1 ^ d2 ^ d3;
  const p4 = 1 ^ p1 ^ d1 ^ p2 ^ d2 ^ p3 ^ d3 ^ d4;
  return p1 | (d1 << 1) | (p2 << 2) | (d2 << 3) | (p3 << 4) | (d3 << 5) | (p4 << 6) | (d4 << 7);
}

/** DVB sends the first bit of a teletext byte as the highest. */
function reversed(byte: number): number {
  let result = 0;
  for (let bit = 0; bit < 8; bit++) result |= ((byte >> bit) & 1) << (7 - bit);
  return result;
}
