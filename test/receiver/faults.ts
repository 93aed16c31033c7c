import { PACKET_SIZE } from '#shared/mpegts/packet.ts';

/**
 * What can be wrong with the box.
 * - `off`: connections are refused by closing them at once
 * - `unauthorized`: 401 to every request of the web interface
 * - `html`: a web page where JSON was asked for
 * - `truncated`: half of each body
 * - `slow`: answers after 3 s
 * - `latin1`: bodies in ISO-8859-1 without saying so
 * - `traceback`: status 500 and a Python traceback
 * - `xml-only`: an old image, on which the JSON calls are unknown (404)
 * - `bouquet-missing`: the second TV bouquet cannot be read
 * - `stream-text`: a status line in the stream's body, then the end (no tuner)
 * - `stream-empty`: the stream ends without a byte (no lock)
 * - `stream-hang`: never a byte
 * - `stream-loss`: every 500th packet is missing
 * - `stream-junk`: 100 bytes of junk between packets now and then
 * - `stream-tei`: every 500th packet has its transport_error_indicator set
 */
export const FAULTS = [
  'off',
  'unauthorized',
  'html',
  'truncated',
  'slow',
  'latin1',
  'traceback',
  'xml-only',
  'bouquet-missing',
  'stream-text',
  'stream-empty',
  'stream-hang',
  'stream-loss',
  'stream-junk',
  'stream-tei',
] as const;
export type Fault = (typeof FAULTS)[number];

const EVERY = 500;
const JUNK = Buffer.alloc(100, 0x55);

/** What a fault does to the packets of one connection; null when it does nothing to them. */
export function packetDamage(fault: Fault | null): ((packets: Buffer) => Buffer) | null {
  if (fault !== 'stream-loss' && fault !== 'stream-junk' && fault !== 'stream-tei') return null;
  let count = 0;
  return (packets) => {
    const parts: Buffer[] = [];
    for (let at = 0; at < packets.length; at += PACKET_SIZE) {
      const packet = packets.subarray(at, at + PACKET_SIZE);
      if (++count % EVERY !== 0) parts.push(packet);
      else if (fault === 'stream-junk') parts.push(packet, JUNK);
      else if (fault === 'stream-tei') {
        packet[1] = (packet[1] ?? 0) | 0x80;
        parts.push(packet);
      }
    }
    return Buffer.concat(parts);
  };
}
