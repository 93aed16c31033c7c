import type { Socket } from 'node:net';
import type { PlayableLoop } from '../playout/playable-loop.ts';

export interface PlayerOptions {
  readonly loop: PlayableLoop;
  readonly socket: Socket;
  /** Ticks of 27 MHz since the broadcast began, now. */
  readonly clock: () => number;
  /** PCR at the beginning of the broadcast; a multiple of 300. */
  readonly startPcr: number;
  /** False: as fast as the socket takes it. */
  readonly paced: boolean;
  /** A reader that takes nothing for so long is dropped. */
  readonly stallMs: number;
  /** Damages packets before they leave. */
  readonly damage: ((packets: Buffer) => Buffer) | null;
  /** Closes the connection after so many bytes; null never. */
  readonly dropAfterBytes: number | null;
}

const TICK_MS = 20;
/** The box's send buffer; what does not fit is lost, as on the box. */
const MAX_UNSENT = 1024 * 1024;
/** Packets that an unpaced player sends at once. */
const UNPACED_PACKETS = 2_000;

/** Sends one service to one reader, from where the broadcast is now. */
export class Player {
  readonly #options: PlayerOptions;
  #position: number;
  #sentBytes = 0;
  #timer: NodeJS.Timeout | null = null;
  #blockedSince: number | null = null;

  constructor(options: PlayerOptions) {
    this.#options = options;
    this.#position = options.loop.positionAt(options.clock());
    options.socket.once('close', () => this.stop());
    if (options.paced) this.#timer = setInterval(() => this.#tick(), TICK_MS);
    else {
      options.socket.on('drain', () => this.#pour());
      this.#pour();
    }
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }

  #tick(): void {
    const { socket, loop, clock, stallMs } = this.#options;
    const to = loop.positionAt(clock());
    if (socket.writableNeedDrain) {
      this.#blockedSince ??= performance.now();
      if (performance.now() - this.#blockedSince > stallMs) {
        socket.destroy();
        return;
      }
    } else this.#blockedSince = null;
    if (socket.writableLength < MAX_UNSENT) this.#send(this.#position, to);
    this.#position = to;
  }

  #pour(): void {
    while (!this.#options.socket.destroyed) {
      const to = this.#position + UNPACED_PACKETS;
      const goOn = this.#send(this.#position, to);
      this.#position = to;
      if (!goOn) return;
    }
  }

  /** False when the socket wants to drain first. */
  #send(from: number, to: number): boolean {
    const { socket, loop, startPcr, damage, dropAfterBytes } = this.#options;
    if (to <= from || socket.destroyed) return true;
    const packets = loop.read(from, to, startPcr, Date.now() / 1000);
    const bytes = damage === null ? packets : damage(packets);
    this.#sentBytes += bytes.length;
    const goOn = socket.write(bytes);
    if (dropAfterBytes !== null && this.#sentBytes >= dropAfterBytes) socket.destroySoon();
    return goOn;
  }
}

/** Where the broadcast begins so that its PCR is a multiple of the loop: any tick count below the wrap will do. */
export function alignedStartPcr(pcr: number): number {
  return Math.floor(pcr / 300) * 300;
}
