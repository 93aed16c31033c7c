import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { PACKET_SIZE } from '#shared/mpegts/packet.ts';
import type { PlayableLoop } from '../playout/playable-loop.ts';

export interface UdpSenderOptions {
  readonly host: string;
  readonly port: number;
  readonly loop: Promise<PlayableLoop>;
  readonly clock: () => number;
  readonly startPcr: number;
}

/** What fits an Ethernet frame. */
const PACKETS_PER_DATAGRAM = 7;
const TICK_MS = 20;
/** After a pause the rest comes with the next ticks: a burst would overrun the reader's buffer. */
const MAX_DATAGRAMS_PER_TICK = 20;

const isMulticast = (host: string): boolean => isIPv4(host) && (Number(host.split('.')[0]) & 0xf0) === 0xe0;

/** Sends one service as datagrams, to whomever it reaches, for ever. */
export class UdpSender {
  readonly #options: UdpSenderOptions;
  readonly #socket: Socket = createSocket('udp4');
  #timer: NodeJS.Timeout | null = null;

  constructor(options: UdpSenderOptions) {
    this.#options = options;
  }

  get url(): string {
    const { host, port } = this.#options;
    return `udp://${isMulticast(host) ? '@' : ''}${host}:${port}`;
  }

  /** @param from address of the interface to send on */
  async start(from: string): Promise<void> {
    const { host, port, clock, startPcr } = this.#options;
    const loop = await this.#options.loop;
    this.#socket.bind(0, from);
    await once(this.#socket, 'listening');
    if (isMulticast(host)) this.#socket.setMulticastInterface(from);
    this.#socket.on('error', () => undefined); // nobody there, no route: datagrams are lost without a word
    let position = loop.positionAt(clock());
    this.#timer = setInterval(() => {
      const now = loop.positionAt(clock());
      for (let sent = 0; sent < MAX_DATAGRAMS_PER_TICK && now - position >= PACKETS_PER_DATAGRAM; sent++) {
        const packets = loop.read(position, position + PACKETS_PER_DATAGRAM, startPcr, Date.now() / 1000);
        this.#socket.send(packets, 0, PACKETS_PER_DATAGRAM * PACKET_SIZE, port, host, () => undefined);
        position += PACKETS_PER_DATAGRAM;
      }
    }, TICK_MS);
  }

  close(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#socket.close();
  }
}
