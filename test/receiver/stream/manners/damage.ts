import { randomFillSync } from 'node:crypto';
import { PACKET_SIZE } from '#shared/mpegts/packet.ts';
import { type Manner, unharmed } from './manner.ts';

const EVERY = 500;
const JUNK = Buffer.alloc(100, 0x55);

/** One packet in 500 is lost, marked as broken, or followed by bytes that are no packet. */
export function packetDamage(kind: 'stream-loss' | 'stream-junk' | 'stream-tei'): Manner {
  let count = 0;
  return (packets) => {
    const parts: Buffer[] = [];
    for (let at = 0; at < packets.length; at += PACKET_SIZE) {
      const packet = packets.subarray(at, at + PACKET_SIZE);
      if (++count % EVERY !== 0) parts.push(packet);
      else if (kind === 'stream-junk') parts.push(packet, JUNK);
      else if (kind === 'stream-tei') {
        packet[1] = (packet[1] ?? 0) | 0x80;
        parts.push(packet);
      }
    }
    return unharmed(Buffer.concat(parts));
  };
}

/** As many bytes, none of them meant. */
export const garbage: Manner = (packets) => unharmed(randomFillSync(packets));
