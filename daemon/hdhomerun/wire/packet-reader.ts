import { XgError } from '#shared/errors.ts';
import { MAX_PACKET_SIZE, type Packet, packetSizeAt, parsePacket } from './packet.ts';

/**
 * Packets out of a TCP stream, however it is cut into segments. Keeps less than one packet; a length above the protocol's
 * own limit is refused before any of it is kept.
 */
export class PacketReader {
  readonly #onPacket: (packet: Packet) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onPacket: (packet: Packet) => void) {
    this.#onPacket = onPacket;
  }

  /** Bytes of a packet that is not whole yet. */
  get pendingBytes(): number {
    return this.#rest.length;
  }

  /** @throws XgError `HDHR_PACKET` for a length that cannot be, or a wrong CRC: whatever follows cannot be trusted. */
  push(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    for (let size = packetSizeAt(all, at); size !== null; size = packetSizeAt(all, at)) {
      if (size > MAX_PACKET_SIZE) {
        throw new XgError('HDHR_PACKET', `A packet of ${size} bytes; the protocol allows ${MAX_PACKET_SIZE}`);
      }
      if (all.length - at < size) break;
      const packet = parsePacket(all.subarray(at, at + size));
      if (packet === null) throw new XgError('HDHR_PACKET', 'The CRC of a packet is wrong');
      at += size;
      this.#onPacket(packet);
    }
    this.#rest = Buffer.from(all.subarray(at)); // a copy: the segment's memory is not kept
  }
}
