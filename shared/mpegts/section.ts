/**
 * Sections: assembling them from packets and cutting them into packets.
 *
 * Spec: ISO/IEC 13818-1:2019, 2.4.4 Program specific information; ETSI EN 300 468, 5.1.
 */
import { u8, u16be, writeU16be, writeU32be } from './bytes.ts';
import { crc32Mpeg } from './crc32.ts';
import { hasPayloadStart, PACKET_SIZE, payloadOffset, writePacketHeader } from './packet.ts';
import type { Pid, SectionVersion } from './types.ts';

/** 3 bytes of header and a section_length of at most 4093 (private sections; 1021 for PAT and PMT). */
export const MAX_SECTION = 4096;
export const MAX_PSI_SECTION = 1024;

/** The fields every long section (section_syntax_indicator 1) begins with. */
export interface SectionHeader {
  readonly tableId: number;
  /** table_id_extension: transport_stream_id, program_number or service_id by table. */
  readonly extension: number;
  readonly version: SectionVersion;
  /** current_next_indicator: false announces a table that is not valid yet. */
  readonly current: boolean;
  readonly number: number;
  readonly lastNumber: number;
}

/** Bytes before the table's own part, and after it (CRC_32). */
export const SECTION_HEAD = 8;
export const SECTION_CRC = 4;

/** Reads the head of a whole long section; null when it is a short one or too small to be long. */
export function parseSectionHeader(section: Uint8Array): SectionHeader | null {
  if (section.length < SECTION_HEAD + SECTION_CRC || (u8(section, 1) & 0x80) === 0) return null;
  return {
    tableId: u8(section, 0), // table_id
    extension: u16be(section, 3), // table_id_extension
    version: ((u8(section, 5) >> 1) & 0x1f) as SectionVersion, // version_number
    current: (u8(section, 5) & 1) === 1, // current_next_indicator
    number: u8(section, 6), // section_number
    lastNumber: u8(section, 7), // last_section_number
  };
}

/** Builds a whole long section around `body`, CRC included. */
export function buildSection(header: SectionHeader, body: Uint8Array, privateIndicator: boolean): Buffer {
  const section = Buffer.allocUnsafe(SECTION_HEAD + body.length + SECTION_CRC);
  const sectionLength = section.length - 3;
  section[0] = header.tableId; // table_id
  // section_syntax_indicator 1, '0' (or reserved_future_use 1 in DVB tables), reserved 3, section_length
  writeU16be(section, 1, 0x8000 | (privateIndicator ? 0x4000 : 0) | 0x3000 | sectionLength);
  writeU16be(section, 3, header.extension); // table_id_extension
  section[5] = 0xc0 | (header.version << 1) | (header.current ? 1 : 0); // reserved, version_number, current_next
  section[6] = header.number; // section_number
  section[7] = header.lastNumber; // last_section_number
  section.set(body, SECTION_HEAD);
  writeU32be(section, section.length - SECTION_CRC, crc32Mpeg(section, 0, section.length - SECTION_CRC)); // CRC_32
  return section;
}

export type SectionFault = 'crc' | 'length' | 'pointer' | 'gap';

/**
 * Collects the sections of one PID. Complete long sections with a right CRC go to `onSection` as a view that is valid
 * during the call; everything wrong is reported by kind and skipped. Holds at most 4 KiB.
 */
export class SectionAssembler {
  readonly #buffer = Buffer.allocUnsafe(MAX_SECTION);
  readonly #onSection: (section: Buffer) => void;
  readonly #onFault: (fault: SectionFault) => void;
  /** Bytes of the section collected so far; null while waiting for a payload_unit_start. */
  #filled: number | null = null;
  #continuity: number | null = null;

  constructor(onSection: (section: Buffer) => void, onFault: (fault: SectionFault) => void) {
    this.#onSection = onSection;
    this.#onFault = onFault;
  }

  /** Takes one packet of the PID. Duplicates (same counter) are skipped, a gap drops the section in work. */
  pushPacket(bytes: Uint8Array, offset: number): void {
    const payload = payloadOffset(bytes, offset);
    const end = offset + PACKET_SIZE;
    if (payload === null || payload >= end) return;
    const counter = u8(bytes, offset + 3) & 0x0f;
    if (this.#continuity !== null) {
      if (counter === this.#continuity) return;
      if (counter !== ((this.#continuity + 1) & 0x0f) && this.#filled !== null) this.#fail('gap');
    }
    this.#continuity = counter;
    if (!hasPayloadStart(bytes, offset)) {
      if (this.#filled !== null) this.#collect(bytes, payload, end, false);
      return;
    }
    const pointer = u8(bytes, payload); // pointer_field
    const start = payload + 1 + pointer;
    if (start > end) {
      this.#fail('pointer');
      return;
    }
    if (this.#filled !== null) this.#collect(bytes, payload + 1, start, false);
    if (this.#filled !== null && this.#filled > 0) this.#fail('length'); // cut off by the next section's start
    this.#filled = 0;
    this.#collect(bytes, start, end, true);
  }

  reset(): void {
    this.#filled = null;
    this.#continuity = null;
  }

  #fail(fault: SectionFault): void {
    this.#filled = null;
    this.#onFault(fault);
  }

  /** Appends bytes; `more` says that further sections may follow the first in this packet (until stuffing 0xff). */
  #collect(bytes: Uint8Array, from: number, end: number, more: boolean): void {
    let at = from;
    while (at < end && this.#filled !== null) {
      if (this.#filled === 0 && u8(bytes, at) === 0xff) {
        this.#filled = null; // stuffing until the next payload_unit_start
        return;
      }
      const wanted = this.#wanted();
      const take = Math.min(wanted - this.#filled, end - at);
      this.#buffer.set(bytes.subarray(at, at + take), this.#filled);
      this.#filled += take;
      at += take;
      if (this.#filled < 3 || this.#filled < this.#wanted()) continue;
      const length = this.#filled;
      this.#filled = more ? 0 : null;
      this.#deliver(this.#buffer.subarray(0, length));
    }
  }

  /** How many bytes the section in work has in all, or 3 until its length is known. */
  #wanted(): number {
    if (this.#filled === null || this.#filled < 3) return 3;
    return Math.min(3 + (u16be(this.#buffer, 1) & 0x0fff), MAX_SECTION);
  }

  #deliver(section: Buffer): void {
    if ((u8(section, 1) & 0x80) === 0) return; // short sections (TDT) have no CRC and no reader here
    if (section.length < SECTION_HEAD + SECTION_CRC) this.#onFault('length');
    else if (crc32Mpeg(section) !== 0) this.#onFault('crc');
    else this.#onSection(section);
  }
}

/**
 * Cuts a section into packets of `pid`, the last one stuffed with 0xff. Counters start at `continuity` and go on from
 * packet to packet; the caller adds the number of packets to its own.
 */
export function packetizeSection(section: Uint8Array, pid: Pid, continuity: number): Buffer {
  const count = Math.ceil((section.length + 1) / 184);
  const packets = Buffer.allocUnsafe(count * PACKET_SIZE);
  let at = 0;
  for (let index = 0; index < count; index++) {
    const offset = index * PACKET_SIZE;
    writePacketHeader(packets, offset, pid, index === 0, 1, continuity + index);
    let to = offset + 4;
    if (index === 0) packets[to++] = 0; // pointer_field
    const take = Math.min(section.length - at, offset + PACKET_SIZE - to);
    packets.set(section.subarray(at, at + take), to);
    packets.fill(0xff, to + take, offset + PACKET_SIZE);
    at += take;
  }
  return packets;
}
