/** Spec: ISO/IEC 13818-1:2019, 2.4.4.3 Program association table. */
import { u16be, writeU16be } from './bytes.ts';
import { buildSection, parseSectionHeader, SECTION_CRC, SECTION_HEAD, type SectionHeader } from './section.ts';
import type { Pid, ProgramNumber, SectionVersion } from './types.ts';

export const TABLE_PAT = 0x00;

export interface PatEntry {
  readonly program: ProgramNumber;
  readonly pmtPid: Pid;
}

export interface Pat {
  readonly transportStreamId: number;
  readonly header: SectionHeader;
  /** Programmes of this section, in order. program_number 0 (the NIT's PID) is left out. */
  readonly programs: readonly PatEntry[];
}

/** Parses a whole PAT section whose CRC has been checked; null when it is another table. */
export function parsePat(section: Uint8Array): Pat | null {
  const header = parseSectionHeader(section);
  if (header === null || header.tableId !== TABLE_PAT) return null;
  const programs: PatEntry[] = [];
  for (let at = SECTION_HEAD; at + 4 <= section.length - SECTION_CRC; at += 4) {
    const program = u16be(section, at) as ProgramNumber; // program_number
    const pmtPid = (u16be(section, at + 2) & 0x1fff) as Pid; // reserved, program_map_PID
    if (program !== 0) programs.push({ program, pmtPid });
  }
  return { transportStreamId: header.extension, header, programs };
}

/** A PAT of one section (at most 253 programmes). */
export function buildPat(transportStreamId: number, version: SectionVersion, programs: readonly PatEntry[]): Buffer {
  const body = Buffer.alloc(programs.length * 4);
  programs.forEach((entry, index) => {
    writeU16be(body, index * 4, entry.program); // program_number
    writeU16be(body, index * 4 + 2, 0xe000 | entry.pmtPid); // reserved, program_map_PID
  });
  const header = {
    tableId: TABLE_PAT,
    extension: transportStreamId,
    version,
    current: true,
    number: 0,
    lastNumber: 0,
  };
  return buildSection(header, body, false);
}
