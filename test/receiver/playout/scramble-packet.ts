import { u8 } from '#shared/mpegts/bytes.ts';
import { PACKET_SIZE, payloadOffset } from '#shared/mpegts/packet.ts';

/** Makes payloads look random, the same way each time it is begun anew. */
export class PacketScrambler {
  #random = 0x9e3779b9;

  /** @param odd which of the two keys transport_scrambling_control names. Spec: ISO/IEC 13818-1:2019, 2.4.3.3; ETSI ETR 289. */
  scramble(bytes: Uint8Array, offset: number, odd: boolean): void {
    for (let at = payloadOffset(bytes, offset) ?? offset + PACKET_SIZE; at < offset + PACKET_SIZE; at++) {
      this.#random ^= this.#random << 13;
      this.#random ^= this.#random >>> 17;
      this.#random ^= this.#random << 5;
      bytes[at] = u8(bytes, at) ^ (this.#random & 0xff);
    }
    bytes[offset + 3] = (u8(bytes, offset + 3) & 0x3f) | (odd ? 0xc0 : 0x80);
  }
}
