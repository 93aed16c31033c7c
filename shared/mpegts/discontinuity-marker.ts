/**
 * Says in the stream itself that it was interrupted, so that players do not take the gap for loss.
 *
 * Spec: ISO/IEC 13818-1:2019, 2.4.3.5, discontinuity_indicator: in a packet that has it set the continuity_counter may be
 * any, and on the PCR PID the next PCR is of a new time base.
 */
import { hasPcr, pcrAt, setDiscontinuityIndicator, writePcrPacket } from './adaptation-field.ts';
import { continuityAt, hasPayload, hasPayloadStart, PACKET_SIZE, pidAt, writePacketHeader } from './packet.ts';
import type { Pid } from './types.ts';

/**
 * After `begin`, each PID goes on with a PES packet or section of its own start: what is left of a broken one is dropped
 * (a PCR in it is kept). The packet that goes on carries the discontinuity_indicator, or one without payload before it
 * does; so does the first packet with a PCR. Costs nothing before the first `begin` and one look-up per packet after it.
 */
export class DiscontinuityMarker {
  #awaited: Uint8Array | null = null;
  #clockAwaited = false;

  /** The packets that follow are not the successors of those before. */
  begin(): void {
    this.#awaited ??= new Uint8Array(0x2000);
    this.#awaited.fill(1);
    this.#clockAwaited = true;
  }

  /** Whole packets with the marks put in: the buffer itself where there is nothing to mark, else a copy. */
  push(packets: Buffer): Buffer {
    const awaited = this.#awaited;
    if (awaited === null) return packets;
    let marked: Buffer[] | null = null;
    let run = 0;
    for (let at = 0; at + PACKET_SIZE <= packets.length; at += PACKET_SIZE) {
      const pid = pidAt(packets, at);
      if (awaited[pid] === 0 && !(this.#clockAwaited && hasPcr(packets, at))) continue;
      marked ??= [];
      if (at > run) marked.push(packets.subarray(run, at));
      marked.push(...this.#mark(packets.subarray(at, at + PACKET_SIZE), pid, awaited));
      run = at + PACKET_SIZE;
    }
    if (marked === null) return packets;
    if (packets.length > run) marked.push(packets.subarray(run));
    return Buffer.concat(marked);
  }

  #mark(source: Buffer, pid: Pid, awaited: Uint8Array): Buffer[] {
    const pcr = pcrAt(source, 0);
    if (awaited[pid] === 1 && !hasPayloadStart(source, 0)) {
      if (pcr === null) return [];
      this.#clockAwaited = false;
      const clock = Buffer.allocUnsafe(PACKET_SIZE);
      writePcrPacket(clock, 0, pid, continuityAt(source, 0), pcr, true);
      return [clock];
    }
    const goesOn = awaited[pid] === 1;
    awaited[pid] = 0;
    if (pcr !== null) this.#clockAwaited = false;
    const packet = Buffer.from(source); // copy: the source's packets may be shared
    if (setDiscontinuityIndicator(packet, 0)) return [packet];
    return goesOn
      ? [announcement(pid, hasPayload(packet, 0) ? continuityAt(packet, 0) - 1 : continuityAt(packet, 0)), packet]
      : [packet];
  }
}

/** A packet that says no more than that the counter of the next one is `counter` + 1. */
function announcement(pid: Pid, counter: number): Buffer {
  const packet = Buffer.alloc(PACKET_SIZE, 0xff); // stuffing_byte
  writePacketHeader(packet, 0, pid, false, 2, counter);
  packet[4] = 183; // adaptation_field_length
  packet[5] = 0x80; // discontinuity_indicator
  return packet;
}
