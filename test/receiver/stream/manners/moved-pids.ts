import { continuityAt, hasPayloadStart, PACKET_SIZE, payloadOffset, pidAt } from '#shared/mpegts/packet.ts';
import { buildPmt, parsePmt } from '#shared/mpegts/pmt.ts';
import { packetizeSection } from '#shared/mpegts/section.ts';
import { asPid, asSectionVersion } from '#shared/mpegts/types.ts';
import { type Manner, unharmed } from './manner.ts';

/** Far enough to meet no PID of the same service. */
const MOVED_BY = 0x200;

/** From the next PMT on: its next version, every elementary stream and the PCR on another PID. */
export function movedPids(pmtPid: number): Manner {
  let moved: ReadonlySet<number> | null = null;
  return (packets) => {
    for (let at = 0; at + PACKET_SIZE <= packets.length; at += PACKET_SIZE) {
      const pid = pidAt(packets, at);
      if (pid === pmtPid) moved = movePmt(packets, at) ?? moved;
      else if (moved?.has(pid) === true)
        packets.writeUInt16BE((packets.readUInt16BE(at + 1) & 0xe000) | movedPid(pid), at + 1);
    }
    return unharmed(packets);
  };
}

const movedPid = (pid: number): number => pid + MOVED_BY;

/** Rewrites a PMT that fits one packet; the PIDs it named before. */
function movePmt(packets: Buffer, at: number): ReadonlySet<number> | null {
  const start = payloadOffset(packets, at);
  if (!hasPayloadStart(packets, at) || start === null) return null;
  const section = start + 1; // behind the pointer_field
  const length = 3 + (packets.readUInt16BE(section + 1) & 0x0fff); // section_length
  const pmt = parsePmt(packets.subarray(section, section + length));
  if (pmt === null) return null;
  const streams = pmt.streams.map((stream) => ({ ...stream, pid: asPid(movedPid(stream.pid)) }));
  const version = asSectionVersion((pmt.header.version + 1) & 0x1f);
  const next = buildPmt({ ...pmt, pcrPid: asPid(movedPid(pmt.pcrPid)), streams }, version);
  packetizeSection(next, asPid(pidAt(packets, at)), continuityAt(packets, at)).copy(packets, at);
  return new Set([...pmt.streams.map((stream) => stream.pid), pmt.pcrPid]);
}
