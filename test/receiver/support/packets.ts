/** What tests ask of a piece of transport stream, beyond what the checker of TR 101 290 reports. */
import { hasPayloadStart, PACKET_SIZE, payloadOffset, pidAt, scramblingAt } from '#shared/mpegts/packet.ts';
import { type Pat, parsePat } from '#shared/mpegts/pat.ts';
import { type ParsedPmt, parsePmt } from '#shared/mpegts/pmt.ts';
import { PID_PAT } from '#shared/mpegts/types.ts';

/** Offsets of all whole packets. */
export function* packetsOf(bytes: Uint8Array): Generator<number> {
  for (let offset = 0; offset + PACKET_SIZE <= bytes.length; offset += PACKET_SIZE) yield offset;
}

export function pidsOf(bytes: Uint8Array): Set<number> {
  return new Set(Array.from(packetsOf(bytes), (offset) => pidAt(bytes, offset)));
}

/** PIDs with a packet whose transport_scrambling_control is set, and PIDs with one where it is not, in order. */
export function scramblingOf(bytes: Uint8Array): { scrambled: number[]; clear: number[] } {
  const scrambled = new Set<number>();
  const clear = new Set<number>();
  for (const offset of packetsOf(bytes)) {
    (scramblingAt(bytes, offset) === 0 ? clear : scrambled).add(pidAt(bytes, offset));
  }
  const inOrder = (pids: Set<number>): number[] => [...pids].sort((a, b) => a - b);
  return { scrambled: inOrder(scrambled), clear: inOrder(clear) };
}

/** The first section of a PID; the demo's tables fit one packet. */
function firstSection(bytes: Uint8Array, pid: number): Uint8Array | null {
  for (const offset of packetsOf(bytes)) {
    if (pidAt(bytes, offset) !== pid || !hasPayloadStart(bytes, offset)) continue;
    const section = (payloadOffset(bytes, offset) ?? offset) + 1; // behind the pointer_field
    const length = 3 + (((bytes[section + 1] ?? 0) & 0x0f) << 8) + (bytes[section + 2] ?? 0);
    return bytes.subarray(section, section + length);
  }
  return null;
}

export function firstPat(bytes: Uint8Array): Pat | null {
  const section = firstSection(bytes, PID_PAT);
  return section === null ? null : parsePat(section);
}

export function firstPmt(bytes: Uint8Array, pmtPid: number): ParsedPmt | null {
  const section = firstSection(bytes, pmtPid);
  return section === null ? null : parsePmt(section);
}
