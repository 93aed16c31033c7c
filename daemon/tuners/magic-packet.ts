import { createSocket } from 'node:dgram';
import { XgError } from '#shared/errors.ts';

const SYNC = Buffer.alloc(6, 0xff);
const REPEATS = 16;
/** A datagram may be lost, and nobody says so. */
const SENDINGS = 3;

/**
 * Six bytes 0xff, then the hardware address sixteen times.
 *
 * @throws XgError `MAC_INVALID`.
 */
export function magicPacket(mac: string): Buffer {
  if (!/^[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}$/i.test(mac)) {
    throw new XgError('MAC_INVALID', `"${mac}" is no hardware address such as 00:1d:ec:01:02:03`);
  }
  const address = Buffer.from(mac.replace(/[:-]/g, ''), 'hex');
  return Buffer.concat([SYNC, ...Array.from({ length: REPEATS }, () => address)]);
}

export interface WakeTarget {
  /** A broadcast address: the box itself does not answer ARP while it sleeps. */
  readonly host: string;
  readonly port: number;
}

/** Sends the magic packet. @throws XgError `WAKE_FAILED` when it could not be sent. */
export async function sendMagicPacket(mac: string, target: WakeTarget): Promise<void> {
  const packet = magicPacket(mac);
  const socket = createSocket(target.host.includes(':') ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(0, () => {
        socket.setBroadcast(true);
        resolve();
      });
    });
    for (let sending = 0; sending < SENDINGS; sending++) {
      await new Promise<void>((resolve, reject) => {
        socket.send(packet, target.port, target.host, (error) => (error === null ? resolve() : reject(error)));
      });
    }
  } catch (cause) {
    const text = `The packet that wakes the receiver could not be sent to ${target.host}:${target.port}`;
    throw new XgError('WAKE_FAILED', text, { cause });
  } finally {
    socket.close();
  }
}
