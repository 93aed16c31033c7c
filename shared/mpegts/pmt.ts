/** Spec: ISO/IEC 13818-1:2019, 2.4.4.8 Program map table. */
import { u8, u16be, writeU16be } from './bytes.ts';
import {
  DESCRIPTOR_AAC,
  DESCRIPTOR_AC3,
  DESCRIPTOR_ENHANCED_AC3,
  DESCRIPTOR_ISO_639_LANGUAGE,
  DESCRIPTOR_REGISTRATION,
  DESCRIPTOR_SUBTITLING,
  DESCRIPTOR_TELETEXT,
  type Descriptor,
  descriptorsLength,
  parseDescriptors,
  writeDescriptors,
} from './descriptors.ts';
import {
  buildSection,
  MAX_PSI_SECTION,
  parseSectionHeader,
  SECTION_CRC,
  SECTION_HEAD,
  type SectionHeader,
} from './section.ts';
import type { Pid, ProgramNumber, SectionVersion, StreamType } from './types.ts';

export const TABLE_PMT = 0x02;

export interface PmtStream {
  readonly streamType: StreamType;
  readonly pid: Pid;
  readonly descriptors: readonly Descriptor[];
}

export interface Pmt {
  readonly program: ProgramNumber;
  /** 0x1fff when the programme has no PCR. */
  readonly pcrPid: Pid;
  readonly descriptors: readonly Descriptor[];
  readonly streams: readonly PmtStream[];
}

export interface ParsedPmt extends Pmt {
  readonly header: SectionHeader;
}

/**
 * Parses a whole PMT section whose CRC has been checked. null when it is another table or its program_info_length runs
 * past the section; a stream entry that does so is cut off with all after it.
 */
export function parsePmt(section: Uint8Array): ParsedPmt | null {
  const header = parseSectionHeader(section);
  const end = section.length - SECTION_CRC;
  if (header === null || header.tableId !== TABLE_PMT || SECTION_HEAD + 4 > end) return null;
  const pcrPid = (u16be(section, 8) & 0x1fff) as Pid; // reserved, PCR_PID
  const infoEnd = SECTION_HEAD + 4 + (u16be(section, 10) & 0x0fff); // reserved, program_info_length
  if (infoEnd > end) return null;
  const streams: PmtStream[] = [];
  let at = infoEnd;
  while (at + 5 <= end) {
    const esEnd = at + 5 + (u16be(section, at + 3) & 0x0fff); // reserved, ES_info_length
    if (esEnd > end) break;
    streams.push({
      streamType: u8(section, at) as StreamType, // stream_type
      pid: (u16be(section, at + 1) & 0x1fff) as Pid, // reserved, elementary_PID
      descriptors: parseDescriptors(section, at + 5, esEnd),
    });
    at = esEnd;
  }
  return {
    program: header.extension as ProgramNumber,
    header,
    pcrPid,
    descriptors: parseDescriptors(section, SECTION_HEAD + 4, infoEnd),
    streams,
  };
}

/** Without these a stream can't be played, or not be chosen. */
const NEEDED_DESCRIPTORS = new Set([
  DESCRIPTOR_REGISTRATION,
  DESCRIPTOR_ISO_639_LANGUAGE,
  DESCRIPTOR_TELETEXT,
  DESCRIPTOR_SUBTITLING,
  DESCRIPTOR_AC3,
  DESCRIPTOR_ENHANCED_AC3,
  DESCRIPTOR_AAC,
]);

function bodyLength(pmt: Pmt): number {
  let length = 4 + descriptorsLength(pmt.descriptors);
  for (const stream of pmt.streams) length += 5 + descriptorsLength(stream.descriptors);
  return length;
}

/**
 * Cuts a PMT down to what a section holds (2.4.4.9: section_length at most 1021): first descriptors that no player
 * needs, then all of them, then streams from the end. A PMT that came in a section and gained nothing stays whole.
 */
export function fitPmt(pmt: Pmt): Pmt {
  const room = MAX_PSI_SECTION - SECTION_HEAD - SECTION_CRC;
  if (bodyLength(pmt) <= room) return pmt;
  const keep = (wanted: (descriptor: Descriptor) => boolean): Pmt => ({
    ...pmt,
    descriptors: [],
    streams: pmt.streams.map((stream) => ({ ...stream, descriptors: stream.descriptors.filter(wanted) })),
  });
  const essential = keep(({ tag }) => NEEDED_DESCRIPTORS.has(tag));
  if (bodyLength(essential) <= room) return essential;
  const bare = keep(() => false);
  return { ...bare, streams: bare.streams.slice(0, Math.floor((room - 4) / 5)) };
}

/** A PMT of one section. The standard allows no other (2.4.4.9: section_number shall be 0). See `fitPmt`. */
export function buildPmt(pmt: Pmt, version: SectionVersion): Buffer {
  const body = Buffer.alloc(bodyLength(pmt));
  writeU16be(body, 0, 0xe000 | pmt.pcrPid); // reserved, PCR_PID
  writeU16be(body, 2, 0xf000 | descriptorsLength(pmt.descriptors)); // reserved, program_info_length
  let at = 4 + writeDescriptors(body, 4, pmt.descriptors);
  for (const stream of pmt.streams) {
    body[at] = stream.streamType; // stream_type
    writeU16be(body, at + 1, 0xe000 | stream.pid); // reserved, elementary_PID
    writeU16be(body, at + 3, 0xf000 | descriptorsLength(stream.descriptors)); // reserved, ES_info_length
    at += 5 + writeDescriptors(body, at + 5, stream.descriptors);
  }
  const header = { tableId: TABLE_PMT, extension: pmt.program, version, current: true, number: 0, lastNumber: 0 };
  return buildSection(header, body, false);
}
