import { ADTS_HEADER, writeAdtsHeader } from '#shared/codec/adts.ts';
import { writeStuffingField } from '#shared/mpegts/adaptation-field.ts';
import { PACKET_SIZE, writePacketHeader } from '#shared/mpegts/packet.ts';
import type { PacketOutput } from '#shared/mpegts/packet-output.ts';
import { PES_HEADER_WITH_PTS, writePesHeader } from '#shared/mpegts/pes-header.ts';
import type { Pid } from '#shared/mpegts/types.ts';
import type { AccessUnit } from './aac-run.ts';

/** Room for the longest access unit ADTS can frame (13-bit length) with its PES header. */
const MAX_PES = PES_HEADER_WITH_PTS + 8191;
const PAYLOAD = PACKET_SIZE - 4;

/**
 * Wraps access units as ADTS, one to a PES packet, and cuts that into packets of one PID. One unit to a PES, since a
 * second would have to be waited for: 21 ms for 14 bytes saved.
 */
export class AacPacketizer {
  readonly #pid: Pid;
  readonly #streamId: number;
  readonly #pes = Buffer.allocUnsafe(MAX_PES);
  #continuity: number;

  constructor(pid: Pid, streamId: number, firstContinuity = 0) {
    this.#continuity = firstContinuity;
    this.#pid = pid;
    this.#streamId = streamId;
  }

  /** The counter that a packet without payload repeats (2.4.3.3). */
  get lastContinuity(): number {
    return (this.#continuity + 15) & 0x0f;
  }

  writeAccessUnit(output: PacketOutput, unit: Omit<AccessUnit, 'punctual'>): void {
    const { bytes, pts, rateIndex, channelConfiguration } = unit;
    let at = writePesHeader(this.#pes, 0, this.#streamId, pts, ADTS_HEADER + bytes.length);
    writeAdtsHeader(this.#pes, at, rateIndex, channelConfiguration, bytes.length);
    at += ADTS_HEADER;
    this.#pes.set(bytes, at);
    this.#writePackets(output, at + bytes.length);
  }

  #writePackets(output: PacketOutput, length: number): void {
    const count = Math.ceil(length / PAYLOAD);
    const offset = output.reserve(count * PACKET_SIZE);
    const target = output.buffer;
    let from = 0;
    for (let index = 0; index < count; index++) {
      const packet = offset + index * PACKET_SIZE;
      const take = Math.min(PAYLOAD, length - from);
      const stuffing = PAYLOAD - take;
      writePacketHeader(target, packet, this.#pid, index === 0, stuffing > 0 ? 3 : 1, this.#continuity);
      this.#continuity = (this.#continuity + 1) & 0x0f;
      if (stuffing > 0) writeStuffingField(target, packet, stuffing - 1);
      target.set(this.#pes.subarray(from, from + take), packet + 4 + stuffing);
      from += take;
    }
  }
}
