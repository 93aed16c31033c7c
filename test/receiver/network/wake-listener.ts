import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const SYNC = Buffer.alloc(6, 0xff);
const REPEATS = 16;

/** Whether a datagram holds the magic packet of a hardware address: six bytes 0xff, then the address sixteen times. */
export function isMagicPacket(datagram: Buffer, mac: string): boolean {
  const address = Buffer.from(mac.replaceAll(':', ''), 'hex');
  const wanted = Buffer.concat([SYNC, ...Array.from({ length: REPEATS }, () => address)]);
  return datagram.includes(wanted);
}

/** What is left awake of a box in deep standby: its network card. */
export class WakeListener {
  readonly #socket: Socket;

  constructor(mac: string, onWake: () => void) {
    this.#socket = createSocket('udp4', (datagram) => {
      if (isMagicPacket(datagram, mac)) onWake();
    });
  }

  async listen(host: string, port: number): Promise<number> {
    this.#socket.bind(port, host);
    await once(this.#socket, 'listening');
    return this.#socket.address().port;
  }

  close(): void {
    this.#socket.close();
  }
}
